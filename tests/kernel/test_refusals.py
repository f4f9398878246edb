"""Where the kernel refuses scheduling records: what is said, once each, and that watching goes on."""

from __future__ import annotations

import errno
import json
import subprocess
import sys

import pytest

from pconc_tui.kernel.perf_event import KERNEL_SAMPLED, explained, paranoid_level
from tests.watched import BUSY, program

SYSCTL, DOCKER = "sysctl kernel.perf_event_paranoid=1", "docker run --cap-add PERFMON"


@pytest.mark.parametrize(
    ("source", "error", "level", "reason", "first", "containers"),
    [
        (KERNEL_SAMPLED, errno.EACCES, 2, "kernel.perf_event_paranoid is 2", SYSCTL, True),
        (None, errno.EACCES, 3, "kernel.perf_event_paranoid is 3", SYSCTL, True),
        (None, errno.EACCES, 4, "kernel.perf_event_paranoid is 4", SYSCTL, True),
        # No level below 3 refuses the times: something else does.
        (None, errno.EPERM, 2, "filter refuses perf_event_open", DOCKER, True),
        (None, errno.EPERM, -1, "filter refuses perf_event_open", DOCKER, True),
        (None, errno.ENOSYS, 3, "filter refuses perf_event_open", DOCKER, True),
        (None, errno.ENOSYS, None, "this system has no perf_event_open", "", False),
        (None, errno.EMFILE, 1, "Too many open files", "", False),
    ],
)
def test_what_is_in_the_way(
    source: str | None, error: int, level: int | None, reason: str, first: str, containers: bool
) -> None:
    found = explained(source, error, level, "x86_64")
    assert found.source == source
    assert reason in found.reason
    assert first in "".join(found.how[:1])
    assert any(DOCKER in each for each in found.how) is containers


@pytest.mark.parametrize("error", [errno.EPERM, errno.ENOSYS])
def test_a_filter_is_named_once_and_the_program_is_sampled(error: int) -> None:
    if paranoid_level() is None:
        pytest.skip("needs a kernel with scheduling records")
    refused = [sys.executable, "-m", "tests.kernel.refusal", str(error), sys.executable, "-m", "pconc_tui"]
    with program(BUSY) as process:
        command = [*refused, "watch", str(process.pid), "--seconds", "2"]
        done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "lanes: sampled" in done.stdout
    assert done.stdout.count("filter refuses perf_event_open") == 1
    assert done.stdout.count("docker run --cap-add PERFMON") == 1
    doctor = subprocess.run([*refused, "doctor", "--json"], capture_output=True, text=True, check=True)
    by_name = {each["name"]: each for each in json.loads(doctor.stdout)["checks"]}
    assert not by_name["scheduling records"]["ok"]
    assert "filter" in by_name["scheduling records"]["found"]
    assert "sysctl" not in by_name["scheduling records"]["advice"]
