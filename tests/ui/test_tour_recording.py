"""A tour's safety net: the recorded run of a step whose own does not bear its claims out, with real runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.pilot import Pilot

from pconc_tui.monitor.monitor import Monitor
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.recorder import Recorder
from pconc_tui.tours.library import read
from pconc_tui.tours.parse import parse
from pconc_tui.tours.walk import Phase
from pconc_tui.ui import tour_net
from pconc_tui.ui.app import PconcApp
from tests.ui.screens import messages, on_screen, shown, until

TOUR = """
title = "Two threads"
{recording}

[[step]]
title = "Before"
say = "Wait for it."

[[step]]
title = "Two threads, one GIL"
experiment = "cpu-bound"
workers = 2
scale = 0.1
do = "measure"
reveal = "{{busy}} cores busy"
claims = [{claim}]

[[step]]
title = "After"
say = "That was it."
"""
HOLDS, FAILS = '"busy < 50"', '"busy > 50"'


def take(path: Path, claim: str, steps: object, recorder: Recorder | None = None, net: str = "") -> None:
    """Take the tour with this claim on a real dashboard, until its second step has run; then do the steps."""
    path.write_text(TOUR.format(claim=claim, recording=f'recording = "{net}"' if net else ""))
    tour = read(path)

    async def run() -> None:
        app = PconcApp(Monitor, first=lambda app: app.take_tour(tour), recorder=recorder)
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: app.walk)
            await next_frame(pilot, app)
            await pilot.press("space")
            await until(pilot, lambda: app.walk and app.walk.phase is Phase.REVEALED)
            await steps(pilot, app)  # type: ignore[operator]

    asyncio.run(run())


async def next_frame(pilot: Pilot[None], app: PconcApp) -> None:
    """Wait for a snapshot: the first one of a step has its note in the recording."""
    shown_last = app._dashboard.latest
    await until(pilot, lambda: app._dashboard.latest is not shown_last)


async def to_the_end(pilot: Pilot[None], app: PconcApp) -> None:
    await pilot.press("space")
    await shown(pilot, app, "That was it.")
    await next_frame(pilot, app)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `talk.json.gz`, recorded on the tour."""
    made = tmp_path_factory.mktemp("tour")
    recorder = Recorder(str(made / "talk.json.gz"), False, "a tour")
    take(made / "home.toml", HOLDS, to_the_end, recorder)
    recorder.close()
    return made


def test_a_key_shows_the_recorded_run_and_the_tour_goes_on(folder: Path) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp) -> None:
        live = app._dashboard.latest.measurements
        await shown(pilot, app, "r shows a recorded run")
        await pilot.press("r")
        await shown(pilot, app, " RECORDED ")
        assert "this is not live" in on_screen(app)
        for keys in ("b", "b", "L", "escape", "tab"):
            await pilot.press(keys)
            await until(pilot, lambda: "RECORDED" in on_screen(app) or app._dashboard.state.blank)
        await pilot.press("end")
        await until(pilot, lambda: app._dashboard.latest.measurements)
        recorded = app._dashboard.latest.measurements
        assert recorded != live
        await pilot.press("t")
        await until(pilot, lambda: any("A recording is shown" in each for each in messages(app)))
        await pilot.press("r")
        await until(pilot, lambda: app._dashboard.latest.measurements == live)
        assert "RECORDED" not in on_screen(app)
        await pilot.press("r")
        await shown(pilot, app, " RECORDED ")
        await to_the_end(pilot, app)
        assert "RECORDED" not in on_screen(app)
        assert app._dashboard.latest.measurements == live

    take(folder / "talk.toml", FAILS, steps, net="talk.json.gz")


def test_it_is_not_offered_where_the_claims_hold_or_there_is_no_recording(folder: Path) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp) -> None:
        assert not tour_net.is_offered(app.walk)
        assert not app.check_action("tour_recorded", ())

    take(folder / "talk.toml", HOLDS, steps, net="talk.json.gz")
    take(folder / "talk.toml", FAILS, steps)


def test_a_recording_that_can_not_be_read_is_a_message(folder: Path) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp) -> None:
        await pilot.press("r")
        await until(pilot, lambda: any("can't read" in each for each in messages(app)))
        await to_the_end(pilot, app)

    take(folder / "talk.toml", FAILS, steps, net="gone.json.gz")


def test_the_part_of_a_step_is_found_by_its_note_or_by_what_runs(folder: Path, recorded_run: Path) -> None:
    text = TOUR.format(claim=FAILS, recording="")
    tour = parse(text, "talk.toml", "talk")
    recording = Recording.open(str(folder / "talk.json.gz"))
    notes = [each.time_ns for each in recording.marks if each.kind == "note"]
    assert len(notes) == len(tour.steps)
    found = tour_net.part_of(recording, tour, 1)
    assert notes[1] <= found.start_ns < found.end_ns == notes[2]
    recording.close()
    other = Recording.open(str(recorded_run))
    launched = next(each.time_ns for each in other.marks if each.kind == "launch")
    assert tour_net.part_of(other, tour, 1) == (max(other.began_ns, launched - tour_net.BEFORE_NS), other.ended_ns)
    other.close()


def test_paths_are_those_from_the_folder_of_the_tour() -> None:
    text = TOUR.format(claim=FAILS, recording='recording = "talk.json.gz"')
    text = text.replace('title = "After"', 'title = "After"\nrecording = "other/own.json.gz"')
    steps = parse(text, "tours/talk.toml", "talk").steps
    assert [each.recording for each in steps] == ["tours/talk.json.gz"] * 2 + ["tours/other/own.json.gz"]
    assert {each.recording for each in parse(TOUR.format(claim=FAILS, recording=""), "t.toml", "t").steps} == {""}
