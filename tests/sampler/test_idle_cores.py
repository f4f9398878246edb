"""How long the machine's cores have been idle, as the system counts it."""

from __future__ import annotations

import os
import time

from pconc_tui.sampler.idle_cores import IdleCores


def test_idle_time_is_that_of_all_cores_since_the_start_until_it_is_closed() -> None:
    idle = IdleCores()
    first_ns = idle.ns()
    assert 0 < first_ns <= (os.cpu_count() or 1) * time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    assert idle.ns() >= first_ns
    idle.close()
    assert idle.ns() == 0
