"""The form of a recording: its version, its lines, its limits, and the error that says why it can't be read.

A file is one gzip member that holds Chrome's JSON array of trace events, one event a line, so that other programs open
it unconverted. It consists of *segments* of some seconds. The compressor is reset at the start of each (a full flush,
which leaves the bytes `MARKER`), so reading can begin there, in a damaged file too. What only this program reads is in
metadata events, which others pass over. A segment, shortened:

    {"name":"pconc-tui segment", ...}    version, number, time; the times of the frames of the segment before, its marks
    {"name":"process_name", ...}         names of processes and threads, for other programs
    {"name":"pconc-tui key", ...}        a whole Snapshot without histories, and how much of each history is final
    {"name":"running","ph":"X", ...}     final spans, hand-offs, counters, log lines
    {"name":"pconc-tui frame", ...}      what has changed since the frame before
    ...

Each line of this program ends with the CRC-32 of all bytes of its segment before it: what is not whole is not shown.
"""

from __future__ import annotations

import re
import zlib

FORMAT = 1
"""The version of this form; higher ones can't be read."""
MARKER = b"\x00\x00\xff\xff"
"""What a flush leaves in the compressed bytes."""
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
SEGMENT, KEY, FRAME, SOURCE, END = (f"pconc-tui {name}" for name in ("segment", "key", "frame", "source", "end"))
"""The names of this program's events."""
SEGMENT_NS = 5_000_000_000
SEGMENT_BYTES = 4 << 20
"""A segment ends when it has lasted or grown this much, uncompressed."""
MAX_SEGMENT_BYTES, MAX_LINE_BYTES = 20 << 20, 14 << 20
"""What is longer than this, uncompressed, is no segment and no line of ours: hostile files take memory up to here."""


class RecordingError(Exception):
    """A file can't be read as a recording, or a part of it; the message says why in one line."""


def own_line(name: str, args: str, crc: int) -> tuple[bytes, int]:
    """An event of this program, and the CRC-32 of the segment with it; `args` are JSON without the outer brackets."""
    line = f'{{"name":"{name}","ph":"M","pid":0,"tid":0,"args":{{{args},"crc":'.encode("ascii")
    crc = zlib.crc32(line, crc)
    end = b"%d}},\n" % crc
    return line + end, zlib.crc32(end, crc)


OWN_LINE = re.compile(
    rb'^\{"name":"pconc-tui (segment|key|frame|source|end)","ph":"M","pid":0,"tid":0,'
    rb'"args":(\{.*),"crc":(\d{1,10})\}\},?\n',
    re.MULTILINE,
)
"""An event of this program: its name, its arguments without the last bracket, and the CRC-32."""


def microseconds(ns: int) -> str:
    """Nanoseconds as the microseconds of trace events, exactly: `1234.567`."""
    return f"{ns // 1000}.{ns % 1000:03d}" if ns >= 0 else f"-{microseconds(-ns)}"
