"""Finding CPython's runtime in an ELF file."""

from __future__ import annotations

import os
import sys

import pytest

from pconc_tui.cpython import elf
from pconc_tui.cpython.locate import locate
from pconc_tui.cpython.remote_memory import RemoteMemory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_the_runtime_is_found_by_its_section_where_symbols_were_stripped() -> None:
    own = RemoteMemory(os.getpid())
    path = locate(own).how.split(" of ", 1)[1].rpartition(", offsets")[0]
    own.close()
    with open(path, "rb") as file:
        data = file.read()
    whole = elf.parse(data)
    stripped = elf.parse(data.replace(b"_PyRuntime\0", b"_PyRubbish\0"))
    assert whole is not None
    assert stripped is not None
    assert (whole.found_by, stripped.found_by) == ("symbol _PyRuntime", "section .PyRuntime")
    assert whole.runtime == stripped.runtime
    assert elf.parse(data[:200]) is None
    assert elf.parse(b"#!/bin/sh") is None
