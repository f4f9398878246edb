"""What keeps threads from a speed-up that need no GIL: locks, stops of all threads, or what nothing waits for. Pure.

A free-threaded build replaces the GIL by many locks, of dicts and lists too. Threads that change one object wait for
the lock of that one. Threads that only use an object count references to it, for which none waits, but which costs
each of them time: then they keep cores busy, for longer than the same work takes alone.
"""

from __future__ import annotations

from pconc_tui.comparison.rows import Row
from pconc_tui.models import FREE_THREADED
from pconc_tui.text import lock_words
from pconc_tui.text.numbers import decimal

GOOD = 0.8
"""A model that reaches this share of the ideal speed-up needs no explanation."""
WASTED_CORES = 0.25
"""Cores kept busy in vain from which on they are mentioned."""


def share(row: Row) -> float:
    """The share of the workers' time, 0 to 1, in which they waited for locks or were stopped."""
    return 0.0 if row.locks is None else row.locks.lock_wait + row.locks.stopped


def waited(row: Row) -> str:
    """`waited for locks 62 % of their time, mostly for one lock`; empty: hardly, or it is unknown."""
    return " and ".join(lock_words.phrases(row.locks, "their time", "waited", "were all stopped"))


def cause(row: Row) -> str:
    """What `waited` says; where a row without a GIL waited hardly, what its cores were kept busy with in vain."""
    found, wasted = waited(row), row.wasted_cores or 0.0
    if found or row.locks is None or row.case.model != FREE_THREADED or wasted < WASTED_CORES:
        return found
    more = f"{decimal(wasted)} more than the same work takes alone"
    return f"kept {decimal(row.cores_busy)} cores busy, {more}, and hardly waited for locks"


def sentence(row: Row) -> str:
    """Why a row without a GIL is far from its ideal, after a space; empty: it isn't, or the figures don't say it."""
    if row.speedup is None or row.speedup.median >= GOOD * row.ideal or not (why := cause(row)):
        return ""
    name = f"{row.case.name[:1].upper()}{row.case.name[1:]} under {row.case.python.short}"
    return f" {name}, speed-up {decimal(row.speedup.median)}: its workers {why}."
