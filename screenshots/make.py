"""Makes the screenshots with the real app and real runs: `.venv/bin/python screenshots/make.py [NAME ...]`.

Without a name it makes all of them. `--png FOLDER` makes a picture of each there with a headless Chromium too.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import OptionList

from pconc_tui import experiments
from pconc_tui.commands.recorded_monitor import RecordedMonitor
from pconc_tui.experiments.user_function import read
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.presenter.client import NotesClient
from pconc_tui.python_discovery import find
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.recorder import Recorder
from pconc_tui.snapshot import Snapshot
from pconc_tui.tours import library
from pconc_tui.tours.walk import Phase
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.notes_app import NotesApp
from pconc_tui.ui.recording_pictures import View, moving_picture

HERE = Path(__file__).resolve().parent
SHOWN = ("3.11", "3.13t", "3.14")
"""The interpreters to choose from: few enough that a comparison of all fits the screen."""
OWN = "def crunch():\n    return sum(number * number for number in range(3_000_000))\n"
"""A person's own function."""
PROJECTOR, SMALL = (120, 35), (80, 24)
Scene = Callable[["Camera"], Awaitable[None]]


class Camera:
    """Presses keys in the app, and waits for conditions."""

    def __init__(self, app: PconcApp, pilot: Pilot[None], monitor: Monitor) -> None:
        self._app = app
        self._pilot = pilot
        self._monitor = monitor
        self.picture = ""
        """The screenshot; empty: that of the app."""

    async def search_done(self) -> None:
        """Wait until the search for interpreters has ended."""
        await self.until(lambda _: not self._app.searching)

    async def press(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            await self._pilot.press(key)

    async def choose_experiment(self, id: str) -> None:
        """Choose an experiment."""
        self._app._change_settings(lambda settings: settings.with_experiment(id))
        await self._pilot.pause()

    async def take_tour(self, name: str, step: int) -> None:
        """Take a tour from this step on, counted from 1."""
        await self.search_done()
        self._app.take_tour(library.load(name))
        assert self._app.walk is not None
        self._app.go(self._app.walk.at(step - 1))

    async def phase(self, phase: Phase) -> None:
        """Wait until the tour's step is in this phase."""
        await self.until(lambda _: self._app.walk and self._app.walk.phase is phase)

    async def choose_interpreter(self, name: str) -> None:
        """Choose an interpreter from the list."""
        await self.search_done()
        await self.press("i")
        await self._pilot.pause()
        options = self._app.screen.query_one(OptionList)
        options.highlighted = next(at for at, each in enumerate(options.options) if name in str(each.prompt))
        await self.press("enter")

    async def until(self, condition: Callable[[Snapshot], object], timeout_s: float = 600) -> None:
        """Wait until a snapshot meets the condition."""
        deadline = time.monotonic() + timeout_s
        while not condition(self._monitor.poll()):
            assert time.monotonic() < deadline, condition
            await self._pilot.pause(0.05)

    async def wait(self, seconds: float) -> None:
        """Let the workers run for a while."""
        await self._pilot.pause(seconds)


def has_measurements(count: int, snapshot: Snapshot) -> bool:
    """Whether this many measurements have been completed."""
    return len(snapshot.measurements) == count


async def processes(camera: Camera) -> None:
    await camera.press("d", "m")
    await camera.until(partial(has_measurements, 1))
    await camera.press("c", "p", "p", "p", "p")
    await camera.wait(4)


async def turns(camera: Camera) -> None:
    """Four threads that take turns, then four processes: a moving picture."""
    await camera.press("t", "t", "t", "t")
    await camera.wait(6)
    await camera.press("S")
    await camera.until(lambda snapshot: all(worker.ending for worker in snapshot.workers))
    await camera.press("c", "p", "p", "p", "p")
    await camera.wait(6.5)


async def lost_updates(camera: Camera) -> None:
    await camera.press("6")
    for count in (1, 2, 3):
        await camera.press("m")
        await camera.until(partial(has_measurements, count))
        await camera.press("v")
    await camera.press("d", "m")
    await camera.until(partial(has_measurements, 4))
    await camera.wait(2)


async def projector(camera: Camera) -> None:
    await camera.press("b", "t", "t", "t", "t")
    await camera.wait(4)


async def free_threaded(camera: Camera) -> None:
    await camera.press("t", "t")
    await camera.choose_interpreter("3.13t")
    await camera.press("t", "t")
    await camera.until(lambda snapshot: len(snapshot.labs) == 2 and snapshot.labs[1].state == "ready")
    await camera.wait(4)


async def convoy(camera: Camera) -> None:
    await camera.press("7", "t")
    await camera.wait(4)
    await camera.press("t", "t")
    await camera.wait(6)


async def compare(camera: Camera) -> None:
    await camera.search_done()
    await camera.press("r", "end", "up", "space", "enter")
    await camera.until(lambda snapshot: snapshot.comparison and snapshot.comparison.current is None)
    await camera.wait(1)


async def tour_question(camera: Camera) -> None:
    await camera.take_tour("convoy", 2)
    await camera.press("space")
    await camera.phase(Phase.ASKED)
    await camera.wait(1)


async def tour_reveal(camera: Camera) -> None:
    await tour_question(camera)
    await camera.press("2")
    await camera.phase(Phase.REVEALED)
    await camera.wait(1)


async def presenter_notes(camera: Camera) -> None:
    """The same step in the presenter's terminal, whose screenshot is made here."""
    await tour_reveal(camera)
    notes = NotesApp(NotesClient(time.monotonic))
    async with notes.run_test(size=SMALL) as pilot:
        await camera.until(lambda _: notes._client.page)
        await pilot.pause(1)
        camera.picture = notes.export_screenshot(title="pconc-tui notes")


async def in_projector(scene: Scene, camera: Camera) -> None:
    await camera.press("b")
    await scene(camera)


async def result_in_projector(id: str, camera: Camera) -> None:
    """The result of an experiment."""
    await camera.press("b")
    await camera.choose_experiment(id)
    await camera.press("m")
    await camera.until(partial(has_measurements, 1))
    await camera.wait(1)


async def own_in_projector(camera: Camera) -> None:
    """The result of a person's own function."""
    Path("work.py").write_text(OWN, encoding="utf-8")
    found = read("work.py:crunch", sys.executable)
    experiments.add(found)
    await result_in_projector(found.id, camera)


SCENES: dict[str, tuple[Scene, tuple[int, int]]] = {
    "processes": (processes, (160, 45)),
    "lost-updates": (lost_updates, (160, 45)),
    "projector": (projector, SMALL),
    "free-threaded": (free_threaded, (160, 45)),
    "convoy": (convoy, (160, 45)),
    "compare": (compare, (160, 45)),
    "tour-question": (tour_question, SMALL),
    "tour-reveal": (tour_reveal, (120, 38)),
    "presenter-notes": (presenter_notes, (120, 38)),
    "projector-tour-question": (partial(in_projector, tour_question), PROJECTOR),
    "projector-tour-reveal": (partial(in_projector, tour_reveal), PROJECTOR),
    **{f"projector-{id}": (partial(result_in_projector, id), PROJECTOR) for id in experiments.ids()},
    "projector-own-function": (own_in_projector, PROJECTOR),
}
MOVING: dict[str, tuple[Scene, tuple[int, int]]] = {"turns": (turns, (120, 32))}
"""Scenes that are recorded and exported as moving pictures."""


async def make_moving(name: str) -> Path:
    """Play one scene, record it, and save it as a moving picture."""
    scene, size = MOVING[name]
    path = HERE / f"{name}.svg"
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "recording.json.gz")
        monitor = RecordedMonitor(Recorder(file, False, "screenshots"))
        app = PconcApp(lambda: monitor)
        async with app.run_test(size=size) as pilot:
            camera = Camera(app, pilot, monitor)
            await camera.until(lambda snapshot: snapshot.labs and snapshot.labs[0].state == "ready")
            began_ns = monitor.poll().now_ns
            await scene(camera)
        with closing(Recording.open(file)) as recording:
            view = View(size)
            picture = await asyncio.to_thread(moving_picture, recording, began_ns, recording.ended_ns, 1, view)
    path.write_text(picture, encoding="utf-8")
    print(path, flush=True)
    return path


