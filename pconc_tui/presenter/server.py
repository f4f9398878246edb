"""The app's end: a socket while a tour is taken. It never waits for a peer, and does little for each at a time."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack, suppress

from pconc_tui.presenter import folder
from pconc_tui.presenter.page import MAX_KEY_BYTES, Page, read_key
from pconc_tui.presenter.peer import GoneError, Peer

MAX_PEERS = 4
"""With one more, the oldest is left."""
MAX_KEYS = 8
"""From a peer at a time: more than a person presses between two calls."""


class NotesServer:
    """Sends pages to those who read a tour's notes, and receives their keys."""

    def __init__(self) -> None:
        """Open the socket. Raises OSError."""
        self._peers: list[Peer] = []
        self._page: Page | None = None
        with ExitStack() as stack:
            path = folder.made()
            stack.callback(_remove_folder, path)
            for left in folder.sockets():
                if connection := folder.connect(left):
                    connection.close()
            own = folder.own_socket(path, os.getpid())
            unready = folder.unready(own)
            unready.unlink(missing_ok=True)
            self._listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            self._listener.setblocking(False)
            self._listener.bind(str(unready))
            stack.callback(unready.unlink, missing_ok=True)
            self._listener.listen(MAX_PEERS)
            # Only now, so that no process finds it left behind before it listens.
            unready.rename(own)
            stack.callback(own.unlink, missing_ok=True)
            self._resources = stack.pop_all()

    def exchange(self, page: Page) -> list[str]:
        """Send this page, if it is new, and return the keys that have arrived."""
        keys: list[str] = []
        self._accept()
        line = page.line() if page != self._page else b""
        self._page = page
        for peer in [*self._peers]:
            try:
                keys += _keys(peer)
                peer.send(line) if line else peer.flush()
            except GoneError:
                self._leave(peer)
        return keys

    def close(self) -> None:
        """Close all connections, and remove the socket."""
        for peer in [*self._peers]:
            self._leave(peer)
        self._resources.close()

    def _accept(self) -> None:
        for _ in range(MAX_PEERS):
            try:
                connection, _ = self._listener.accept()
            except OSError:  # None waits, or it has gone, or there are too many open files.
                return
            if not folder.is_own(connection):
                connection.close()
                continue
            if len(self._peers) == MAX_PEERS:
                self._leave(self._peers[0])
            peer = Peer(connection, MAX_KEY_BYTES * MAX_KEYS)
            self._peers.append(peer)
            self._page = None

    def _leave(self, peer: Peer) -> None:
        self._peers.remove(peer)
        peer.close()


def _keys(peer: Peer) -> list[str]:
    """The keys that the peer has sent. Raises GoneError where it has sent anything else, or too many."""
    lines = peer.lines()
    if len(lines) > MAX_KEYS:
        raise GoneError("it sends too many keys")
    try:
        return [read_key(line) for line in lines]
    except ValueError as error:
        raise GoneError(str(error)) from error


def _remove_folder(path: os.PathLike[str]) -> None:
    with suppress(OSError):  # Another tour has its socket there.
        os.rmdir(path)
