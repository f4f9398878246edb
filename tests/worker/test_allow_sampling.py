"""Where Yama restricts who may read a process, a sampled worker admits the monitor's children only."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from pconc_tui import experiments
from pconc_tui.experiments.user_function import read
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.block import SAMPLER
from pconc_tui.requests import Request
from pconc_tui.worker import sampled_worker
from pconc_tui.worker.sampled_worker import PR_SET_PTRACER, allow_sampling
from tests.support import ended, until


@pytest.mark.parametrize(("scope", "sampler", "calls"), [("1", 123, [123]), ("1", 0, []), ("0", 123, []), ("", 9, [])])
def test_only_the_sampler_may_read_the_process(
    scope: str, sampler: int, calls: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def prctl(option: int, pid: ctypes.c_ulong, *_: int) -> None:
        made.append((option, pid.value))

    if scope:
        (tmp_path / "scope").write_text(f"{scope}\n")
    monkeypatch.setattr(sampled_worker, "PTRACE_SCOPE", str(tmp_path / "scope"))
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(prctl=prctl))
    allow_sampling(sampler)
    assert made == [(PR_SET_PTRACER, pid) for pid in calls]


@pytest.mark.usefixtures("own_code")
def test_a_worker_knows_whose_child_its_sampler_is(shared_monitor: Callable[[str], Monitor]) -> None:
    monitor = shared_monitor(sys.executable)
    experiments.add(read("work.py:crunch", sys.executable))
    monitor.launch(Request("work.py:crunch", "crunch", "threads"))
    (lab,) = monitor._registry.labs.values()
    (worker,) = monitor._registry.workers.values()
    until(monitor, ended)
    assert lab.observer is not None
    assert worker.header[SAMPLER] == psutil.Process(lab.observer.pid).ppid() == os.getpid()
