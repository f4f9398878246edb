"""Sentences: hand-offs by the better source."""

from __future__ import annotations

import pytest

from pconc_tui.text import sentences
from tests.ui import samples


@pytest.mark.parametrize(
    ("lanes", "cpython", "shown", "problem", "text"),
    [
        (357, 362, True, None, "357 hand-offs (CPython's own count, other threads included: 362)"),
        (829, 330, True, None, "829 hand-offs"),
        (829, 330, False, None, "330 hand-offs (CPython's own count, other threads included)"),
        (0, 117, False, None, "117 hand-offs (CPython's own count, other threads included)"),
        (12, None, True, "no symbols", "12 hand-offs"),
        (0, None, False, None, "0 hand-offs"),
        (
            12,
            None,
            False,
            "no symbols",
            "about 12 hand-offs (lanes don't show all, and CPython's own count is not readable: no symbols)",
        ),
    ],
)
def test_hand_offs_by_the_better_source(
    lanes: int, cpython: int | None, shown: bool, problem: str | None, text: str
) -> None:
    measurement = samples.measurement(
        handoffs=lanes, switches=cpython, lanes_show_handoffs=shown, switches_problem=problem
    )
    assert sentences.handoffs(measurement) == text
