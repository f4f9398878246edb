"""A recording of a real run, made once for all tests; `tests/conftest.py` makes its fixture known."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from pconc_tui.commands.recorded_monitor import RecordedMonitor
from pconc_tui.recording.recorder import Recorder
from pconc_tui.requests import Request
from tests.support import running, until


@pytest.fixture(scope="session")
def recorded_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of a recording: two threads take turns for 4 s, then two more threads are measured."""
    path = tmp_path_factory.mktemp("recorded") / "run.json.gz"
    with closing(RecordedMonitor(Recorder(str(path), False, "a run for tests"))) as monitor:
        request = Request("cpu-bound", "calls", "threads", 2, 0.2)
        monitor.launch(request)
        monitor.launch(request)
        began_ns = until(monitor, running).now_ns
        until(monitor, lambda snapshot: snapshot.now_ns > began_ns + 4_000_000_000)
        monitor.measure(request)
        until(monitor, lambda snapshot: bool(snapshot.measurements))
    return path
