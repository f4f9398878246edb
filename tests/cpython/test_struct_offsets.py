"""Layouts that CPython publishes, and ids of threads in the C library's structs."""

from __future__ import annotations

import struct

from pconc_tui.cpython import struct_offsets


def test_a_layout_that_is_not_the_expected_one_is_unknown() -> None:
    def head(version: int, holder: int) -> bytes:
        words = [version, 0, *[0] * 12, 7800, 7000, 0, holder + 8, holder]
        return struct_offsets.COOKIE + struct.pack("<19Q", *words) + bytes(struct_offsets.HEAD_BYTES)

    # 3.14 as it is but for one field more before the holder, and a version that does not exist yet.
    assert struct_offsets.published(head(0x030E00F0, 7008))[1] is not None
    assert struct_offsets.published(head(0x030E00F0, 7016)) == ((3, 14), None)
    assert struct_offsets.published(head(0x03FF00F0, 7008)) == ((3, 255), None)


def test_the_thread_id_is_found_in_a_struct_pthread() -> None:
    # An address whose upper half equals the id comes first.
    pthread = struct.pack("<QQii", 0x7F21_0000_1234, 0, 0x7F21, 0)
    assert struct_offsets.find_tid(pthread, 0x7F21) == 16
    assert struct_offsets.find_tid(pthread, 99) is None


def test_an_id_that_other_fields_have_too_is_found_where_the_c_library_has_it() -> None:
    # Of the first process of a container it is 1.
    pthread = bytearray(1024)
    for offset in (24, 64, struct_offsets.GLIBC_TID):
        pthread[offset] = 1
    assert struct_offsets.find_tid(bytes(pthread), 1) == struct_offsets.GLIBC_TID
