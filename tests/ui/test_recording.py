"""Recording on the dashboard: each snapshot with the settings, and the last minute by a key."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot

from pconc_tui.recording.reader import Recording
from pconc_tui.recording.recorder import Recorder
from pconc_tui.ui.app import PconcApp
from tests.recording.exact import in_one_piece
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import until, with_app


def test_the_key_saves_the_last_minute_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app.recorder = Recorder(None, True, "test")
        app.tick()
        controller.advance(100_000_000)
        await pilot.press("6")
        await until(pilot, lambda: app.settings.experiment_id != "cpu-bound")
        controller.advance(100_000_000)
        app.tick()
        await pilot.press("W")
        await until(pilot, lambda: list(tmp_path.glob("*.json.gz")))
        await until(pilot, lambda: any(str(tmp_path) in note.message for note in app._notifications))
        assert any("at most 16.0 MiB" in line for line in app.recording_lines())

    with_app(samples.THREADS, steps)
    (file,) = tmp_path.glob("pconc-tui-*.json.gz")
    with closing(Recording.open(str(file))) as recording:
        assert in_one_piece(recording.at(recording.began_ns)).workers == in_one_piece(samples.THREADS).workers
        first, last = (recording.settings(each)["launch"] for each in (recording.began_ns, recording.ended_ns))
        assert first != last
        assert last["experiment_id"] != "cpu-bound"


def test_a_full_disk_is_reported_once_and_all_else_goes_on() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app.recorder = Recorder("/dev/full", True, "test")
        for _ in range(3):
            controller.advance(2_000_000_000)
            app.tick()
        await until(pilot, lambda: app._notifications)
        (note,) = app._notifications
        assert note.message == "the recording has ended: /dev/full: No space left on device. All else goes on."
        await pilot.press("t")
        assert ("launch", "cpu-bound", "calls", "threads") in controller.requests

    with_app(samples.THREADS, steps)


def test_without_a_recorder_the_key_says_that_nothing_is_recorded() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("W")
        await until(pilot, lambda: any("Nothing is recorded" in note.message for note in app._notifications))

    with_app(samples.THREADS, steps)
