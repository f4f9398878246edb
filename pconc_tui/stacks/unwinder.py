"""Stacks by the watched process's own interpreter: CPython 3.14 and later bring `_remote_debugging`, which reads them.

A second process of that interpreter reads the watched one, as the same user: nothing is run in the watched process.
"""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from pconc_tui.cpython import living_thread
from pconc_tui.stacks.thread_stacks import NoStacksError, Stacks, ThreadStack
from pconc_tui.stop_signal import stop_signal_blocked
from pconc_tui.watched_program import Place

OLDEST_VERSION = (3, 14)
START_S, ANSWER_S = 20, 5
"""How long its start and an answer may take."""
_SCRIPT = (Path(__file__).parent / "unwinder_script.py").read_text()
_INTERPRETER = re.compile(r"python(3(\.\d+t?d?)?)?")


class Unwinder:
    """Reads one process; ends with this object's process."""

    def __init__(self, pid: int) -> None:
        """Start it. Raises NoStacksError."""
        self._seconds = START_S
        self._unread = b""
        try:
            pid = living_thread(pid)
            path = os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)")
            if not _INTERPRETER.fullmatch(os.path.basename(path)):
                raise NoStacksError(f"{path} is a program of its own, not an interpreter that could read it")
            with stop_signal_blocked():
                self._process = subprocess.Popen(
                    [path, "-I", "-S", "-c", _SCRIPT, str(pid)],
                    executable=f"/proc/{pid}/exe",
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    start_new_session=True,
                    **_environment(pid),
                )
        except OSError as error:
            raise NoStacksError(f"its interpreter can't be started: {error.strerror}") from None

    def read(self, native_id: Callable[[int], int | None]) -> Stacks:
        """Read all threads. `native_id`: our id of a thread, from the process's own one. Raises NoStacksError."""
        began_ns = time.perf_counter_ns()
        try:
            answer = json.loads(self._answer())
        except ValueError:
            raise NoStacksError("its interpreter printed something unknown") from None
        if isinstance(answer, str):
            raise NoStacksError(answer)
        threads = {}
        for tid, frames in answer:
            id = native_id(tid)
            if id is not None:
                threads[id] = ThreadStack(None, tuple(Place(*frame) for frame in frames))
        return Stacks(began_ns, time.perf_counter_ns(), threads)

    def close(self) -> None:
        """End it, and wait for that."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def _answer(self) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        fd = self._process.stdout.fileno()
        deadline, self._seconds = time.monotonic() + self._seconds, ANSWER_S
        try:
            os.write(self._process.stdin.fileno(), b"\n")
        except BrokenPipeError:
            raise NoStacksError("its interpreter has no _remote_debugging") from None
        while b"\n" not in self._unread:
            if not select.select([fd], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise NoStacksError("its interpreter does not answer")
            data = os.read(fd, 1 << 16)
            if not data:
                raise NoStacksError("its interpreter has no _remote_debugging, or can't be started from here")
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        return line


def _environment(pid: int) -> dict[str, Any]:
    """Arguments of Popen: the watched process's user, which root must not be for what another user has installed."""
    user = os.stat(f"/proc/{pid}")
    same = user.st_uid == os.geteuid()
    change: dict[str, Any] = {} if same else {"user": user.st_uid, "group": user.st_gid, "extra_groups": ()}
    with open(f"/proc/{pid}/environ", "rb") as file:
        paths = [each for each in file.read().split(b"\0") if each.startswith(b"LD_LIBRARY_PATH=")]
    return {"env": dict(each.decode(errors="surrogateescape").split("=", 1) for each in paths), **change}
