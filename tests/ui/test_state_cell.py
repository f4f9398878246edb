"""What a thread waits for, cut to the width of a column."""

from __future__ import annotations

import pytest

from pconc_tui.ui.drawing.state_cell import cut_state

POOL = "· the GIL: ThreadPoolExecutor-0_1 in burn() work.py:12"


@pytest.mark.parametrize(
    ("state", "width", "expected"),
    [
        (POOL, 60, POOL),
        (POOL, 40, "· the GIL: ThreadPoolExecutor-0_1 in bu…"),
        (POOL, 35, "· the GIL: ThreadPoolExecutor-0_1"),
        (POOL, 24, "· the GIL: ThreadP…r-0_1"),
        (POOL, 14, "· GIL: Thre…_1"),
        ("· the GIL: query-1 in group() work.py:12", 14, "· GIL: query-1"),
        (POOL, 12, "· GIL: Th…_1"),
        ("ValueError: bad value", 16, "ValueError: bad…"),
        ("╳ a lock: AB", 12, "╳ a lock: AB"),
        ("· the GIL", 14, "· the GIL"),
        ("▒ waiting for core", 14, "▒ core"),
        ("≈ blocked with GIL", 14, "≈ blocked+GIL"),
        ("╳ lock A: locker-1", 14, "╳ lock A: lo…1"),
        ("╳ lock AB: locker-1", 15, "╳ lock AB: lo…1"),
        ("~ I/O, sleep", 9, "~ I/O, s…"),
    ],
)
def test_the_name_of_the_holder_stays(state: str, width: int, expected: str) -> None:
    assert cut_state(state, width) == expected
    assert len(expected) <= width
