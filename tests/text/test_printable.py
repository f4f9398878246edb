"""Foreign text is made safe for a terminal."""

from __future__ import annotations

import unicodedata

import pytest

from pconc_tui.text.printable import printable, printable_lines


@pytest.mark.parametrize(
    "character",
    [
        *map(chr, {*range(32)} - {9}),
        *map(chr, range(0x7F, 0xA0)),
        *map(chr, (0x61C, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF, 0xD800, 0xDFFF)),
        *map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))),
    ],
    ids=ascii,
)
def test_what_a_terminal_would_obey_is_escaped(character: str) -> None:
    escaped = printable(f"a{character}b")
    assert escaped.isascii()
    assert escaped.isprintable()
    assert escaped.encode().decode("unicode_escape").encode(errors="surrogatepass") == f"a{character}b".encode(
        errors="surrogatepass"
    )


@pytest.mark.parametrize("text", ["", "plain", "é ß 日本 🙂 👨‍👩‍👧", "a\tb", "100 %\u00a0", "C:\\x1b"])
def test_the_rest_stays(text: str) -> None:
    assert printable(text) == text


def test_all_control_characters_and_overrides_of_direction_are_known() -> None:
    for code in range(0x110000):
        character = chr(code)
        directional = unicodedata.bidirectional(character) in (
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        )
        if directional or (unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") and character != "\t"):
            assert printable(character) != character


def test_lines_stay_lines() -> None:
    assert printable_lines("a\x1b]52;c;aGk=\x07\nb\r\n") == "a\\x1b]52;c;aGk=\\x07\nb\\r\n"
