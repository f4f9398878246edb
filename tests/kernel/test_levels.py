"""What users without privileges get at levels of kernel.perf_event_paranoid: needs root, and puts the level back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pconc_tui.kernel.perf_event import KERNEL, KERNEL_SAMPLED, paranoid_level
from tests.support import interpreters

LEVEL = Path("/proc/sys/kernel/perf_event_paranoid")
ROOT = Path(__file__).parents[2]
AS_USER = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "PYTHONDONTWRITEBYTECODE=1")


@contextmanager
def level(wanted: int) -> Iterator[None]:
    """At this level; other tests that need one wait, since they would put back what this one has set."""
    with LEVEL.open() as locked:
        flock(locked, LOCK_EX)
        before = LEVEL.read_text()
        if int(before) != wanted:
            LEVEL.write_text(f"{wanted}\n")
        try:
            yield
        finally:
            if LEVEL.read_text() != before:
                LEVEL.write_text(before)


@cache
def python_for_all() -> str | None:
    """An interpreter that another user can run, new enough for the app."""
    for version, python in interpreters().items():
        if version in ("3.11", "3.12", "3.13", "3.14", "3.15"):
            command = [*AS_USER, python, "-c", "import pconc_tui.kernel.recorder, tests.kernel.observation"]
            if subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0:
                return python
    return None


def as_user() -> str:
    """`python_for_all`, where this process may become another user and set the level."""
    if os.geteuid() != 0 or not shutil.which("setpriv") or not os.access(LEVEL, os.W_OK) or paranoid_level() is None:
        pytest.skip("needs root, setpriv and scheduling records")
    python = python_for_all()
    if python is None:
        pytest.skip("needs a Python that another user can run")
    return python


def seen_by_user(wanted: int) -> dict[str, Any]:
    python = as_user()
    with level(wanted):
        command = [*AS_USER, python, "-m", "tests.kernel.as_user"]
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    result = json.loads(found.stdout)
    assert isinstance(result, dict)
    return result


def test_at_level_1_records_have_registers() -> None:
    found = seen_by_user(1)
    assert found["source"] == found["observed"] == KERNEL
    assert not found["reason"]
    assert {"RUNNING", "RELEASED", "GIL_WAIT"} <= set(found["states"])
    ours, theirs = found["handoffs"]
    assert abs(ours - theirs) <= 5 + theirs // 10


def test_at_level_2_times_are_exact_and_what_blocks_is_sampled() -> None:
    found = seen_by_user(2)
    assert found["source"] == found["observed"] == KERNEL_SAMPLED
    assert "kernel.perf_event_paranoid is 2" in found["reason"]
    assert any("sysctl kernel.perf_event_paranoid=1" in each for each in found["how"])
    assert {"RUNNING", "GIL_WAIT"} <= set(found["states"])
    assert 0.9 < found["running"] < 1.5  # The CPU clock leaves out what a host takes away.


RINGS = """
import os, resource, sys
from pconc_tui.kernel.recorder import Recorder
resource.setrlimit(resource.RLIMIT_MEMLOCK, (int(sys.argv[1]),) * 2)
recorder = Recorder(os.getpid())
print(*(ring.size_bytes for ring in recorder._rings.values()))
"""


@pytest.mark.parametrize("may_lock_bytes", [0, 64 << 10, 1 << 20])
def test_each_core_has_as_large_a_ring_where_a_user_may_lock_little(may_lock_bytes: int) -> None:
    python = as_user()
    with level(2):
        command = [*AS_USER, python, "-c", RINGS, str(may_lock_bytes)]
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert len(set(found.stdout.split())) == 1