async def make(name: str) -> Path:
    """Play one scene and save the screen."""
    scene, size = SCENES[name]
    monitor = Monitor()
    app = PconcApp(lambda: monitor, lambda: [each for each in find() if each.short in SHOWN])
    async with app.run_test(size=size) as pilot:
        camera = Camera(app, pilot, monitor)
        await camera.until(lambda snapshot: snapshot.labs and snapshot.labs[0].state == "ready")
        await scene(camera)
        path = HERE / f"{name}.svg"
        path.write_text(camera.picture or app.export_screenshot(title="pconc-tui"), encoding="utf-8")
    print(path, flush=True)
    return path


def make_png(svg: Path, folder: Path) -> None:
    """A picture of the screenshot, as a browser shows it."""
    found = re.search(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"', svg.read_text(encoding="utf-8"))
    assert found is not None
    size = f"--window-size={float(found[1]):.0f},{float(found[2]):.0f}"
    picture = f"--screenshot={folder / svg.with_suffix('.png').name}"
    browser = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    subprocess.run([*browser, size, picture, svg.as_uri()], check=True, capture_output=True, timeout=120)


def main() -> None:
    """Make the screenshots that are named, or all."""
    parser = argparse.ArgumentParser()
    names = [*MOVING, *SCENES]
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[[], *names], help=f"one of {', '.join(names)}")
    parser.add_argument("--png", type=Path, metavar="FOLDER", help="make a picture of each there too")
    arguments = parser.parse_args()
    pictures = arguments.png and arguments.png.resolve()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # Labs find the person's own function in the current one.
        os.environ["XDG_RUNTIME_DIR"] = folder  # No other tour is taken there.
        for name in arguments.names or names:
            svg = asyncio.run(make_moving(name) if name in MOVING else make(name))
            if pictures:
                make_png(svg, pictures)


if __name__ == "__main__":
    main()
