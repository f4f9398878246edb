"""What a worker does, in a cell of a table: cut so that two waiting threads stay different. Pure."""

from __future__ import annotations

import re

from pconc_tui.text.table import cut, cut_name

HELD_BY = re.compile(r"(?P<what>.*(the GIL|lock [A-Z]+)): (?P<which>.*)")
SHORTER = {"waiting for core": "core", "blocked with GIL": "blocked+GIL"}
SHORTEST_NAME = 8
"""A name is cut to fewer characters only where words that help to read it have been left out."""

LEAST_PLACE = 6
"""With less room beside the name, the place is left out."""


def cut_state(state: str, width: int) -> str:
    """The state, cut to a width: of what a thread waits for the name of the thread that has it stays, cut inside.

    `· the GIL: ThreadPoolExecutor-0_1 in burn()` becomes `· the GIL: ThreadP…r-0_1` in 24
    cells, and in 14 `· GIL: Thre…_1`. `╳ lock A: locker-1` becomes `╳ lock A: lo…1`.
    """
    if len(state) <= width:
        return state
    held = HELD_BY.fullmatch(state)
    if held is None:
        for words, fewer in SHORTER.items():
            state = state.replace(words, fewer)
        return cut(state, width)
    what, which = held["what"], held["which"]
    name = which.partition(" in ")[0]
    if width - len(what) - 2 < min(len(name), SHORTEST_NAME):
        what = what.replace("the ", "")
    room = max(1, width - len(what) - 2)
    return f"{what}: {cut(which, room) if len(name) + LEAST_PLACE <= room else cut_name(name, room)}"
