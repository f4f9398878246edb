"""A headless Chromium, driven over its DevTools pipe: one page, expressions evaluated in it, pictures of it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Self

from tests.support import eventually

EXECUTABLES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
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


def executable() -> str | None:
    """The Chromium on the search path, or None."""
    return next((path for name in EXECUTABLES if (path := shutil.which(name))), None)


class Chromium:
    """One page of a headless Chromium; a context manager that ends the browser and removes its profile."""

    def __init__(
        self, width: int = 1280, height: int = 800, timeout_s: float = 120, flags: tuple[str, ...] = ()
    ) -> None:
        self._size, self._timeout_s, self._flags = (width, height), timeout_s, flags
        self._last_id, self._session = 0, ""
        self._unread = b""

    def __enter__(self) -> Self:
        program = executable()
        if program is None:
            raise FileNotFoundError("no Chromium on the search path")
        self._profile = tempfile.mkdtemp(prefix="pconc-chromium-")
        commands_read, self._commands = os.pipe()
        self._replies, replies_write = os.pipe()
        window = f"--window-size={self._size[0]},{self._size[1]}"
        argv = [program, *FLAGS, window, f"--user-data-dir={self._profile}", *self._flags, "about:blank"]
        self._process = subprocess.Popen(
            [sys.executable, "-ISc", ON_FIXED_DESCRIPTORS, str(commands_read), str(replies_write), *argv],
            pass_fds=(commands_read, replies_write),
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands_read)
        os.close(replies_write)
        page = next(t for t in self._call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        attached = self._call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        self._call("Page.enable")
        return self

    def __exit__(self, *exception: object) -> None:
        os.close(self._commands)
        os.close(self._replies)
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        eventually(self._removed)

    def _removed(self) -> bool:
        """Whether the profile is gone; what has just been killed may still write there."""
        shutil.rmtree(self._profile, ignore_errors=True)
        return not os.path.exists(self._profile)

    def open(self, url: str) -> None:
        """Navigate to `url`; what loads later is awaited with `until`."""
        self._call("Page.navigate", url=url)

    def run_first(self, script: str) -> None:
        """Run `script` in each page before its own scripts."""
        self._call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited if it is a promise; RuntimeError if it throws."""
        reply = self._call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if problem := reply.get("exceptionDetails"):
            raise RuntimeError(problem.get("exception", {}).get("description") or problem["text"])
        return reply["result"].get("value")

    def until(self, expression: str) -> Any:
        """The first true value of a JavaScript expression that is evaluated again and again."""
        deadline = time.monotonic() + self._timeout_s
        while not (value := self.evaluate(expression)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"still not true after {self._timeout_s:g} s: {expression}")
            time.sleep(0.05)
        return value

    def choose_file(self, selector: str, path: Path) -> None:
        """Put a file into the `<input type=file>` that a CSS selector names, as a user's choice does."""
        found = self._call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")
        self._call("DOM.setFileInputFiles", objectId=found["result"]["objectId"], files=[str(path)])

    def prefer(self, feature: str, value: str) -> None:
        """Emulate a user's preference, as `prefers-reduced-motion: reduce`."""
        self._call("Emulation.setEmulatedMedia", features=[{"name": feature, "value": value}])

    def picture(self) -> bytes:
        """The page as it is now, a PNG."""
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
