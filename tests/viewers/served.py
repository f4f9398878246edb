"""A folder of web pages on a port of this machine, with a trace beside them."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def served(folder: Path, bodies: Mapping[str, bytes], page: str | None = None) -> Iterator[str]:
    """The address of the folder. `bodies`: what is served under these names; `page`: for what is not in the folder."""
    handler = functools.partial(_Handler, bodies, page, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class _Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, bodies: Mapping[str, bytes], page: str | None, *arguments: Any, **options: Any) -> None:
        self._bodies, self._page = bodies, page
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        body = self._bodies.get(self.path.rpartition("/")[2])
        if body is None:
            if self._page is not None and not Path(self.translate_path(self.path)).is_file():
                self.path = self._page
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass
