"""CPython in an observed process, while it starts."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest

from pconc_tui.sampler.observed_interpreter import ObservedInterpreter

MS = 1_000_000

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_a_process_that_takes_long_to_start_is_tried_often_enough() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        interpreter = ObservedInterpreter(process.pid, (), 0)
        tried = [time_ms for time_ms in range(0, 20_000, 10) if interpreter.find(time_ms * MS)]
        assert interpreter.found is False
        assert max(later - earlier for earlier, later in pairwise(tried)) <= 500
        assert len(tried) < 60
        process.communicate()
