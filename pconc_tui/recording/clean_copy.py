"""Copies what is whole of a recording that was cut into a file with a clean end, which all other programs open.

The lines stay as they are, up to the last whole one; they are compressed anew, a full flush before each segment.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from pconc_tui.recording.compressor import OPENING, Compressor, closing_bytes, closing_lines, opening_bytes
from pconc_tui.recording.file_format import END, MAX_SEGMENT_BYTES, SEGMENT, RecordingError

BLOCK = 64 << 10
"""The file is read in blocks of this many bytes."""
MOST = 1 << 20
"""So many bytes are decompressed at a time."""
_START = f'{{"name":"{SEGMENT}"'.encode()
_END = f'{{"name":"{END}"'.encode()


def clean_copy(file: BinaryIO) -> Iterator[bytes]:
    """The bytes of the copy, part by part. Raises RecordingError or OSError."""
    compressor, closing = Compressor(), closing_lines()
    crc, length = zlib.crc32(OPENING), len(OPENING)
    yield opening_bytes()
    for lines in _segments(file):
        crc, length = zlib.crc32(lines, crc), length + len(lines)
        yield compressor.add(lines) + compressor.end_segment()
    yield closing_bytes(closing, zlib.crc32(closing, crc), length + len(closing))


def _segments(file: BinaryIO) -> Iterator[bytes]:
    """The whole lines of each segment."""
    text = b""
    for part in _decompressed(file):
        text += part
        while (at := text.find(b"\n" + _START, 1)) >= 0:
            if text.startswith(_START):
                yield text[: at + 1]
            text = text[at + 1 :]
        if len(text) > MAX_SEGMENT_BYTES:
            raise RecordingError("it is not a recording of pconc-tui")
    if text.startswith(_START):
        closing = text.rfind(b"\n" + _END)
        yield text[: (closing if closing >= 0 else text.rfind(b"\n")) + 1]


def _decompressed(file: BinaryIO) -> Iterator[bytes]:
    """The text of a gzip member, as far as it is whole."""
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
    file.seek(0)
    while block := file.read(BLOCK):
        while block:
            try:
                yield inflate.decompress(block, MOST)
            except zlib.error:
                return
            block = inflate.unconsumed_tail
