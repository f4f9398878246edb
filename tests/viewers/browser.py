"""What headless browsers have in common: a profile folder, processes that end with them, one page, its pictures."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Self

from tests.support import eventually


class Browser(ABC):
    """One page of a headless browser; a context manager that ends the browser and removes its profile."""

    EXECUTABLES: ClassVar[tuple[str, ...]]
    _process: subprocess.Popen[bytes]

    def __init__(self, width: int = 1280, height: int = 800, timeout_s: float = 120, less_motion: bool = False) -> None:
        """`less_motion`: as somebody uses it who has asked the system for less motion."""
        self._size, self._timeout_s, self._less_motion = (width, height), timeout_s, less_motion

    @classmethod
    def executable(cls) -> str | None:
        """The browser on the search path, or None."""
        return next((path for name in cls.EXECUTABLES if (path := shutil.which(name))), None)

    def __enter__(self) -> Self:
        program = self.executable()
        if program is None:
            raise FileNotFoundError(f"no {self.EXECUTABLES[0]} on the search path")
        self._profile = Path(tempfile.mkdtemp(prefix="pconc-browser-"))
        self._start(program)
        try:
            self._connect()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._disconnect()
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        eventually(self._removed)

    def _removed(self) -> bool:
        """Whether the profile is gone; what has just been killed may still write there."""
        shutil.rmtree(self._profile, ignore_errors=True)
        return not self._profile.exists()

    @abstractmethod
    def _start(self, program: str) -> None:
        """Start the process, which leads a session of its own."""

    @abstractmethod
    def _connect(self) -> None:
        """Wait until its page can be used."""

    @abstractmethod
    def _disconnect(self) -> None:
        """Close what was opened, however far that had come."""

    @abstractmethod
    def open(self, url: str) -> None:
        """Navigate to `url`; what loads later is awaited with `until`."""

    @abstractmethod
    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited if it is a promise; RuntimeError if it throws."""

    @abstractmethod
    def picture(self) -> bytes:
        """The page as it is now, a PNG."""

    def until(self, expression: str) -> Any:
        """The first true value of a JavaScript expression that is evaluated again and again."""
        deadline = time.monotonic() + self._timeout_s
        while not (value := self.evaluate(expression)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"still not true after {self._timeout_s:g} s: {expression}")
            time.sleep(0.05)
        return value
