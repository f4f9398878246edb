"""A recording of a real run, made once for all tests; `tests/conftest.py` makes its fixture known."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from pconc_tui.monitor.monitor import Monitor
from pconc_tui.recording.recorder import Recorder
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from tests.support import running, until


class RecordedMonitor(Monitor):
    """Records what it polls."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.recorder = Recorder(str(path), False, "a run for tests")

    def poll(self) -> Snapshot:
        snapshot = super().poll()
        self.recorder.add(snapshot)
        return snapshot


@pytest.fixture(scope="session")
def recorded_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of a recording: two threads take turns for 4 s, then two more threads are measured."""
    path = tmp_path_factory.mktemp("recorded") / "run.json.gz"
    with closing(RecordedMonitor(path)) as monitor:
        request = Request("cpu-bound", "calls", "threads", 2, 0.2)
        monitor.launch(request)
        monitor.launch(request)
        began_ns = until(monitor, running).now_ns
        until(monitor, lambda snapshot: snapshot.now_ns > began_ns + 4_000_000_000)
        monitor.measure(request)
        until(monitor, lambda snapshot: bool(snapshot.measurements))
        monitor.recorder.close()
    return path
