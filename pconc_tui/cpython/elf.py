"""Finds `_PyRuntime` in an ELF file: by its symbol, or by its section where the symbols were stripped. Pure."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap
from typing import NamedTuple

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_CACHE_TAG = re.compile(rb"cpython-3([0-9]{1,2})[\0-]")
_MAGIC = b"\x7fELF\x02\x01"
"""ELF, 64 bits, little-endian."""
_LOAD = 1
_SYMTAB, _DYNSYM = 2, 11
_UNDEFINED = 0
_PAGE_MASK = 0xFFF


class Segment(NamedTuple):
    """A part of the file that is mapped into memory; all in bytes."""

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
    """The parts of an executable or library that are needed here; addresses are the file's own."""

    segments: tuple[Segment, ...]
    runtime: int | None
    """Address of `_PyRuntime`; None: the file has none."""
    version: int | None
    """Address of `Py_Version`, which exists since 3.11; None: it has no such symbol."""
    minor: int | None
    """The 11 of 3.11, by what it calls its .pyc files; None: `version` says it, or it has no `runtime`."""
    found_by: str
    """How the runtime was found: `symbol _PyRuntime` or `section .PyRuntime`."""

    def bias(self, start: int, offset: int) -> int | None:
        """Difference between addresses in memory and the file's own, if `offset` of the file is mapped at `start`."""
        for segment in self.segments:
            if segment.offset & ~_PAGE_MASK <= offset < segment.offset + segment.size:
                return start - offset - (segment.address - segment.offset)
        return None


def parse(data: bytes | mmap) -> Image | None:
    """Parse an ELF file; None if it is not a 64-bit little-endian one, or damaged."""
    if data[: len(_MAGIC)] != _MAGIC:
        return None
    try:
        return _parse(data)
    except (struct.error, IndexError):
        return None


def _parse(data: bytes | mmap) -> Image:
    header = _HEADER.unpack_from(data)
    segments_offset, sections_offset = header[5:7]
    segment_size, segment_count, section_size, section_count, names = header[9:14]
    segments = []
    for number in range(segment_count):
        kind, _, offset, address, _, size, _, _ = _SEGMENT.unpack_from(data, segments_offset + number * segment_size)
        if kind == _LOAD:
            segments.append(Segment(offset, address, size))
    sections = []
    for number in range(section_count):
        fields = _SECTION.unpack_from(data, sections_offset + number * section_size)
        sections.append(_Section(fields[0], fields[1], *fields[3:7]))
    runtime, found_by = _symbol_value(data, sections, b"_PyRuntime"), "symbol _PyRuntime"
    if runtime is None and sections:
        runtime = _section_address(data, sections, sections[names].offset, b".PyRuntime")
        found_by = "section .PyRuntime"
    version = _symbol_value(data, sections, b"Py_Version") if runtime is not None else None
    minor = minor_version(data) if runtime is not None and version is None else None
    return Image(tuple(segments), runtime, version, minor, found_by)


def minor_version(data: bytes | mmap) -> int | None:
    """The 11 of a CPython 3.11 that this file contains, by what it calls its .pyc files; None: it contains none."""
    tag = _CACHE_TAG.search(data)
    return int(tag[1]) if tag else None


def _symbol_value(data: bytes | mmap, sections: list[_Section], name: bytes) -> int | None:
    # Dynamic symbols first: there are fewer of them, and stripping keeps them.
    for kind in (_DYNSYM, _SYMTAB):
        for table in sections:
            if table.kind != kind:
                continue
            strings = sections[table.link]
            offsets = set(_name_offsets(data, name + b"\0", strings.offset, strings.offset + strings.size))
            entries = data[table.offset : table.offset + table.size - table.size % _SYMBOL.size]
            for name_offset, _, _, section, value, _ in _SYMBOL.iter_unpack(entries):
                if name_offset in offsets and section != _UNDEFINED:
                    return int(value)
    return None


def _name_offsets(data: bytes | mmap, name: bytes, start: int, end: int) -> Iterator[int]:
    """Offsets in a string table at which a name can start; linkers let one name be the tail of another."""
    found = data.find(name, start, end)
    while found >= 0:
        yield found - start
        found = data.find(name, found + 1, end)


def _section_address(data: bytes | mmap, sections: list[_Section], names_offset: int, name: bytes) -> int | None:
    for section in sections:
        start = names_offset + section.name
        if data[start : start + len(name) + 1] == name + b"\0":
            return section.address
    return None
