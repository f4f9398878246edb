"""What the views may ask of the monitor, which they do not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pconc_tui.plan import Plan
    from pconc_tui.snapshot import Snapshot


class BenchError(Exception):
    """Something that was asked for can't be done; the message says what to do about it."""


class Bench(Protocol):
    """What the views may ask of the monitor. All methods return at once; BenchError says why something can't be."""

    def poll(self) -> Snapshot:
        """The picture now."""

    def open_lab(self) -> None:
        """Start the lab ahead of the first launch."""

    def launch(
        self,
        experiment: str,
        variant: str,
        model: str,
        python: str | None = None,
        start_method: str | None = None,
    ) -> None:
        """Start one more worker, which runs until stopped where the experiment is endless.

        `python` is the path of the interpreter to run it; None: the bench's own. `start_method` is how processes are
        started where the model needs some; None: as that interpreter does by itself.
        """

    def measure(
        self,
        experiment: str,
        variant: str,
        model: str,
        workers: int,
        scale: float = 1.0,
        python: str | None = None,
        start_method: str | None = None,
    ) -> None:
        """Stop what runs, then measure one run and N runs."""

    def compare(self, plan: Plan) -> None:
        """Stop what runs, then measure all cases of the plan in turn."""

    def stop(self, worker: int) -> None:
        """Ask a worker to stop."""

    def stop_all(self) -> None:
        """Ask all workers to stop, and give up a measurement or comparison under way."""

    def kill(self, worker: int) -> None:
        """End a worker process with SIGKILL."""

    def clear(self) -> None:
        """Forget the workers that have ended, the counters and the log; the scoreboard stays."""

    def clear_scoreboard(self) -> None:
        """Forget the measurements."""

    def set_switch_interval(self, seconds: float) -> None:
        """Change `sys.setswitchinterval` wherever workers run, at once."""

    def close(self) -> None:
        """End the lab and everything in it."""
