"""Saving what is on the screen."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from pconc_tui.recording.recorder import Recorder
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.held_key import HeldKey
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


def test_a_key_that_is_held_down_saves_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app.recorder = Recorder(None, True, "test")
        app.tick()
        await pilot.press(*"w" * 20, *"W" * 20)
        await until(pilot, lambda: list(tmp_path.glob("*.json.gz")))

    with_app(samples.THREADS, steps)
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".gz", ".svg"]


def test_a_key_that_is_pressed_again_later_is_no_repeat() -> None:
    times_s = iter((10.0, 10.5, 11.2, 12.1, 20.0, 25.0, 25.1))
    key = HeldKey(lambda: next(times_s))
    assert [key.is_repeat() for _ in range(5)] == [False, True, True, True, False]
    key.handled()  # It took 5 s, in which repeats have been waiting.
    assert key.is_repeat()


def test_screenshots_never_overwrite_each_other(tmp_path: Path) -> None:
    now = datetime(2026, 1, 2, 3, 4, 5)
    names = [save("<svg/>", now, tmp_path)[0].name for _ in range(3)]
    assert names == [f"pconc-tui-20260102-030405{end}.svg" for end in ("", "-1", "-2")]


def test_where_nothing_can_be_written_it_falls_back_and_says_so(tmp_path: Path) -> None:
    path, problem = save("<svg/>", datetime.now(), tmp_path / "missing")
    assert os.path.exists(path)
    assert "can't be written" in problem
    path.unlink()
