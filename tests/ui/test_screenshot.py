"""Saving what is on the screen."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.screenshot import save
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import until, with_app


def test_a_screenshot_goes_to_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("w")
        await until(pilot, lambda: list(tmp_path.glob("*.svg")))
        await until(pilot, lambda: any(str(tmp_path) in note.message for note in app._notifications))

    with_app(samples.THREADS, steps)
    (file,) = tmp_path.glob("*.svg")
    assert "Thread-4" in file.read_text(encoding="utf-8")


def test_screenshots_never_overwrite_each_other(tmp_path: Path) -> None:
    now = datetime(2026, 1, 2, 3, 4, 5)
    names = [save("<svg/>", now, tmp_path)[0].name for _ in range(3)]
    assert names == [f"pconc-tui-20260102-030405{end}.svg" for end in ("", "-1", "-2")]


def test_where_nothing_can_be_written_it_falls_back_and_says_so(tmp_path: Path) -> None:
    path, problem = save("<svg/>", datetime.now(), tmp_path / "missing")
    assert os.path.exists(path)
    assert "can't be written" in problem
    path.unlink()
