"""A headless Chromium, driven over its DevTools pipe."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

from tests.viewers.browser import Browser

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--allow-file-access-from-files",
    "--remote-debugging-pipe",
)

ON_FIXED_DESCRIPTORS = """
import fcntl, os, sys
commands, replies, *argv = sys.argv[1:]
for fixed, fd in enumerate([fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in (commands, replies)], 3):
    os.dup2(fd, fixed)
os.execv(argv[0], argv)
"""
"""Runs a program that reads commands from file descriptor 3 and writes replies to 4."""


class Chromium(Browser):
    """One page of a headless Chromium."""

    EXECUTABLES: ClassVar[tuple[str, ...]] = (
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
    )
    _last_id = 0
    _session = ""
    _unread = b""

    def _start(self, program: str) -> None:
        commands_read, self._commands = os.pipe()
        self._replies, replies_write = os.pipe()
        argv = [program, *FLAGS, f"--window-size={self._size[0]},{self._size[1]}", f"--user-data-dir={self._profile}"]
        argv += ["--force-prefers-reduced-motion"] if self._less_motion else []
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-ISc",
                ON_FIXED_DESCRIPTORS,
                str(commands_read),
                str(replies_write),
                *argv,
                "about:blank",
            ],
            pass_fds=(commands_read, replies_write),
            start_new_session=True,
            env={**os.environ, "TMPDIR": str(self._profile)},  # It leaves a folder there when it is killed.
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands_read)
        os.close(replies_write)

    def _connect(self) -> None:
        page = next(t for t in self._call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        attached = self._call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        self._call("Page.enable")

    def _disconnect(self) -> None:
        os.close(self._commands)
        os.close(self._replies)

    def open(self, url: str) -> None:
        self._call("Page.navigate", url=url)

    def run_first(self, script: str) -> None:
        """Run `script` in each page before its own scripts."""
        self._call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def evaluate(self, expression: str) -> Any:
        reply = self._call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if problem := reply.get("exceptionDetails"):
            raise RuntimeError(problem.get("exception", {}).get("description") or problem["text"])
        return reply["result"].get("value")

    def choose_file(self, selector: str, path: Path) -> None:
        """Put a file into the `<input type=file>` that a CSS selector names, as a user's choice does."""
        found = self._call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")
        self._call("DOM.setFileInputFiles", objectId=found["result"]["objectId"], files=[str(path)])

    def prefer(self, feature: str, value: str) -> None:
        """Emulate a user's preference, as `prefers-reduced-motion: reduce`."""
        self._call("Emulation.setEmulatedMedia", features=[{"name": feature, "value": value}])

    def picture(self) -> bytes:
        return base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"])

    def _call(self, method: str, **parameters: Any) -> Any:
        self._last_id += 1
        message: dict[str, Any] = {"id": self._last_id, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._write(json.dumps(message).encode() + b"\0")
        while (reply := self._read()).get("id") != self._last_id:
            pass  # events of the browser
        if problem := reply.get("error"):
            raise RuntimeError(f"{method}: {problem['message']}")
        return reply["result"]

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._commands, data) :]

    def _read(self) -> dict[str, Any]:
        parts = [self._unread]
        while b"\0" not in parts[-1]:
            part = os.read(self._replies, 1 << 20)
            if not part:
                raise RuntimeError("Chromium has ended")
            parts.append(part)
        message, _, self._unread = b"".join(parts).partition(b"\0")
        reply: dict[str, Any] = json.loads(message)
        return reply
