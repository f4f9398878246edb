"""Firefox Profiler's own web pages in a headless browser: what they have read.

No package registry has the pages. PCONC_PROFILER_PAGES is the folder of those that were built from its source.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from tests.viewers.browser import Browser
from tests.viewers.firefox import Firefox
from tests.viewers.served import served

FOLDER = "PCONC_PROFILER_PAGES"
"""The environment variable with the pages' folder."""
_MARKERS = """window.profile.threads.map(({tid, markers}) => [String(tid), Array.from(
  markers.name, (name, at) => [window.profile.shared.stringArray[name], markers.startTime[at], markers.endTime[at]],
)])"""


class ProfilerPages:
    """A trace that the pages have opened."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    def markers(self) -> dict[str, list[tuple[str, float, float]]]:
        """Name, start and end in ms of the markers of each thread, by `process id:thread id`."""
        return dict(self.browser.evaluate(_MARKERS))


@contextmanager
def opened(pages: Path, trace: bytes, width: int = 1400, height: int = 700, view: str = "") -> Iterator[ProfilerPages]:
    """Firefox Profiler with this trace; `view`: what its address says of the view."""
    # The script of its first page reads all addresses.
    with served(pages, {"trace": trace}, page="/index.html") as here, Firefox(width, height) as browser:
        browser.open(f"{here}/from-url/{quote(f'{here}/trace', safe='')}/{view}")
        browser.until("document.querySelector('.tabBarTab') !== null")
        yield ProfilerPages(browser)
