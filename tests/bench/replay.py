"""Replay of ten minutes of 16 workers at 160x45: time to the first picture, seeks, and memory and CPU as it plays."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import psutil
from textual.pilot import Pilot

from pconc_tui.recording.player import SPEEDS
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.recorder import Recorder
from pconc_tui.recording.replay import Replay
from pconc_tui.ui.app import PconcApp
from tests.bench.figures import Figure, spread
from tests.bench.terminal import PROGRAM, Terminal
from tests.recording.made_snapshots import made_snapshots

NORMAL = SPEEDS.index(1)


class Extent(NamedTuple):
    """How much is measured."""

    minutes: float
    workers: int
    seeks: int
    play_s: float
    """At each speed."""


FULL, SMOKE = Extent(10, 16, 60, 12), Extent(0.05, 2, 2, 0.1)


def figures(extent: Extent) -> Iterator[Figure]:
    """The recording is made first, which takes a minute."""
    with tempfile.TemporaryDirectory(prefix="pconc-test-") as folder:
        path = Path(folder) / "long.json.gz"
        recorder = Recorder(str(path), False, "a benchmark")
        for snapshot in made_snapshots(extent.workers, 60 * extent.minutes):
            recorder.add(snapshot)
        recorder.close()
        size = f"{path.stat().st_size / 2**20:.1f} MiB"
        opened = [_first_picture(path) for _ in range(3)]
        wall_s, cpu_s = map(statistics.median, zip(*opened, strict=True))
        yield Figure("first picture", f"{wall_s:.2f} s", "<= 2 s", f"{cpu_s:.2f} s of CPU; {size}; medians of 3")
        seeks = asyncio.run(_seeks(path, extent.seeks))
        for what, index in (("wall time", 0), ("CPU time", 1)):
            times = [each[index] for each in seeks]
            remark = f"worst of {len(times)}; middle half {spread([1000 * each for each in times])} ms"
            yield Figure(f"seek to a random time, {what}", f"{max(times):.3f} s", "<= 0.3 s", remark)
        yield from _played(path, extent.play_s)


def _first_picture(path: Path) -> tuple[float, float]:
    """Seconds and CPU seconds from the start of the process to the bar."""
    with Terminal([*PROGRAM, "replay", str(path)]) as terminal:
        return terminal.wait("RECORDED") - terminal.started, terminal.cpu_s()


async def _seeks(path: Path, count: int) -> list[tuple[float, float]]:
    """Seconds and CPU seconds of each: from the key to the drawn lines."""
    replay, random, found = Replay(Recording.open(str(path)), lambda: 0), Random(1), []
    app = PconcApp(lambda: replay, first=lambda app: app.show_recording(replay))
    async with app.run_test(size=(160, 45)) as pilot:
        await _shown(pilot, app)
        for _ in range(count):
            time_ns = random.randrange(replay.recording.began_ns, replay.recording.ended_ns)
            began_s, began_cpu_s = time.perf_counter(), time.process_time()
            app._move(lambda player, to=time_ns: player.sought(to))  # type: ignore[misc]
            found.append((time.perf_counter() - began_s, time.process_time() - began_cpu_s))
    return found


async def _shown(pilot: Pilot[None], app: PconcApp) -> None:
    while app._dashboard.state.replay is None:
        await pilot.pause(0.01)


def _played(path: Path, seconds: float) -> Iterator[Figure]:
    """Memory and CPU of the program in a terminal, at one speed after another."""
    with Terminal([*PROGRAM, "replay", str(path)]) as terminal:
        terminal.wait("RECORDED")
        process = psutil.Process(terminal.pid)
        terminal.press(">" * NORMAL)
        for speed in (16, 1, 0.1, 0.001):
            here = terminal.here()
            index = min(range(len(SPEEDS)), key=lambda each: abs(float(SPEEDS[each]) - speed))
            terminal.press("<" * len(SPEEDS) + ">" * index)
            terminal.wait(f"speed {SPEEDS[index]}", here)
            cpu_s, before = terminal.cpu_s(), process.memory_info().rss
            time.sleep(seconds)
            cpu = (terminal.cpu_s() - cpu_s) / seconds
            rss = process.memory_info().rss
            grown = f"{(rss - before) / 2**20:+.1f} MiB in {seconds:g} s; CPU {100 * cpu:.0f} % of a core"
            yield Figure(f"memory at speed {SPEEDS[index]}", f"{rss / 2**20:.0f} MiB", "<= 300 MiB", grown)
