"""Names for the locks that observed threads wait for, and what is known of them.

A is the first of each process that is shown: a lab's own threads wait for locks too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from pconc_tui.monitor.tree_client import TreeObserver
from pconc_tui.protocol.block import State
from pconc_tui.protocol.lane_source import Source
from pconc_tui.protocol.observer_slots import ALL_STOPPED, AN_EVENT, UNKNOWN_LOCK
from pconc_tui.snapshot import Worker
from pconc_tui.watched_program import LockKind, LockWait

_KINDS = {UNKNOWN_LOCK: LockKind.LOCK, ALL_STOPPED: LockKind.ALL_STOPPED, AN_EVENT: LockKind.EVENT}


def lock_name(number: int) -> str:
    """0 is A, 25 is Z, 26 is AA. Pure."""
    before, last = divmod(number, 26)
    return (chr(ord("A") + before - 1) if before else "") + chr(ord("A") + last)


def lock_wait(tree: TreeObserver, pid: int, tid: int) -> tuple[LockWait, int | None]:
    """What a thread waits for that waits for a lock, and the native id of the thread that holds that; None: unknown."""
    thread, process = tree.thread(pid, tid), tree.processes.get(pid)
    number = UNKNOWN_LOCK if thread is None else thread.lock
    if number < 0 or process is None:
        return LockWait(_KINDS[min(number, UNKNOWN_LOCK)]), None
    shown = process.shown_locks.setdefault(number, len(process.shown_locks))
    holder = process.holders.get(number)
    # Holders may be known up to a later moment than the one that is shown: then it has the lock that it waits for here.
    return LockWait(LockKind.LOCK, lock_name(shown)), None if holder == tid else holder


def with_locks(workers: Iterable[Worker], trees: Iterable[TreeObserver], names: Mapping[int, str]) -> Iterator[Worker]:
    """The workers and threads, those that wait for a lock with what is known of it. `names`: by native id."""
    by_pid = {pid: tree for tree in trees for pid in tree.processes}
    for worker in workers:
        tree = by_pid.get(worker.pid) if worker.pid and worker.source != Source.REPORTED else None
        if worker.state is State.LOCK and tree is not None and worker.pid and worker.native_id:
            wait, holder = lock_wait(tree, worker.pid, worker.native_id)
            yield replace(worker, lock=wait._replace(holder=names.get(holder or 0, "")))
        else:
            yield worker
