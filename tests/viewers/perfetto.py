"""Perfetto's own web pages and trace processor in a headless Chromium, asked in SQL what they have read."""

from __future__ import annotations

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.viewers.chromium import Chromium

_QUERY = """(async () => {
  const result = await app.trace.engine.query(%s);
  const columns = result.columns(), rows = [];
  const plain = value => typeof value === 'bigint' ? Number(value) : value;
  for (const row = result.iter(Object.fromEntries(columns.map(name => [name, undefined]))); row.valid(); row.next())
    rows.push(columns.map(name => plain(row.get(name))));
  return rows;
})()"""


class RefusedError(Exception):
    """Perfetto can't read the trace; the message is the page's."""


class Perfetto:
    """A trace that Perfetto has opened."""

    def __init__(self, browser: Chromium) -> None:
        self.browser = browser

    def rows(self, sql: str) -> list[list[Any]]:
        """What Perfetto answers."""
        rows: list[list[Any]] = self.browser.evaluate(_QUERY % json.dumps(sql))
        return rows

    def dict(self, sql: str) -> dict[Any, Any]:
        """The answer with two columns as a dict."""
        return dict(map(tuple, self.rows(sql)))


@contextmanager
def opened(pages: Path, trace: bytes, width: int = 1400, height: int = 700) -> Iterator[Perfetto]:
    """Perfetto with this trace. Raises RefusedError."""
    handler = functools.partial(_Handler, trace, directory=str(pages))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, Chromium(width, height) as browser:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            browser.open(f"http://127.0.0.1:{server.server_port}/")
            refused = "document.querySelector('.pf-modal-dialog, .modal-dialog')?.innerText ?? ''"
            failed = "Please file a bug"
            browser.until(
                f"document.body && (window.app?.trace?.engine || document.body.innerText.includes('{failed}'))"
            )
            if browser.evaluate(f"document.body.innerText.includes('{failed}')"):
                raise RefusedError(browser.evaluate(refused) or browser.evaluate("document.body.innerText"))
            yield Perfetto(browser)
        finally:
            server.shutdown()


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the pages, and the trace under the name that they ask for at the start."""

    def __init__(self, trace: bytes, *arguments: Any, **options: Any) -> None:
        self._trace = trace
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        found = {"vizviewer_info": b"{}", "file_info": b"{}", "localtrace": self._trace}
        body = found.get(self.path.rpartition("/")[2])
        if body is None:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass
