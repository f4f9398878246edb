"""Firefox Profiler's own web pages in a headless browser: what they have read.

No package registry has the pages. PCONC_PROFILER_PAGES is the folder of those that were built from its source.
"""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.viewers.browser import Browser
from tests.viewers.firefox import Firefox

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
    handler = functools.partial(_Handler, trace, directory=str(pages))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, Firefox(width, height) as browser:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            here = f"http://127.0.0.1:{server.server_port}"
            browser.open(f"{here}/from-url/{quote(f'{here}/trace', safe='')}/{view}")
            browser.until("document.querySelector('.tabBarTab') !== null")
            yield ProfilerPages(browser)
        finally:
            server.shutdown()


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the pages, the trace, and for all other addresses the first page, whose script reads them."""

    def __init__(self, trace: bytes, *arguments: Any, **options: Any) -> None:
        self._trace = trace
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        if self.path == "/trace":
            self.send_response(200)
            self.send_header("Content-Length", str(len(self._trace)))
            self.end_headers()
            self.wfile.write(self._trace)
            return
        if not Path(self.translate_path(self.path)).is_file():
            self.path = "/index.html"
        super().do_GET()

    def log_message(self, format: str, *arguments: Any) -> None:
        pass
