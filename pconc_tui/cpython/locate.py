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
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from mmap import ACCESS_READ, mmap
from stat import S_ISREG
from typing import NamedTuple, TypeVar

from pconc_tui.cpython import struct_offsets
from pconc_tui.cpython.elf import Image, minor_version, parse
from pconc_tui.cpython.remote_memory import (
    Mapping,
    NotReadableError,
    RemoteMemory,
    UnmappedError,
    living_thread,
    mappings,
)
from pconc_tui.cpython.struct_offsets import Layout

T = TypeVar("T")

_PYTHON = re.compile(r"(?:lib)?python")
_DELETED = " (deleted)"


class Located(NamedTuple):
    """A `_PyRuntime` in memory."""

    address: int
    layout: Layout
    version: tuple[int, int]
    """Major and minor."""


def locate(memory: RemoteMemory) -> Located:
    """Find CPython in a process. Raises NotReadableError if there is none, or one with an unknown struct_offsets."""
    searched: list[str] = []
    pid = living_thread(memory.pid)
    for mapping in _candidates(pid):
        image = _of_file(_image, _visible(pid, mapping))
        searched.append(mapping.path)
        if image is None and mapping.path.endswith(_DELETED) and _PYTHON.match(mapping.name):
            file = mapping.path.removesuffix(_DELETED)
            raise NotReadableError(f"{file} was replaced since process {memory.pid} started: only root can read it now")
        if image is None or image.runtime is None:
            continue
        bias = image.bias(mapping.start, mapping.offset)
        if bias is not None:
            return _located(memory, mapping.path, image, bias)
    minor = _of_file(_minor_version, f"/proc/{pid}/exe")
    if minor is not None:
        raise NotReadableError(
            f"it contains CPython 3.{minor} without the symbol _PyRuntime, by which its GIL is found"
        )
    files = f"{searched[0]} or its libraries" if len(searched) > 1 else "".join(searched) or "it"
    raise NotReadableError(f"process {memory.pid} runs no CPython: no _PyRuntime in {files}")


def embeds_python(pid: int) -> bool:
    """Whether a process's executable itself contains CPython, whatever its name."""
    image = _of_file(_image, f"/proc/{living_thread(pid)}/exe")
    return image is not None and image.runtime is not None


def _candidates(pid: int) -> list[Mapping]:
    """The first mapping of each file: files named after CPython first, then the executable, then all others."""
    found: dict[str, Mapping] = {}
    for mapping in mappings(pid):
        found.setdefault(mapping.path, mapping)
    try:
        program = os.readlink(f"/proc/{pid}/exe")
    except OSError:
        program = ""
    return sorted(found.values(), key=lambda each: (not _PYTHON.match(each.name), each.path != program))


def _visible(pid: int, mapping: Mapping) -> str:
    """The path of a mapped file for us: the process may run in a container, and its files may have been replaced."""
    if not mapping.path.endswith(_DELETED):
        return f"/proc/{pid}/root{mapping.path}"
    with suppress(OSError):
        if os.readlink(f"/proc/{pid}/exe") == mapping.path:
            return f"/proc/{pid}/exe"
    return f"/proc/{pid}/map_files/{mapping.start:x}-{mapping.end:x}"


def _of_file(read: Callable[[str, int, int, int], T | None], path: str) -> T | None:
    """What a file says; each version of a file is read once. Devices are left alone: to open one can change it."""
    try:
        status = os.stat(path)
        return read(path, status.st_dev, status.st_ino, status.st_mtime_ns) if S_ISREG(status.st_mode) else None
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=512)
def _image(path: str, device: int, inode: int, modified_ns: int) -> Image | None:
    with open(path, "rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        return parse(data)


@lru_cache(maxsize=512)
def _minor_version(path: str, device: int, inode: int, modified_ns: int) -> int | None:
    with open(path, "rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        return minor_version(data)


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
    if image.minor is None:
        raise NotReadableError(f"{path} does not say which version of CPython it is")
    return 3, image.minor
