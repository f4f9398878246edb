"""Measuring the memory of a run's processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import psutil
import pytest

from pconc_tui.monitor import memory
from pconc_tui.monitor.memory import Memory, RunMemory, process_memory
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from tests.support import until

MIB = 2**20


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> dict[int, Memory]:
    """Memory by process id, in place of the system's; processes that are not in it do not exist."""
    known: dict[int, Memory] = {}

    monkeypatch.setattr(memory, "process_memory", known.get)
    return known


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_a_process_has_resident_and_proportional_size() -> None:
    found = process_memory(os.getpid())
    assert found is not None
    assert found.rss > MIB
    if sys.platform == "linux":
        assert found.pss is not None
        assert found.pss > MIB


def test_the_proportional_size_is_unknown_where_access_is_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(process: psutil.Process) -> None:
        raise psutil.AccessDenied(process.pid)

    monkeypatch.setattr(psutil.Process, "memory_full_info", deny)
    found = process_memory(os.getpid())
    assert found is not None
    assert found.rss > MIB
    assert found.pss is None


def test_a_process_that_has_ended_has_no_memory(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert process_memory(child.pid) is None, "it is a zombie"
    child.wait()
    assert process_memory(child.pid) is None


def test_the_sizes_of_all_processes_are_added(readings: dict[int, Memory]) -> None:
    readings.update({1: Memory(10, 5), 2: Memory(20, 8)})
    run = RunMemory()
    run.update({1: 0, 2: 0}, 0.5)
    assert run.total == (30, 13)


def test_the_latest_reading_counts(readings: dict[int, Memory]) -> None:
    run = RunMemory()
    for progress, rss in ((0.5, 10), (0.6, 11), (0.9, 12), (1.0, 13)):
        readings[1] = Memory(rss, rss)
        run.update({1: 0}, progress)
    assert run.total == (12, 12), "it was read at 50 and 85 %"


def test_a_run_that_was_over_before_the_first_reading_is_read_at_its_end(readings: dict[int, Memory]) -> None:
    readings[1] = Memory(10, 5)
    run = RunMemory()
    run.update({0: 0}, 0.0)
    run.update({1: 0}, 1.0)
    assert run.total == (10, 5)


def test_processes_that_ended_before_the_reading_have_the_size_that_they_published(readings: dict[int, Memory]) -> None:
    run = RunMemory()
    run.update({1: 10, 0: 0}, 0.1)
    readings[2] = Memory(20, 8)
    run.update({1: 10, 2: 15}, 1.0)
    assert run.total == (25, None)


def test_the_memory_of_a_process_that_was_never_read_is_unknown(readings: dict[int, Memory]) -> None:
    run = RunMemory()
    readings[1] = Memory(10, 5)
    run.update({1: 10, 2: 0}, 1.0)
    assert run.total is None


@pytest.mark.parametrize("model", ["threads", "processes", "asyncio", "thread-pool"])
def test_the_shortest_run_has_a_resident_size(model: str, open_monitor: Callable[..., Monitor]) -> None:
    monitor = open_monitor()
    monitor.measure(Request("cpu-bound", "calls", model, 4, 0.0001))
    result = until(monitor, lambda snapshot: snapshot.measurements).measurements[0]
    assert result.problem is None
    assert result.rss is not None
    assert result.rss > MIB
