"""For how long a thread that is woken up may have waited for the core that it gets, by what had it before. Pure.

The kernel puts a thread that is woken up on a core without saying so. If another thread of its process has just left
that core, it may have waited for as long as such threads have had it without a gap. If that one was preempted soon
after it had got the core, that was because of the wake-up: so there was no wait. Example, in ms, of one core:

    10.0  thread 1 gets it                                    unused: not by threads of the process, at least
    12.0  thread 1 blocks, thread 2 gets it                   it may have waited for 2.0
    12.1  thread 2 is preempted, thread 1 gets it             it has just been woken up
    16.1  thread 1 is preempted after a tick, 2 gets it       it may have waited for 6.1
    20.0  thread 2 blocks
    20.5  thread 1 gets it                                    unused
"""

from __future__ import annotations

from pconc_tui.kernel.records import BLOCKED

GAP_NS = 10_000
"""The kernel takes less than this from one thread to the next."""
SLICE_NS = 2_500_000
"""A thread that is preempted later has had the core for as long as the kernel grants: others wait for it."""
UNUSED, JUST_WOKEN = 0, -1


class CoreUse:
    """One core."""

    __slots__ = ("_got_ns", "_is_over", "_left_ns", "_taken_ns")

    def __init__(self) -> None:
        self._taken_ns = self._got_ns = self._left_ns = 0
        """Since when threads have had it without a gap, when the last of them got it, and left it."""
        self._is_over = False
        """Whether that one left it because it blocked or had had it for long."""

    def gets(self, time_ns: int) -> int:
        """A thread gets it; for how long others have had it, in ns, or `UNUSED`, or `JUST_WOKEN`."""
        self._got_ns = time_ns
        if 0 <= time_ns - self._left_ns < GAP_NS:
            return time_ns - self._taken_ns if self._is_over else JUST_WOKEN
        self._taken_ns = time_ns
        return UNUSED

    def loses(self, time_ns: int, way: int) -> None:
        """The thread leaves it, in this way of a `Switch`."""
        self._is_over = way == BLOCKED or time_ns - self._got_ns >= SLICE_NS
        self._left_ns = time_ns
