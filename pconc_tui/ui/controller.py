"""The requests that the UI can send. The monitor implements them; the UI does not import it."""

from __future__ import annotations

from typing import Protocol

from pconc_tui.requests import Plan, Request
from pconc_tui.snapshot import Snapshot
from pconc_tui.watched_program import RunningPython


class Programs(Protocol):
    """The Python programs of this machine, and what can be shown on the dashboard."""

    def running(self) -> list[RunningPython]:
        """Those that run, the busiest first. Takes some tenths of a second at first; called by a thread."""

    def watch(self, pid: int) -> Controller:
        """Watch the process with this id. Raises RequestError."""

    def experiments(self) -> Controller:
        """Launch workers of experiments again."""


class Controller(Protocol):
    """Carries out requests. All methods return at once; RequestError says why a request is refused."""

    def poll(self) -> Snapshot:
        """The newest snapshot."""

    def open_lab(self) -> None:
        """Start the lab of the default interpreter before the first launch."""

    def launch(self, request: Request) -> None:
        """Start one more worker. If the experiment is endless, it runs until it is stopped."""

    def measure(self, request: Request) -> None:
        """Stop all workers, then measure one run and N runs."""

    def compare(self, plan: Plan) -> None:
        """Stop all workers, then measure all cases of the plan in turn."""

    def stop(self, worker: int) -> None:
        """Ask a worker to stop."""

    def stop_all(self) -> None:
        """Ask all workers to stop, and cancel a measurement or comparison in progress."""

    def kill(self, worker: int) -> None:
        """End a worker process with SIGKILL."""

    def clear(self) -> None:
        """Clear ended workers, counters and log; the scoreboard stays."""

    def clear_scoreboard(self) -> None:
        """Clear the measurements."""

    def reset(self) -> None:
        """Stop all workers and forget everything: those that still live once they have ended."""

    def set_switch_interval(self, seconds: float) -> None:
        """Call `sys.setswitchinterval` wherever workers run, at once."""

    def close(self) -> None:
        """End the labs and all their workers."""
