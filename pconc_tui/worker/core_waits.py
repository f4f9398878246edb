"""Where in a wait its thread waited for a core, which only its queue clock counts. Pure.

A thread that blocks gives up the GIL first, and so wakes up another, which may take its core: it is *preempted* before
it has blocked, and waits for a core though it is about to wait for something else. A thread that is woken up waits for
a core too; when it has one, another may have been faster at the lock, and it blocks again. Example, times in ms, of a
wait for a lock that begins at 0; the lock was last released at 9, and the wait ended at 10, with 6 ms without a core:

    preempted, blocked twice       1 may have been after the release; it waited for a core 0 to 5, then for the lock
    preempted, blocked 3 times     half of that was after a wake-up: for a core 0 to 2.5, for the lock until 6.5
    not preempted                  all of it was after wake-ups: for the lock 0 to 4

Had the wait ended at 9.1, all of it would count as before the release: a thread that finds the lock released has a
core, and needs a moment to get the GIL. From when it could have gone on, a wait is explained as any other gap: another
thread holds the GIL that it needs, or it has no core.
"""

from __future__ import annotations

from typing import NamedTuple

from pconc_tui.worker.run_delay import Switches

LOCK_AND_GIL = 2
"""How often a thread blocks to get a lock and the GIL."""
HANDOFF_NS = 200_000
"""Getting the GIL from a thread that releases it at once takes less."""


class Wait(NamedTuple):
    """When a thread blocked, and when it could have gone on, in ns."""

    blocked_ns: int
    ready_ns: int


def placed(start_ns: int, ready_ns: int, end_ns: int, waited_ns: int, switches: Switches, wakes_up_early: bool) -> Wait:
    """The wait of a thread that waited for a core for `waited_ns` in all.

    `ready_ns`: from when on it could have gone on for certain; `wakes_up_early`: it may have been woken up before.
    """
    after_ns = end_ns - ready_ns
    if wakes_up_early and after_ns < HANDOFF_NS and (switches.preempted or switches.blocked > LOCK_AND_GIL):
        after_ns = 0
    before_ns = max(0, min(waited_ns - after_ns, ready_ns - start_ns))
    if not switches.preempted:
        lost_ns = 0
    elif wakes_up_early and switches.blocked > LOCK_AND_GIL:
        lost_ns = before_ns // 2
    else:
        lost_ns = before_ns
    woken_ns = before_ns - lost_ns if wakes_up_early else 0
    return Wait(start_ns + lost_ns, ready_ns - woken_ns)
