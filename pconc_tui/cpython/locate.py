"""Where in a process CPython's `_PyRuntime` is, and which version of CPython it is of."""

from __future__ import annotations

import os
import re
import struct
from dataclasses import dataclass
from functools import lru_cache
from mmap import ACCESS_READ, mmap

from pconc_tui.cpython import layout
from pconc_tui.cpython.elf import Image, examine
from pconc_tui.cpython.layout import Layout
from pconc_tui.cpython.memory import Mapping, Memory, NotReadableError, UnmappedError, mappings

_PYTHON = re.compile(r"(?:lib)?python(?:(\d+)\.(\d+))?")


@dataclass(frozen=True)
class Located:
    """A `_PyRuntime` in memory, and where in it and around it things are."""

    address: int
    version: tuple[int, int]
    layout: Layout
    how: str
    """What told where it is, and what told its layout."""


def locate(memory: Memory) -> Located:
    """Find CPython in a process. Raises NotReadableError where there is none, or none that is known here."""
    looked: list[str] = []
    for mapping in _candidates(memory.pid):
        image = _image(memory.pid, mapping.path)
        looked.append(mapping.path)
        if image is None or image.runtime is None:
            continue
        bias = image.bias(mapping.start, mapping.offset)
        if bias is not None:
            return _described(memory, mapping.path, image, bias)
    raise NotReadableError(f"process {memory.pid} runs no CPython: no _PyRuntime in {' or '.join(looked) or 'it'}")


def _candidates(pid: int) -> list[Mapping]:
    """Where the files begin that CPython may be in: those named after it first, then the program."""
    found: dict[str, Mapping] = {}
    for mapping in mappings(pid):
        found.setdefault(mapping.path, mapping)
    try:
        program = os.readlink(f"/proc/{pid}/exe")
    except OSError:
        program = ""
    named = [each for each in found.values() if _PYTHON.match(os.path.basename(each.path))]
    return [*named, *(each for each in found.values() if each.path == program and each not in named)]


def _image(pid: int, path: str) -> Image | None:
    # As the process sees it: it may live in a container, or its program may have been replaced since.
    seen = f"/proc/{pid}/exe" if path.endswith(" (deleted)") else f"/proc/{pid}/root{path}"
    try:
        stat = os.stat(seen)
        return _examined(seen, stat.st_dev, stat.st_ino, stat.st_mtime_ns)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=32)
def _examined(path: str, device: int, inode: int, changed_ns: int) -> Image | None:
    with open(path, "rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        return examine(data)


def _described(memory: Memory, path: str, image: Image, bias: int) -> Located:
    assert image.runtime is not None
    address = image.runtime + bias
    where = f"{image.found_by} of {path}"
    try:
        head = memory.read(address, layout.HEAD_BYTES)
        if head.startswith(layout.COOKIE):
            version, found = layout.published(head)
            how = f"{where}, offsets published by it"
        else:
            version = _version(memory, path, image, bias)
            found, how = layout.known(version), f"{where}, offsets known for {version[0]}.{version[1]}"
    except UnmappedError:
        raise NotReadableError(f"check failed: no memory where {where} should be") from None
    if found is None:
        raise NotReadableError(f"the layout of CPython {version[0]}.{version[1]} is not known here")
    return Located(address, version, found, how)


def _version(memory: Memory, path: str, image: Image, bias: int) -> tuple[int, int]:
    if image.version is not None:
        (number,) = struct.unpack("<Q", memory.read(image.version + bias, 8))
        return number >> 24 & 0xFF, number >> 16 & 0xFF
    named = _PYTHON.match(os.path.basename(path))
    if named is None or named[1] is None:
        raise NotReadableError(f"{path} does not tell which version of CPython it is")
    return int(named[1]), int(named[2])
