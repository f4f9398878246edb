"""speedscope in a headless Chromium: what it has read, in its own format."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.viewers.chromium import Chromium

_SPY = """
window.messages = [];
window.saved = null;
for (const kind of ['warn', 'error']) console[kind] = (...words) => window.messages.push(words.join(' '));
window.alert = words => window.messages.push(words);
const create = URL.createObjectURL;
URL.createObjectURL = blob => { blob.text().then(text => { window.saved = text }); return create(blob) };
"""
_SAVE = "[...document.querySelectorAll('div')].filter(each => /Export$/.test(each.innerText.trim())).pop().click()"


class RefusedError(Exception):
    """speedscope can't read the trace."""


class Speedscope:
    """A trace that speedscope has opened."""

    def __init__(self, browser: Chromium) -> None:
        self.browser = browser

    @property
    def complaints(self) -> list[str]:
        """What it has complained about while reading."""
        found: list[str] = self.browser.evaluate("window.messages")
        return [each for each in found if "Tried to end" in each or "still open" in each]

    def profiles(self) -> dict[str, list[tuple[str, float, float]]]:
        """For each thread, by its name: name, start and end in us of each slice; that of the first is 0."""
        self.browser.evaluate(_SAVE)
        saved = json.loads(self.browser.until("window.saved"))
        frames = [frame["name"] for frame in saved["shared"]["frames"]]
        return {each["name"]: list(_slices(each["events"], frames)) for each in saved["profiles"]}


def _slices(events: list[dict[str, Any]], frames: list[str]) -> Iterator[tuple[str, float, float]]:
    opened: list[dict[str, Any]] = []
    for event in events:
        if event["type"] == "O":
            opened.append(event)
        else:
            start = opened.pop()
            assert start["frame"] == event["frame"]
            yield frames[event["frame"]], start["at"], event["at"]


@contextmanager
def opened(node_modules: Path, trace: Path, folder: Path, height: int = 800) -> Iterator[Speedscope]:
    """speedscope with this trace; `folder` is for its file. Raises RefusedError."""
    page = node_modules / "speedscope" / "dist" / "release" / "index.html"
    script = folder / "trace.js"  # As its own command line does it.
    content = json.dumps(base64.b64encode(trace.read_bytes()).decode())
    script.write_text(f"speedscope.loadFileFromBase64({json.dumps(trace.name)}, {content})")
    with Chromium(height=height) as browser:
        browser.run_first(_SPY)
        browser.open(f"{page.as_uri()}#localProfilePath={script}")
        read = "/Export/.test(document.body?.innerText ?? '')"
        browser.until(f"{read} || window.messages?.some(each => /Unrecognized|Failed/i.test(each))")
        if not browser.evaluate(read):
            raise RefusedError(" ".join(browser.evaluate("window.messages")))
        yield Speedscope(browser)
