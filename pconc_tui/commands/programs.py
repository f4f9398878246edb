"""What the dashboard can show: experiments, or one of the Python programs that run on this machine.

What it needs is imported when it is used, so that it does not delay the first paint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pconc_tui.monitor.monitor import Monitor
    from pconc_tui.monitor.python_processes import PythonProcesses
    from pconc_tui.monitor.watch import Watch
    from pconc_tui.watched_program import RunningPython


class MachinePrograms:
    """Those of this machine, without this program's own processes."""

    def __init__(self) -> None:
        self._processes: PythonProcesses | None = None

    def running(self) -> list[RunningPython]:
        """Those that run, the busiest first."""
        from pconc_tui.monitor.process_tree import ProcessTree
        from pconc_tui.monitor.python_processes import PythonProcesses

        self._processes = self._processes or PythonProcesses()
        own = ProcessTree().read()
        return [each for each in self._processes.read() if each.pid not in own]

    def watch(self, pid: int) -> Watch:
        """Watch the process with this id. Raises RequestError."""
        from pconc_tui.monitor.watch import Watch

        return Watch(pid)

    def experiments(self) -> Monitor:
        """Launch workers of experiments."""
        from pconc_tui.monitor.first_ids import FIRST_IDS
        from pconc_tui.monitor.monitor import Monitor

        return Monitor(first_id=next(FIRST_IDS))
