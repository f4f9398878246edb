"""The other terminal's end: finds the tours that are taken, receives the page of one, and sends keys to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pconc_tui.presenter import folder
from pconc_tui.presenter.page import MAX_PAGE_BYTES, Page, key_line, read_page
from pconc_tui.presenter.peer import GoneError, Peer

SEARCH_S = 0.5
"""How often tours are searched for."""
SILENT_S = 3
"""An app sends the time used every second, unless it is suspended."""


class NotesClient:
    """Connects to the newest tour, and to another when that has ended."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock`: in seconds."""
        self._clock = clock
        self._peer: Peer | None = None
        self._path: Path | None = None
        self._searched_s = float("-inf")
        self._received_s = 0.0
        self.page: Page | None = None
        """The newest page of the present tour; None: no tour is connected."""
        self.ended = False
        """Whether a tour was connected once."""
        self.tours: list[Path] = []
        """The sockets of all tours, as of the last search."""

    @property
    def silent(self) -> bool:
        """Whether the app has sent nothing for a while, as one that is suspended."""
        return self.page is not None and self._clock() > self._received_s + SILENT_S

    def poll(self) -> None:
        """Receive what has arrived, and search for tours now and then. Raises OSError: the folder is not the user's."""
        if self._peer is not None:
            self._receive(self._peer)
            if self.page is None and self._clock() > self._received_s + SILENT_S:
                self.next()
        if self._clock() >= self._searched_s + SEARCH_S:
            self._searched_s = self._clock()
            self.tours = folder.sockets()
            if self._peer is None:
                self._connect(self.tours)

    def send(self, key: str) -> None:
        """Have the tour do what this key does; an app that is suspended must not do it later."""
        if self._peer is not None and not self.silent:
            try:
                self._peer.send(key_line(key))
            except GoneError:
                self.close()

    def next(self) -> None:
        """Connect to the next tour, or to the same one where there is no other."""
        at = self.tours.index(self._path) + 1 if self._path in self.tours else 0
        self.close()
        self._connect([*self.tours[at:], *self.tours[:at]])

    def close(self) -> None:
        """Close the connection."""
        if self._peer is not None:
            self._peer.close()
        self._peer = self._path = self.page = None

    def _connect(self, paths: list[Path]) -> None:
        for path in paths:
            if connection := folder.connect(path):
                self._peer, self._path, self._received_s = Peer(connection, MAX_PAGE_BYTES), path, self._clock()
                return

    def _receive(self, peer: Peer) -> None:
        try:
            if lines := peer.lines():
                self.page, self._received_s, self.ended = read_page(lines[-1]), self._clock(), True
        except (GoneError, ValueError):
            self.close()
