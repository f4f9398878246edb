"""For how much of the time threads are said to hold the GIL, beside what reading it at random finds."""

from __future__ import annotations

import sys
from contextlib import closing
from statistics import fmean

import pytest

from pconc_tui.cpython import Runtime
from pconc_tui.snapshot import Snapshot
from tests.watched import BUSY, GROUPS, until, watched

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.parametrize("code", [BUSY, GROUPS])
def test_the_gil_is_held_for_as_much_of_the_time_as_it_is_found_held(code: str) -> None:
    found: list[bool] = []
    with watched(code) as (watch, process), closing(Runtime(process.pid)) as runtime:
        until(watch, lambda now: sum(each.native_id is not None for each in now.workers) >= 5)

        def held_s(snapshot: Snapshot) -> float:
            return sum(each.thread.held_s for each in snapshot.workers if each.thread is not None)

        first = watch.poll()

        def read(_: Snapshot) -> bool:
            found.append(runtime.main_hold() is not None)
            return len(found) >= 150

        last = until(watch, read)
    share = (held_s(last) - held_s(first)) * 1e9 / (last.now_ns - first.now_ns)
    # Both come from some dozens of samples. Records alone say 0.76 where the GIL is held for 0.28 of the time.
    assert share == pytest.approx(fmean(found), abs=0.3)
