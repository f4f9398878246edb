"""A headless Firefox, driven by Marionette, its own protocol: JSON over TCP."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
from typing import Any, BinaryIO, ClassVar

from tests.support import eventually
from tests.viewers.browser import Browser

PREFERENCES: dict[str, bool | int] = {
    "marionette.port": 0,  # A free one, which it writes into its profile.
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "app.normandy.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
}


class Firefox(Browser):
    """One page of a headless Firefox."""

    EXECUTABLES: ClassVar[tuple[str, ...]] = ("firefox-esr", "firefox")
    _last_id = 0
    _socket: socket.socket | None = None
    _messages: BinaryIO

    def _start(self, program: str) -> None:
        preferences = {**PREFERENCES, "ui.prefersReducedMotion": int(self._less_motion)}
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items())
        (self._profile / "user.js").write_text("".join(lines))
        self._process = subprocess.Popen(
            [program, "--headless", "--marionette", "--profile", str(self._profile), "about:blank"],
            env={**os.environ, "HOME": str(self._profile), "MOZ_CRASHREPORTER_DISABLE": "1"},
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _connect(self) -> None:
        eventually(self._listens)
        self._socket = socket.create_connection(("127.0.0.1", self._port()), self._timeout_s)
        self._messages = self._socket.makefile("rb")
        self._read()  # It greets.
        self._call("WebDriver:NewSession")
        width, height = self._size
        frame = self.evaluate("[outerWidth - innerWidth, outerHeight - innerHeight]")
        self._call("WebDriver:SetWindowRect", width=width + frame[0], height=height + frame[1])

    def _disconnect(self) -> None:
        if self._socket is not None:
            self._messages.close()
            self._socket.close()

    def _port(self) -> int:
        """Where it listens; 0: it does not yet."""
        try:
            return int((self._profile / "MarionetteActivePort").read_text() or 0)
        except FileNotFoundError:
            return 0

    def _listens(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(f"Firefox has ended with status {self._process.returncode}")
        return bool(self._port())

    def open(self, url: str) -> None:
        self._call("WebDriver:Navigate", url=url)

    def evaluate(self, expression: str) -> Any:
        return self._call("WebDriver:ExecuteScript", script=f"return {expression}", args=[])["value"]

    def picture(self) -> bytes:
        return base64.b64decode(self._call("WebDriver:TakeScreenshot", full=False)["value"])

    def _call(self, name: str, **parameters: Any) -> Any:
        self._last_id += 1
        message = json.dumps([0, self._last_id, name, parameters]).encode()
        assert self._socket is not None
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, problem, result = self._read()
        if problem:
            raise RuntimeError(f"{name}: {problem['error']}: {problem['message']}")
        return result

    def _read(self) -> Any:
        """The next message: its length, a colon, JSON."""
        length = b""
        while (character := self._messages.read(1)) != b":":
            if not character:
                raise RuntimeError("Firefox has ended")
            length += character
        return json.loads(self._messages.read(int(length)))
