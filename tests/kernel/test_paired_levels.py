"""One run, recorded twice: without registers as an unprivileged user gets it, and with them as root does."""

from __future__ import annotations

import os
import shutil

import pytest

from pconc_tui.kernel.perf_event import paranoid_level
from pconc_tui.protocol.lane_source import Source
from tests.bench.functions import STATES, functions, observe
from tests.kernel.test_levels import LEVEL, level, python_for_all


@pytest.mark.parametrize("name", ["pure_python", "long_sleeps"])
def test_lanes_without_registers_are_nearly_those_with_them(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0 or not shutil.which("setpriv") or not os.access(LEVEL, os.W_OK) or paranoid_level() is None:
        pytest.skip("needs root, setpriv and scheduling records")
    python = python_for_all()
    if python is None:
        pytest.skip("needs a Python that another user can run")
    monkeypatch.setenv("PCONC_SECONDS", "1.5")
    with level(2):
        found, by_records = observe(python, python, functions()[name], name, "user")
    workers = [each for each in found["workers"] if not each["is_helper"]]
    assert found["endings"] == ["done"]
    assert {worker["source"] for worker in workers} == {Source.KERNEL_SAMPLED}
    wall_s = sum(sum(worker[state] for state in STATES) for worker in workers)
    own, root = (
        {state: sum(times[state] for times in each) / wall_s for state in STATES}
        for each in (workers, [by_records[worker["tid"]] for worker in workers])
    )
    # Both show when threads have a core. Lanes end as long as CPU clocks say, which leave out what a host takes away;
    # root's records have that. On a loaded machine few samples show what the others wait for.
    least, most = sorted((root["running"], sum(worker["cpu_s"] for worker in workers) / wall_s))
    assert least - 0.01 < own["running"] < most + 0.01
    assert own["gil_wait"] + own["core_wait"] == pytest.approx(root["gil_wait"] + root["core_wait"], abs=0.1)
    assert own["lock_wait"] < 0.1
