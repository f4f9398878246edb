"""A hold of the GIL in words."""

from __future__ import annotations

import pytest

from pconc_tui.text.hold_text import held_for, length
from pconc_tui.watched_program import Hold

MS = 1_000_000


@pytest.mark.parametrize(
    ("waited_ms", "is_cut", "goes_on", "words", "short"),
    [
        (270, False, False, "held the GIL for 0.27 s", "0.27 s"),
        (36, False, False, "held the GIL for 0.27 s at most; another waited for the last 36.0 ms of it", "36.0 ms"),
        (0, False, False, "held the GIL for 0.27 s at most; none waited for it", "≤0.27 s"),
        (270, True, False, "held the GIL for 0.27 s or longer; what was before or after is unknown", "≥0.27 s"),
        (
            0,
            True,
            False,
            "held the GIL for 0.27 s or longer; what was before or after is unknown; none waited for it",
            "≤0.27 s",
        ),
        (270, False, True, "has held the GIL for 0.27 s so far", "0.27 s"),
        (0, False, True, "has held the GIL for 0.27 s at most so far; none waited for it", "≤0.27 s"),
    ],
)
def test_what_is_uncertain_of_it_is_said(waited_ms: int, is_cut: bool, goes_on: bool, words: str, short: str) -> None:
    hold = Hold(0, 270 * MS, (), None, waited_ms * MS, is_cut, goes_on)
    assert (held_for(hold), length(hold)) == (words, short)
