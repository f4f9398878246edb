"""What the UI may request of the monitor, which it does not know."""

from __future__ import annotations

from typing import Protocol

from pconc_tui.requests import Plan, Request
from pconc_tui.snapshot import Snapshot


class Controller(Protocol):
    """Carries requests out. All methods return at once; RequestError says why one can't be carried out."""

    def poll(self) -> Snapshot:
        """The snapshot of this frame."""

    def open_lab(self) -> None:
        """Start the lab of the default interpreter before the first launch."""

    def launch(self, request: Request) -> None:
        """Start one more worker, which runs until stopped where the experiment is endless."""

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
        """Forget the workers that have ended, the counters and the log; the scoreboard stays."""

    def clear_scoreboard(self) -> None:
        """Forget the measurements."""

    def set_switch_interval(self, seconds: float) -> None:
        """Change `sys.setswitchinterval` wherever workers run, at once."""

    def close(self) -> None:
        """End the labs and everything in them."""
