"""The process at the other end of a socket: lines from it and to it, without ever waiting for it."""

from __future__ import annotations

import socket
from contextlib import suppress

READ_BYTES = 1 << 16


class GoneError(Exception):
    """The peer has closed the connection, or does not keep to the rules."""


class Peer:
    """A connection."""

    def __init__(self, connection: socket.socket, longest: int) -> None:
        """`longest`: bytes of the longest line that the peer may send."""
        connection.setblocking(False)
        self._connection, self._longest = connection, longest
        self._arrived = b""
        self._leaving = b""
        self._newest = b""

    def lines(self) -> list[bytes]:
        """The lines that have arrived, as far as one read takes them. Raises GoneError."""
        try:
            data = self._connection.recv(min(READ_BYTES, self._longest))
        except BlockingIOError:
            return []
        except OSError as error:
            raise GoneError(str(error)) from error
        if not data:
            raise GoneError("it has closed the connection")
        *lines, self._arrived = (self._arrived + data).split(b"\n")
        if len(self._arrived) > self._longest:
            raise GoneError("its line is too long")
        return lines

    def send(self, line: bytes) -> None:
        """Send this line as soon as the peer takes it, in place of one that waits. Raises GoneError."""
        self._newest = line
        self.flush()

    def flush(self) -> None:
        """Send as much as the peer takes. Raises GoneError."""
        try:
            while self._leaving or self._newest:
                if not self._leaving:
                    self._leaving, self._newest = self._newest, b""
                self._leaving = self._leaving[self._connection.send(self._leaving) :]
        except BlockingIOError:
            pass
        except OSError as error:
            raise GoneError(str(error)) from error

    def close(self) -> None:
        """Close the connection."""
        with suppress(OSError):
            self._connection.close()
