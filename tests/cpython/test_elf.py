"""Finding CPython's runtime in an ELF file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pconc_tui.cpython import elf
from pconc_tui.cpython.remote_memory import mappings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_the_runtime_is_found_by_its_section_where_symbols_were_stripped() -> None:
    files = (Path(each.path).read_bytes() for each in mappings(os.getpid()) if "python" in os.path.basename(each.path))
    data, whole = next((data, image) for data in files if (image := elf.parse(data)) and image.runtime)
    stripped = elf.parse(data.replace(b"_PyRuntime\0", b"_PyRubbish\0"))
    assert stripped is not None
    assert (whole.found_by, stripped.found_by) == ("symbol _PyRuntime", "section .PyRuntime")
    assert whole.runtime == stripped.runtime
    assert elf.parse(data[:200]) is None
    assert elf.parse(b"#!/bin/sh") is None
