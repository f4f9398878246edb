"""Progress without a terminal."""

from __future__ import annotations

import pytest

from pconc_tui.commands import headless
from pconc_tui.measurement import Progress


def test_progress_is_a_line_every_ten_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now_s = 100.0
    monkeypatch.setattr("pconc_tui.commands.headless.time.monotonic", lambda: now_s)
    report = headless.ProgressReport()
    for tenth in range(250):
        now_s = 100.0 + tenth / 10
        report.measurement(Progress("cpu-bound", "threads", "4 runs", tenth / 250), ())
    report.erase()
    assert capsys.readouterr().err.splitlines() == [
        "pconc-tui: cpu-bound threads: 4 runs, 40%",
        "pconc-tui: cpu-bound threads: 4 runs, 80%",
    ]
