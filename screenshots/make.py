"""Makes the screenshots with the real app and real runs: `.venv/bin/python screenshots/make.py [NAME ...]`."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import OptionList

from pconc_tui.monitor.monitor import Monitor
from pconc_tui.python_discovery import find
from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.app import PconcApp

HERE = Path(__file__).parent
SHOWN = ("3.11", "3.13t", "3.14")
"""The interpreters to choose from: few enough that a comparison of all fits the screen."""
Scene = Callable[["Camera"], Awaitable[None]]


class Camera:
    """Presses keys in the app, and waits for conditions."""

    def __init__(self, app: PconcApp, pilot: Pilot[None], monitor: Monitor) -> None:
        self._app = app
        self._pilot = pilot
        self._monitor = monitor

    async def search_done(self) -> None:
        """Wait until the search for interpreters has ended."""
        await self.until(lambda _: not self._app.searching)

    async def press(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            await self._pilot.press(key)

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


async def threads(camera: Camera) -> None:
    await camera.press("m")
    await camera.until(partial(has_measurements, 1))
    await camera.press("c", "t", "t", "t", "t")
    await camera.wait(4)


async def processes(camera: Camera) -> None:
    await camera.press("d", "m")
    await camera.until(partial(has_measurements, 1))
    await camera.press("c", "p", "p", "p", "p")
    await camera.wait(4)


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
    await camera.search_done()
    await camera.press("T", "down", "down", "enter", "space", "space")
    await camera.wait(1)


async def tour_reveal(camera: Camera) -> None:
    await tour_question(camera)
    await camera.press("2")
    await camera.until(partial(has_measurements, 1))
    await camera.wait(1)


SCENES: dict[str, tuple[Scene, tuple[int, int]]] = {
    "threads": (threads, (160, 45)),
    "processes": (processes, (160, 45)),
    "lost-updates": (lost_updates, (160, 45)),
    "projector": (projector, (80, 24)),
    "free-threaded": (free_threaded, (160, 45)),
    "convoy": (convoy, (160, 45)),
    "compare": (compare, (160, 45)),
    "tour-question": (tour_question, (80, 24)),
    "tour-reveal": (tour_reveal, (120, 38)),
}


async def make(name: str) -> None:
    """Play one scene and save the screen."""
    scene, size = SCENES[name]
    monitor = Monitor()
    app = PconcApp(lambda: monitor, lambda: [each for each in find() if each.short in SHOWN])
    async with app.run_test(size=size) as pilot:
        camera = Camera(app, pilot, monitor)
        await camera.until(lambda snapshot: snapshot.labs and snapshot.labs[0].state == "ready")
        await scene(camera)
        (HERE / f"{name}.svg").write_text(app.export_screenshot(title="pconc-tui"), encoding="utf-8")
    print(HERE / f"{name}.svg")


for wanted in sys.argv[1:] or SCENES:
    asyncio.run(make(wanted))
