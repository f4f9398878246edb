"""A lab seen from outside: its process, the block it shares and the two pipes to it."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NamedTuple

from pconc_tui.monitor.child_process import ChildProcess
from pconc_tui.monitor.scratch_folder import ScratchFolder
from pconc_tui.protocol.block import Block

_START = Path(__file__).parents[1] / "lab" / "__main__.py"


class LabSpec(NamedTuple):
    """What labs differ in."""

    python: str
    """The interpreter's path."""
    start_method: str | None = None
    """How `multiprocessing` starts processes there; None: as the interpreter does by itself."""


class LabProcess:
    """Starts a lab under some interpreter; it ends with this object's process, however that ends."""

    def __init__(self, kind: LabSpec) -> None:
        self.kind = kind
        self.facts: dict[str, Any] = {}
        """What the lab told of itself when it was ready."""
        with ExitStack() as made:
            self.block = made.enter_context(closing(Block.create()))
            scratch = made.enter_context(closing(ScratchFolder()))
            self._errors = made.enter_context(tempfile.TemporaryFile())
            self._child = ChildProcess(
                lambda tell_fd: [
                    kind.python, str(_START), str(self.block.fd), str(tell_fd), *filter(None, [kind.start_method])
                ],
                [self.block.fd],
                stderr=self._errors,
                env={**os.environ, "TMPDIR": str(scratch.path)},
            )  # fmt: skip
            made.callback(self._child.end)
            self._made = made.pop_all()

    @property
    def version(self) -> str:
        """The interpreter's, with a `t` where that is a free-threaded build; empty before the lab is ready."""
        return f"{self.facts.get('version', '')}{'t' if self.facts.get('free_threaded_build') else ''}"

    @property
    def events_fd(self) -> int:
        """Readable when events have come."""
        return self._child.news.fd

    def send(self, **command: Any) -> None:
        """Give a command; lost where the lab has died, which `death` will tell."""
        self._child.send(**command)

    def events(self) -> list[dict[str, Any]]:
        """What the lab told since the last call."""
        return self._child.news.read() or []

    def death(self) -> str | None:
        """How the lab died, in words; None: it lives."""
        code = self._child.exit_code()
        if code is None:
            return None
        how = f"was killed by signal {-code}" if code < 0 else f"exited with status {code}"
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        return f"the lab {how}" + (f": {said[-1]}" if said else "")

    def close(self) -> None:
        """End the lab and everything in it, and wait until it is gone."""
        self._made.close()
