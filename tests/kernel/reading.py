"""Reads records until what a test waits for has come."""

from __future__ import annotations

import time
from collections.abc import Callable

from pconc_tui.kernel.recorder import Recorder
from pconc_tui.kernel.records import Record, switches
from tests.support import LONG_S


def read_until(recorder: Recorder, condition: Callable[[list[Record]], object]) -> list[Record]:
    """All records until this holds of them."""
    records: list[Record] = []
    deadline = time.monotonic() + LONG_S
    while not condition(records):
        assert time.monotonic() < deadline
        time.sleep(0.005)
        records += switches(recorder.read())
    return records
