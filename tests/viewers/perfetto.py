"""Perfetto's own web pages and trace processor in a headless Chromium, asked in SQL what they have read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.viewers.chromium import Chromium
from tests.viewers.served import served

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
    started = {"vizviewer_info": b"{}", "file_info": b"{}", "localtrace": trace}  # What the pages ask for at the start.
    with served(pages, started) as here, Chromium(width, height) as browser:
        browser.open(f"{here}/")
        refused = "document.querySelector('.pf-modal-dialog, .modal-dialog')?.innerText ?? ''"
        failed = "Please file a bug"
        browser.until(f"document.body && (window.app?.trace?.engine || document.body.innerText.includes('{failed}'))")
        if browser.evaluate(f"document.body.innerText.includes('{failed}')"):
            raise RefusedError(browser.evaluate(refused) or browser.evaluate("document.body.innerText"))
        yield Perfetto(browser)
