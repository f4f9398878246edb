"""JSON lines over pipes, as the lab and the monitor exchange them. Standard library only, CPython 3.9 on."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, List, Optional


class JsonLinesReader:
    """The reading end of a pipe of JSON lines."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._rest = b""

    def read(self) -> Optional[List[Dict[str, Any]]]:
        """What has come: the objects of all whole lines; None when the pipe has been closed and read empty."""
        try:
            data = os.read(self.fd, 1 << 20)
        except BlockingIOError:
            return []
        if not data:
            return None
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line) for line in lines]


def encode_line(fields: Dict[str, Any]) -> bytes:
    """One object as a line."""
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"
