"""A controller that starts nothing: it serves snapshots made by hand and writes down what it was asked."""

from __future__ import annotations

from dataclasses import replace

from pconc_tui.requests import Plan, Request, RequestError
from pconc_tui.snapshot import Snapshot


class FakeController:
    """Implements `Controller`."""

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
            raise RequestError(self.refusal)
        self.asked.append(request)

    def open_lab(self) -> None:
        self._ask("open_lab")

    def launch(self, request: Request) -> None:
        self._ask("launch", request.experiment, request.variant, request.model, *_runner(request))

    def measure(self, request: Request) -> None:
        self._ask(
            "measure", request.experiment, request.variant, request.model, request.workers, *_runner(request)
        )  # fmt: skip

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


def _runner(request: Request) -> tuple[str, ...]:
    """The interpreter and the start method, where the request names them."""
    return tuple(each for each in (request.python, request.start_method) if each)
