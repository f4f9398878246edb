"""A lab seen from outside: its process, the block it shares and the two pipes to it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from pconc_tui.block import Block
from pconc_tui.monitor.scratch import Scratch
from pconc_tui.pipes import Lines, line

_START = Path(__file__).parents[1] / "lab" / "__main__.py"
PIPE_BYTES = 1 << 20
"""Room for what the lab tells between two frames, where the system lets us have that much."""


class LabKind(NamedTuple):
    """What labs differ in."""

    python: str
    """The interpreter's path."""
    start_method: str | None = None
    """How `multiprocessing` starts processes there; None: as the interpreter does by itself."""


class LabProcess:
    """Starts a lab under some interpreter; it ends with this object's process, however that ends."""

    def __init__(self, kind: LabKind) -> None:
        self.kind = kind
        self.facts: dict[str, Any] = {}
        """What the lab told of itself when it was ready."""
        self.block = Block.create()
        read_fd, write_fd = os.pipe()
        os.set_blocking(read_fd, False)
        os.set_blocking(write_fd, False)
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            fcntl.fcntl(write_fd, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._events = Lines(read_fd)
        self._scratch = Scratch()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the lab
        try:
            self._process = subprocess.Popen(
                [kind.python, str(_START), str(self.block.fd), str(write_fd), *filter(None, [kind.start_method])],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=(self.block.fd, write_fd),
                start_new_session=True,
                env={**os.environ, "TMPDIR": str(self._scratch.path)},
            )
        finally:
            os.close(write_fd)

    @property
    def events_fd(self) -> int:
        """Readable when events have come."""
        return self._events.fd

    def send(self, **command: Any) -> None:
        """Give a command; lost where the lab has died, which `death` will tell."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            os.write(self._process.stdin.fileno(), line(command))

    def events(self) -> list[dict[str, Any]]:
        """What the lab told since the last call."""
        return self._events.read() or []

    def death(self) -> str | None:
        """How the lab died, in words; None: it lives."""
        code = self._process.poll()
        if code is None:
            return None
        how = f"was killed by signal {-code}" if code < 0 else f"exited with status {code}"
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        return f"the lab {how}" + (f": {said[-1]}" if said else "")

    def close(self) -> None:
        """End the lab and everything in it, and wait until it is gone."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._events.fd)
        self._errors.close()
        self._scratch.close()
        self.block.close()
