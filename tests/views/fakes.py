"""A bench that starts nothing: it serves snapshots made by hand and writes down what it was asked."""

from __future__ import annotations

from dataclasses import replace

from pconc_tui.bench import BenchError
from pconc_tui.plan import Plan
from pconc_tui.snapshot import Snapshot


class FakeBench:
    """Implements `Bench`."""

    def __init__(self, picture: Snapshot) -> None:
        self.picture = picture
        self.asked: list[tuple[object, ...]] = []
        self.refusal: str | None = None
        self.closed = 0

    def poll(self) -> Snapshot:
        return self.picture

    def passes(self, nanoseconds: int) -> None:
        """Time goes on."""
        self.picture = replace(self.picture, now_ns=self.picture.now_ns + nanoseconds)

    def _ask(self, *request: object) -> None:
        if self.refusal:
            raise BenchError(self.refusal)
        self.asked.append(request)

    def open_lab(self) -> None:
        self._ask("open_lab")

    def launch(
        self,
        experiment: str,
        variant: str,
        model: str,
        python: str | None = None,
        start_method: str | None = None,
    ) -> None:
        self._ask("launch", experiment, variant, model, *filter(None, (python, start_method)))

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
        self._ask("measure", experiment, variant, model, workers, *filter(None, (python, start_method)))

    def compare(self, plan: Plan) -> None:
        self._ask("compare", plan)

    def stop(self, worker: int) -> None:
        self._ask("stop", worker)

    def stop_all(self) -> None:
        self._ask("stop_all")

    def kill(self, worker: int) -> None:
        self._ask("kill", worker)

    def clear(self) -> None:
        self._ask("clear")

    def clear_scoreboard(self) -> None:
        self._ask("clear_scoreboard")

    def set_switch_interval(self, seconds: float) -> None:
        self._ask("set_switch_interval", seconds)

    def close(self) -> None:
        self.closed += 1
