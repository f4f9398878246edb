"""Sends the tour that is taken to the terminals that show its presenter's notes, and returns the keys pressed there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pconc_tui.tours.walk import Walk

if TYPE_CHECKING:
    from pconc_tui.presenter.server import NotesServer


class TourNotes:
    """A socket, open only while a tour is taken, and the time that the tour has taken."""

    def __init__(self, clock: Callable[[], float], report: Callable[[str], object]) -> None:
        """`clock`: in seconds. `report` is called, once a tour, with why there are no notes."""
        self._clock, self._report = clock, report
        self._server: NotesServer | None = None
        self._before: Walk | None = None
        self._tour_s = self._step_s = 0.0
        self._refused = False

    def exchange(self, walk: Walk | None, blank: bool) -> list[str]:
        """Send the present step, and return the keys that have arrived; None: no tour is taken."""
        if walk is None:
            self.close()
            return []
        from pconc_tui.presenter.page import Page

        now_s = self._clock()
        before, self._before = self._before, walk
        if before is None or before.tour is not walk.tour:
            self._tour_s, self._refused = now_s, False
        if before is None or before.step is not walk.step:
            self._step_s = now_s
        page = Page.of(walk, blank, now_s - self._tour_s, now_s - self._step_s)
        server = self._server or self._open()
        return server.exchange(page) if server else []

    def close(self) -> None:
        """Remove the socket."""
        server, self._server, self._before = self._server, None, None
        if server:
            server.close()

    def _open(self) -> NotesServer | None:
        from pconc_tui.presenter.server import NotesServer

        if not self._refused:
            try:
                self._server = NotesServer()
            except FileNotFoundError:  # Another app has just removed the empty folder: try again with the next frame.
                pass
            except OSError as error:
                self._refused = True
                where = f"{error.filename} " if error.filename else ""
                self._report(f"The presenter's notes can't be sent: {where}{error.strerror or error}")
        return self._server
