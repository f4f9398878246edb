"""Where an ELF file keeps CPython's runtime: by symbol, or by section where the symbols were stripped. Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap
from typing import NamedTuple

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_MAGIC = b"\x7fELF\x02\x01"
"""ELF, 64 bits, little-endian."""
_LOAD = 1
_SYMTAB, _DYNSYM = 2, 11
_UNDEFINED = 0


class Segment(NamedTuple):
    """A part of the file that is mapped into memory."""

    offset: int
    address: int
    size: int


class _Section(NamedTuple):
    name: int
    kind: int
    address: int
    offset: int
    size: int
    link: int


@dataclass(frozen=True)
class Image:
    """What an executable or library has of CPython; addresses are the file's own."""

    segments: tuple[Segment, ...]
    runtime: int | None
    """`_PyRuntime`; None: it is not in here."""
    version: int | None
    """`Py_Version`, which 3.11 and later have."""
    found_by: str
    """What told where the runtime is."""

    def bias(self, start: int, offset: int) -> int | None:
        """How far from its own addresses the file is loaded, given where in memory an offset of it begins."""
        for segment in self.segments:
            if segment.offset & ~0xFFF <= offset < segment.offset + segment.size:
                return start - offset - (segment.address - segment.offset)
        return None


def examine(data: bytes | mmap) -> Image | None:
    """Look for CPython in an ELF file; None where it isn't one that can be read here."""
    if data[: len(_MAGIC)] != _MAGIC:
        return None
    try:
        return _examine(data)
    except (struct.error, IndexError):
        return None


def _examine(data: bytes | mmap) -> Image:
    header = _HEADER.unpack_from(data)
    segments_at, sections_at = header[5:7]
    segment_size, segment_count, section_size, section_count, names = header[9:14]
    segments = []
    for number in range(segment_count):
        kind, _, offset, address, _, size, _, _ = _SEGMENT.unpack_from(data, segments_at + number * segment_size)
        if kind == _LOAD:
            segments.append(Segment(offset, address, size))
    sections = []
    for number in range(section_count):
        fields = _SECTION.unpack_from(data, sections_at + number * section_size)
        sections.append(_Section(fields[0], fields[1], *fields[3:7]))
    runtime, found_by = _symbol(data, sections, b"_PyRuntime"), "symbol _PyRuntime"
    if runtime is None and sections:
        runtime, found_by = _named(data, sections, sections[names].offset, b".PyRuntime"), "section .PyRuntime"
    return Image(tuple(segments), runtime, _symbol(data, sections, b"Py_Version"), found_by)


def _symbol(data: bytes | mmap, sections: list[_Section], name: bytes) -> int | None:
    # The dynamic symbols first: they are fewer, and stripping leaves them alone.
    for kind in (_DYNSYM, _SYMTAB):
        for table in sections:
            if table.kind != kind:
                continue
            strings = sections[table.link]
            places = set(_occurrences(data, name + b"\0", strings.offset, strings.offset + strings.size))
            entries = data[table.offset : table.offset + table.size - table.size % _SYMBOL.size]
            for place, _, _, section, value, _ in _SYMBOL.iter_unpack(entries):
                if place in places and section != _UNDEFINED:
                    return int(value)
    return None


def _occurrences(data: bytes | mmap, name: bytes, start: int, end: int) -> Iterator[int]:
    """Offsets at which a name may begin in a table of strings; linkers let one name be the tail of another."""
    at = data.find(name, start, end)
    while at >= 0:
        yield at - start
        at = data.find(name, at + 1, end)


def _named(data: bytes | mmap, sections: list[_Section], names_at: int, name: bytes) -> int | None:
    for section in sections:
        at = names_at + section.name
        if data[at : at + len(name) + 1] == name + b"\0":
            return section.address
    return None
