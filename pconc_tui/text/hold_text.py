"""A hold of the GIL in words: its length is certain as far as another thread waited meanwhile. Pure."""

from __future__ import annotations

from pconc_tui.text.numbers import UNKNOWN, seconds
from pconc_tui.watched_program import Hold

NEARLY_ALL = 0.9


def length(hold: Hold | None) -> str:
    """The time for which it is certain; `≤` and the whole, where no other thread waited."""
    if hold is None:
        return UNKNOWN
    return seconds(hold.waited_s) if hold.waited_ns else f"≤{seconds(hold.seconds)}"


def held_for(hold: Hold) -> str:
    """`held the GIL for 0.27 s`, with what is uncertain of it."""
    if hold.waited_s >= NEARLY_ALL * hold.seconds:
        return f"held the GIL for {seconds(hold.seconds)}"
    waited = f"another waited for the last {seconds(hold.waited_s)} of it" if hold.waited_ns else "none waited for it"
    return f"held the GIL for {seconds(hold.seconds)} at most; {waited}"
