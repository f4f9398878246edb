"""A controller that starts nothing: it serves handmade snapshots and records the requests that it receives."""

from __future__ import annotations

from dataclasses import replace

from pconc_tui.requests import Plan, Request, RequestError
from pconc_tui.snapshot import Snapshot


class FakeController:
    """Implements `Controller`."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.requests: list[tuple[object, ...]] = []
        self.refusal: str | None = None
        """The message with which all requests are refused."""
        self.closed = 0
        self.polls = 0

    def poll(self) -> Snapshot:
        self.polls += 1
        return self.snapshot

    def advance(self, nanoseconds: int) -> None:
        """Let time pass."""
        self.snapshot = replace(self.snapshot, now_ns=self.snapshot.now_ns + nanoseconds)

    def _record(self, *request: object) -> None:
        if self.refusal:
            raise RequestError(self.refusal)
        self.requests.append(request)
        if request[0] in ("launch", "measure", "compare", "reset"):
            self.snapshot = replace(self.snapshot, has_run=request[0] != "reset")

    def open_lab(self) -> None:
        self._record("open_lab")

    def launch(self, request: Request) -> None:
        self._record("launch", request.experiment, request.variant, request.model, *_python_and_method(request))

    def measure(self, request: Request) -> None:
        what = request.experiment, request.variant, request.model
        self._record("measure", *what, request.workers, *_python_and_method(request))

    def compare(self, plan: Plan) -> None:
        self._record("compare", plan)

    def stop(self, worker: int) -> None:
        self._record("stop", worker)

    def stop_all(self) -> None:
        self._record("stop_all")

    def kill(self, worker: int) -> None:
        self._record("kill", worker)

    def clear(self) -> None:
        self._record("clear")

    def clear_scoreboard(self) -> None:
        self._record("clear_scoreboard")

    def reset(self) -> None:
        self._record("reset")

    def set_switch_interval(self, seconds: float) -> None:
        self._record("set_switch_interval", seconds)

    def close(self) -> None:
        self.closed += 1


def _python_and_method(request: Request) -> tuple[str, ...]:
    """The interpreter and the start method, where the request names them."""
    return tuple(each for each in (request.python, request.start_method) if each)
