"""JSON lines over pipes: commands, events and messages between the processes."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, List, Optional

READ_BYTES = 1 << 20


class JsonLinesReader:
    """The reading end of a pipe of JSON lines."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._rest = b""

    def read(self) -> Optional[List[Dict[str, Any]]]:
        """The objects of all complete lines that have arrived; None once the pipe is closed and empty."""
        try:
            data = os.read(self.fd, READ_BYTES)
        except BlockingIOError:
            return []
        if not data:
            return None
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line) for line in lines]


def encode_line(fields: Dict[str, Any]) -> bytes:
    """One object as a line."""
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def write_all(fd: int, data: bytes) -> None:
    """Write all of the data to a blocking pipe; a signal may interrupt a write for which there is not enough room."""
    while data:
        data = data[os.write(fd, data) :]
