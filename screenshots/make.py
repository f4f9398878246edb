"""Makes the screenshots: the real app on real runs. `.venv/bin/python screenshots/make.py [NAME ...]`."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from pconc_tui.monitor.monitor import Monitor
from pconc_tui.snapshot import Snapshot
from pconc_tui.views.app import PconcApp

HERE = Path(__file__).parent
Scene = Callable[["Camera"], Awaitable[None]]


class Camera:
    """Drives the app and waits for what is to be seen."""

    def __init__(self, pilot: Pilot[None], monitor: Monitor) -> None:
        self._pilot = pilot
        self._monitor = monitor

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            await self._pilot.press(key)

    async def until(self, condition: Callable[[Snapshot], object], timeout_s: float = 120) -> None:
        """Wait until the picture fulfils the condition."""
        deadline = time.monotonic() + timeout_s
        while not condition(self._monitor.poll()):
            assert time.monotonic() < deadline, condition
            await self._pilot.pause(0.05)

    async def after(self, seconds: float) -> None:
        """Let the workers run for a while."""
        await self._pilot.pause(seconds)


async def threads(camera: Camera) -> None:
    await camera.press("m")
    await camera.until(lambda snapshot: len(snapshot.measurements) == 1)
    await camera.press("c", "t", "t", "t", "t")
    await camera.after(4)


async def processes(camera: Camera) -> None:
    await camera.press("d", "m")
    await camera.until(lambda snapshot: len(snapshot.measurements) == 1)
    await camera.press("c", "p", "p", "p", "p")
    await camera.after(4)


async def lost_updates(camera: Camera) -> None:
    await camera.press("6")
    for count in (1, 2, 3):
        await camera.press("m")
        await camera.until(lambda snapshot, count=count: len(snapshot.measurements) == count)  # type: ignore[misc]
        await camera.press("v")
    await camera.press("d", "m")
    await camera.until(lambda snapshot: len(snapshot.measurements) == 4)
    await camera.after(2)


async def projector(camera: Camera) -> None:
    await camera.press("b", "t", "t", "t", "t")
    await camera.after(4)


SCENES: dict[str, tuple[Scene, tuple[int, int]]] = {
    "threads": (threads, (160, 45)),
    "processes": (processes, (160, 45)),
    "lost-updates": (lost_updates, (160, 45)),
    "projector": (projector, (80, 24)),
}


async def make(name: str) -> None:
    """Play one scene and save its picture."""
    scene, size = SCENES[name]
    monitor = Monitor()
    app = PconcApp(lambda: monitor)
    async with app.run_test(size=size) as pilot:
        camera = Camera(pilot, monitor)
        await camera.until(lambda snapshot: snapshot.labs and snapshot.labs[0].state == "ready")
        await scene(camera)
        (HERE / f"{name}.svg").write_text(app.export_screenshot(title="pconc-tui"), encoding="utf-8")
    print(HERE / f"{name}.svg")


for wanted in sys.argv[1:] or SCENES:
    asyncio.run(make(wanted))
