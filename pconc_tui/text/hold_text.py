"""A hold of the GIL in words: its length is certain as far as another thread waited meanwhile. Pure."""

from __future__ import annotations

from pconc_tui.text.numbers import UNKNOWN, seconds
from pconc_tui.watched_program import Hold

NEARLY_ALL = 0.9


def length(hold: Hold | None) -> str:
    """The time for which it is certain, with `≥` where it may have been longer; `≤` and the whole, where no other
    thread waited.
    """
    if hold is None:
        return UNKNOWN
    if not hold.waited_ns:
        return f"≤{seconds(hold.seconds)}"
    return f"{'≥' if hold.is_cut and _is_certain(hold) else ''}{seconds(hold.waited_s)}"


def held_for(hold: Hold) -> str:
    """`held the GIL for 0.27 s`, with what is uncertain of it."""
    bound = " or longer" if hold.is_cut else "" if _is_certain(hold) else " at most"
    notes = ["; what was before or after is unknown"] if hold.is_cut else []
    if not hold.waited_ns:
        notes.append("; none waited for it")
    elif not _is_certain(hold):
        notes.append(f"; another waited for the last {seconds(hold.waited_s)} of it")
    held, so_far = ("has held", " so far") if hold.goes_on else ("held", "")
    return f"{held} the GIL for {seconds(hold.seconds)}{bound}{so_far}{''.join(notes)}"


def _is_certain(hold: Hold) -> bool:
    """Whether nearly all of it is."""
    return hold.waited_s >= NEARLY_ALL * hold.seconds


def rounded(time_s: float) -> str:
    """How long a hold was, in a sentence: `230 ms`, `2.27 s`."""
    return f"{time_s * 1e3:.0f} ms" if 0.01 <= time_s < 1 else seconds(time_s)
