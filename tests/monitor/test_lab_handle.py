"""What a lab's handle reports about the interpreter where its workers run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from types import SimpleNamespace

import pytest

from pconc_tui.monitor.lab_handle import LabHandle
from pconc_tui.monitor.lab_process import LabSpec
from pconc_tui.protocol import block


@pytest.fixture
def lab() -> Iterator[LabHandle]:
    with closing(LabHandle(LabSpec(sys.executable), None)) as made:
        yield made


def worker(**words: int) -> SimpleNamespace:
    """A worker whose slot has these header words."""
    header = [0] * block.HEADER_WORDS
    for name, value in words.items():
        header[getattr(block, name)] = value
    return SimpleNamespace(header=header)


def test_a_worker_without_a_transition_does_not_determine_whether_the_gil_is_enabled(lab: LabHandle) -> None:
    lab.update([worker(NATIVE_ID=1)])  # type: ignore[list-item]
    assert lab.snapshot().gil_enabled is None


def test_the_gil_is_enabled_where_a_started_worker_needs_one(lab: LabHandle) -> None:
    lab.update([worker(NATIVE_ID=1, GIL=1, HEAD=1)])  # type: ignore[list-item]
    assert lab.snapshot().gil_enabled


def test_the_switch_interval_in_force_is_the_one_that_a_worker_reports(lab: LabHandle) -> None:
    lab.update([worker(HEAD=1, SWITCH_INTERVAL=2_000_000)])  # type: ignore[list-item]
    assert lab.snapshot().switch_interval_s == 0.002
