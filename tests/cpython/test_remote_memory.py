"""The files mapped into a process."""

from __future__ import annotations

from pconc_tui.cpython.remote_memory import Mapping, parse_mappings


def test_mapped_files_are_found_and_anonymous_memory_is_left_out() -> None:
    maps = "7f00-7f10 r--p 00001000 fe:00 12  /usr/lib/lib python3.so\n7f20-7f30 rw-p 00000000 00:00 0\n"
    assert parse_mappings(maps) == [Mapping(0x7F00, 0x1000, "/usr/lib/lib python3.so", 0x7F10)]
