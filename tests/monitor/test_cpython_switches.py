"""Reading CPython's own count of hand-offs, where processes can't be read."""

from __future__ import annotations

import os

import pytest

from pconc_tui.cpython import NotReadableError
from pconc_tui.monitor import cpython_switches


def test_a_process_that_can_not_be_read_twice_in_a_row_has_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int) -> None:
        raise NotReadableError(f"process {pid} may not be read")

    monkeypatch.setattr(cpython_switches, "Runtime", refuse)
    counts, here = cpython_switches.CPythonSwitches(), (os.getpid(), 0)
    counts.read({here}, 1)
    assert counts.problem(here) is None, "it may be exiting"
    counts.read({here}, 2)
    assert counts.count(here) is None
    assert counts.problem(here) == f"process {os.getpid()} may not be read"


def test_a_process_that_has_ended_has_no_problem() -> None:
    counts = cpython_switches.CPythonSwitches()
    counts.read({(2**22 + 1, 0)}, 1)
    assert counts.problem((2**22 + 1, 0)) is None
