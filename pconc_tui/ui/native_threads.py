"""Folds native threads of a watched program, those that run no Python code, into one line for each process. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from pconc_tui.protocol.block import State
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.text.headline_values import plural
from pconc_tui.watched_program import WatchedThread


def folded(snapshot: Snapshot) -> Snapshot:
    """The snapshot with one line in place of the native threads of each process that has other threads too."""
    if snapshot.program is None:
        return snapshot
    threads = Counter(thread.pid for thread in snapshot.workers)
    native: dict[int | None, list[Worker]] = {}
    for thread in snapshot.workers:
        if thread.thread is not None and not thread.thread.python and threads[thread.pid] > 1:
            native.setdefault(thread.pid, []).append(thread)
    last = {found[-1].id: found for found in native.values()}
    hidden = {thread.id for found in native.values() for thread in found[:-1]}
    kept = [thread for thread in snapshot.workers if thread.id not in hidden]
    return replace(snapshot, workers=tuple(_line(last[each.id]) if each.id in last else each for each in kept))


def _line(threads: list[Worker]) -> Worker:
    """One line for these threads of a process."""
    alive = [each for each in threads if each.alive]
    known = [each.cpu for each in alive if each.cpu is not None]
    running = next((each.state for each in alive if each.state in (State.RUNNING, State.RELEASED)), None)
    return replace(
        threads[0],
        id=-(threads[0].pid or 0),
        name=plural(len(alive or threads), "native thread"),
        native_id=None,
        core=None,
        state=running or (alive or threads)[0].state,
        ending=None if alive else "ended",
        cpu=sum(known) if known else None,
        recent=None,
        held_s=None,
        history=(),
        thread=WatchedThread(python=False),
    )
