"""The lab's process as the monitor sees it: started under some interpreter, with a shared block and two pipes."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NamedTuple

from pconc_tui.monitor.child_process import ChildProcess
from pconc_tui.monitor.scratch_folder import ScratchFolder
from pconc_tui.protocol.block import Block
from pconc_tui.protocol.user_environment import without_user_modules

_MAIN = Path(__file__).parents[1] / "lab" / "__main__.py"


class LabSpec(NamedTuple):
    """Identifies a lab: requests with equal specs share one."""

    python: str
    """Path of the interpreter."""
    start_method: str | None = None
    """How `multiprocessing` starts processes there; None: the interpreter's default start method."""


class LabProcess(ChildProcess):
    """Starts a lab, which ends with this object's process, however that ends."""

    def __init__(self, spec: LabSpec) -> None:
        """Start the lab. Raises OSError where the interpreter can't be started."""
        self.spec = spec
        self.facts: dict[str, Any] = {}
        """What the lab reported about its interpreter when it was ready; empty before."""
        self._held: list[dict[str, Any]] | None = None
        with ExitStack() as stack:
            self.block = stack.enter_context(closing(Block.create()))
            scratch = str(stack.enter_context(closing(ScratchFolder())).path)
            self._errors = stack.enter_context(tempfile.TemporaryFile())
            options = [] if spec.start_method is None else [spec.start_method]
            super().__init__(
                lambda events_fd: [spec.python, str(_MAIN), str(self.block.fd), str(events_fd), scratch, *options],
                [self.block.fd],
                stderr=self._errors,
                env=without_user_modules(),
            )
            stack.callback(self.end)
            self._resources = stack.pop_all()

    def hold(self) -> None:
        """Keep the commands to come until `resume`."""
        self._held = self._held or []

    def resume(self) -> None:
        """Send the commands that were kept."""
        held, self._held = self._held or (), None
        for fields in held:
            self.send(**fields)

    def send(self, **fields: Any) -> None:
        if self._held is None:
            super().send(**fields)
        else:
            self._held.append(fields)

    @property
    def version(self) -> str:
        """Version of the interpreter, with a `t` for a free-threaded build; empty before the lab is ready."""
        return f"{self.facts.get('version', '')}{'t' if self.facts.get('free_threaded_build') else ''}"

    def exit_reason(self) -> str | None:
        """How the lab ended, as a sentence with the last line of its standard error; None while it lives."""
        code = self.exit_code()
        if code is None:
            return None
        how = f"was killed by signal {-code}" if code < 0 else f"exited with status {code}"
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return f"the lab {how}" + (f": {lines[-1]}" if lines else "")

    def close(self) -> None:
        """End the lab and all its workers, and wait until they are gone."""
        self._resources.close()
