"""Finds CPython's `_PyRuntime` in the memory of a process, and its version and struct_offsets.

`_PyRuntime` is a global variable of the executable or of libpython. Its address in memory is its address in the file
plus the bias at which the file is loaded. Example: /proc/PID/maps shows offset 0 of libpython3.12.so at
0x7f0000000000. In the file, that segment has address 0, and the symbol `_PyRuntime` has 0x5c4a80. So `_PyRuntime` is at
0x7f00005c4a80. From 3.13 on it starts with a cookie and the offsets of what is needed.
"""

from __future__ import annotations

import os
import re
import struct
from functools import lru_cache
from mmap import ACCESS_READ, mmap
from typing import NamedTuple

from pconc_tui.cpython import struct_offsets
from pconc_tui.cpython.elf import Image, parse
from pconc_tui.cpython.remote_memory import Mapping, NotReadableError, RemoteMemory, UnmappedError, mappings
from pconc_tui.cpython.struct_offsets import Layout

_PYTHON = re.compile(r"(?:lib)?python(?:(\d+)\.(\d+))?")


class Located(NamedTuple):
    """A `_PyRuntime` in memory."""

    address: int
    layout: Layout
    version: tuple[int, int]
    """Major and minor."""


def locate(memory: RemoteMemory) -> Located:
    """Find CPython in a process. Raises NotReadableError if there is none, or one with an unknown struct_offsets."""
    searched: list[str] = []
    for mapping in _candidates(memory.pid):
        image = _image(memory.pid, mapping.path)
        searched.append(mapping.path)
        if image is None or image.runtime is None:
            continue
        bias = image.bias(mapping.start, mapping.offset)
        if bias is not None:
            return _located(memory, mapping.path, image, bias)
    raise NotReadableError(f"process {memory.pid} runs no CPython: no _PyRuntime in {' or '.join(searched) or 'it'}")


def _candidates(pid: int) -> list[Mapping]:
    """The first mapping of each file that may contain CPython: files named after it first, then the executable."""
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
    # The path as the process sees it: it may run in a container, or its executable may have been replaced.
    visible = f"/proc/{pid}/exe" if path.endswith(" (deleted)") else f"/proc/{pid}/root{path}"
    try:
        stat = os.stat(visible)
        return _parsed(visible, stat.st_dev, stat.st_ino, stat.st_mtime_ns)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=32)
def _parsed(path: str, device: int, inode: int, modified_ns: int) -> Image | None:
    with open(path, "rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        return parse(data)


def _located(memory: RemoteMemory, path: str, image: Image, bias: int) -> Located:
    assert image.runtime is not None
    address = image.runtime + bias
    try:
        head = memory.read(address, struct_offsets.HEAD_BYTES)
        if head.startswith(struct_offsets.COOKIE):
            version, found = struct_offsets.published(head)
        else:
            version = _version(memory, path, image, bias)
            found = struct_offsets.KNOWN.get(version)
    except UnmappedError:
        raise NotReadableError(f"check failed: no memory where {image.found_by} of {path} should be") from None
    if found is None:
        raise NotReadableError(f"the layout of CPython {version[0]}.{version[1]} is not known here")
    return Located(address, found, version)


def _version(memory: RemoteMemory, path: str, image: Image, bias: int) -> tuple[int, int]:
    if image.version is not None:
        (number,) = struct.unpack("<Q", memory.read(image.version + bias, 8))
        return number >> 24 & 0xFF, number >> 16 & 0xFF
    named = _PYTHON.match(os.path.basename(path))
    if named is None or named[1] is None:
        raise NotReadableError(f"{path} does not say which version of CPython it is")
    return int(named[1]), int(named[2])
