"""How long a thread has waited for a core and why it left it, by the system's own clock."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest

from pconc_tui.worker.run_delay import RunDelay, RunDelayWithGil, run_delay_with_gil


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_thread_that_sleeps_has_blocked() -> None:
    clock = RunDelay()
    clock.switches()
    time.sleep(0.001)
    assert clock.switches().blocked


def queued_ns() -> int:
    """What the system says."""
    with open("/proc/thread-self/schedstat") as file:
        return int(file.read().split()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("kind", [RunDelay, RunDelayWithGil])
def test_the_queue_clock_grows_as_the_system_says(kind: type[RunDelay]) -> None:
    first_ns = queued_ns()
    clock = kind()
    assert clock.growth_ns() == 0
    while (growth_ns := clock.growth_ns()) == 0:
        time.sleep(0.001)  # After each the thread waits for a core, if only for a moment.
    assert 0 < growth_ns <= queued_ns() - first_ns


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_thread_that_loses_its_core_was_preempted() -> None:
    clock = RunDelay()
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as rival:
            clock.switches()
            while not clock.switches().preempted:
                pass
            rival.kill()
    finally:
        os.sched_setaffinity(0, cores)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_thread_has_one_clock_that_is_closed_where_it_ends() -> None:
    found: list[int] = []

    def run() -> None:
        clock = run_delay_with_gil()
        assert clock is not None
        assert clock is run_delay_with_gil()
        found.append(clock._fd)
        assert os.readlink(f"/proc/self/fd/{clock._fd}").endswith(f"task/{threading.get_native_id()}/schedstat")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    with suppress(OSError):  # Another file may have got its number.
        assert "schedstat" not in os.readlink(f"/proc/self/fd/{found[0]}")
    assert run_delay_with_gil() is not None
