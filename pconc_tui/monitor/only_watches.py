"""The requests to a controller that only watches: what would change something is refused."""

from __future__ import annotations

from typing import NoReturn

from pconc_tui.requests import Plan, Request, RequestError


class OnlyWatches:
    """Refuses to launch, stop or change anything."""

    def open_lab(self) -> None:
        """There is no lab."""

    def launch(self, request: Request) -> None:
        """Refused."""
        self._refuse()

    def measure(self, request: Request) -> None:
        """Refused."""
        self._refuse()

    def compare(self, plan: Plan) -> None:
        """Refused."""
        self._refuse()

    def stop(self, worker: int) -> None:
        """Refused."""
        self._refuse()

    def stop_all(self) -> None:
        """Refused."""
        self._refuse()

    def kill(self, worker: int) -> None:
        """Refused."""
        self._refuse()

    def clear_scoreboard(self) -> None:
        """There is no scoreboard."""

    def set_switch_interval(self, seconds: float) -> None:
        """Refused."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise RequestError("This program is only watched: nothing is started, stopped or changed in it.")
