"""Sentences about the GIL of a watched program: which threads hold it, for how much of the time, and where. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from pconc_tui.protocol.lane_source import Source
from pconc_tui.text.headline_values import plural, threads_wait, verb
from pconc_tui.text.hold_text import rounded
from pconc_tui.text.numbers import percent
from pconc_tui.text.watch_shares import MOSTLY, WAITS, Shares
from pconc_tui.watched_program import Place

TAKES_TURNS = 0.005
"""A thread that holds the GIL for less of the time doesn't count as one of those that take turns."""
ADVICE = "Processes or a free-threaded build would help."


def take_turns(gil: list[Shares], released: float, often: str, busy: str, among: str = "") -> Iterator[str]:
    """Threads wait for the GIL. `released`: the cores that code keeps busy which has released it.

    `often`: how often it changes hands; `busy`: that threads wait for a core; each with the sentence before, or empty.
    `among`: as which of several processes or interpreters; empty: no other holds a GIL for long.
    """
    top = max(gil, key=lambda each: each.held)
    held = held_by(gil)
    waiting = sum(each.gil_wait for each in gil)
    with_gil = sum(each.running - each.released for each in gil)
    turns = [each for each in gil if _takes_turns(each)] or gil
    if top.held >= MOSTLY or len(turns) == 1:
        subject, mostly = f"{top.thread.name} holds the GIL {percent(top.held, ' %')} of the time", _mostly([top])
        others = sum(each.gil_wait >= WAITS for each in gil if each is not top)
        waits = f"; {plural(others, 'thread')} {verb(others, 'wait')} for it" if others else ""
        briefly = f"{subject}; {others} {verb(others, 'wait')} for it" if others else subject
    else:
        # Where sampled threads switch too often to be distinguished, it is not known which of them held the GIL when.
        is_known = top.thread.source != Source.SAMPLED or held >= MOSTLY * with_gil
        subject = _turns(turns, gil if is_known else ())
        waits, mostly = f"; {threads_wait(waiting)} for it on average", _mostly(gil)
        briefly = f"{threads_wait(waiting)} for the GIL{_held_share(gil) if is_known else ''}"
    advice = f" {ADVICE}" if held >= MOSTLY else ""
    one = f"One thread at a time{among}: " if held >= min(MOSTLY, released) else ""
    said = f"{one}{subject}{mostly}"
    yield f"{said}{_longest(gil)}{waits}.{often}{busy or advice}"
    yield f"{said}{waits}.{often}"
    yield f"{one}{subject}{waits}."
    yield f"{one}{briefly}."
    yield f"{one}{threads_wait(waiting)} for the GIL."


def _turns(turns: Collection[Shares], gil: Collection[Shares]) -> str:
    """`gil`: all threads of the GIL; empty: it is not known for how much of the time they held it."""
    return f"{plural(len(turns), 'thread')} take turns with the GIL{_held_share(gil) if gil else ''}"


def _held_share(gil: Iterable[Shares]) -> str:
    return f", held {percent(min(1.0, held_by(gil)), ' %')} of the time"


def _takes_turns(thread: Shares) -> bool:
    """Whether it held the GIL for more than a moment of its life."""
    return max(thread.held, thread.running - thread.released) >= TAKES_TURNS * thread.lived > 0


def held_by(threads: Iterable[Shares]) -> float:
    """For how much of the time these threads hold a GIL, each, added up."""
    return sum(each.held for each in threads)


def held_without_waits(gil: list[Shares], is_alone: bool, often: str, busy: str) -> Iterator[str]:
    """One thread holds the GIL for most of the time, or several do, one after another, and none waits for it for long.

    `is_alone`: hardly any thread of another GIL runs; `often` and `busy`: as in `take_turns`.
    """
    top = max(gil, key=lambda each: each.held)
    if top.held >= MOSTLY:
        alone = " runs alone: it" if is_alone else ""
        holds = f"{top.thread.name}{alone} holds the GIL {percent(top.held, ' %')} of the time"
        mostly = _mostly([top])
    else:
        turns = [each for each in gil if _takes_turns(each)]
        holds, mostly = _turns(turns, gil), _mostly(turns)
    yield f"{holds}{mostly}; no thread waits for it for long.{often}{busy}"
    yield f"{holds}; no thread waits for it for long.{often}{busy}"
    yield f"{holds}; no thread waits for it for long.{often}"
    yield f"{holds}.{often}{busy}"
    yield f"{holds}.{often}"


def _mostly(threads: Iterable[Shares]) -> str:
    """The place in which these threads hold the GIL for most of the time that they do, as far as it is known."""
    held: defaultdict[Place, float] = defaultdict(float)
    for each in threads:
        if each.thread.thread and each.thread.thread.holds_in:
            held[each.thread.thread.holds_in] += each.held
    return f", mostly in {_in_words(max(held, key=lambda place: held[place]))}" if held else ""


def _longest(threads: Iterable[Shares]) -> str:
    longest = max((each.thread.held_s or 0.0 for each in threads), default=0.0)
    return f", up to {rounded(longest)} at a stretch" if longest else ""


def _in_words(place: Place) -> str:
    """`crunch() (work.py:12)`."""
    function, _, where = str(place).rpartition(" ")
    return f"{function} ({where})"
