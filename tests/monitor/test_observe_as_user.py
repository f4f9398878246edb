"""What a user without privileges sees of threads at the moment up to which all is known."""

from __future__ import annotations

import json
import os
import subprocess

from pconc_tui.protocol.lane_source import Source
from tests.kernel.test_levels import AS_USER, ROOT, as_user, level


def test_no_more_threads_run_at_once_than_there_are_cores() -> None:
    """Though what threads have just started to wait for is found by samples, which are later than the records."""
    python = as_user()
    with level(2):
        command = [*AS_USER, python, "-m", "tests.monitor.observe_as_user"]
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    result = json.loads(found.stdout)
    assert result["source"] == Source.KERNEL_SAMPLED.value
    assert max(result["running"]) <= (os.cpu_count() or 1), result["running"]
