"""What is known of a program that is watched: its threads, its processes, and what they hold and wait for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from pconc_tui.measurement import LockShares


class Place(NamedTuple):
    """A place in code that a thread is in."""

    function: str
    file: str
    """Its path, as the interpreter has it."""
    line: int

    def __str__(self) -> str:
        function = self.function.replace("<locals>.", "")
        call = function if function.startswith("<") else f"{function}()"
        return f"{call} {self.file.rpartition('/')[2]}:{self.line}"


class Hold(NamedTuple):
    """A stretch in which a thread held the GIL without releasing it."""

    start_ns: int
    end_ns: int
    stack: tuple[Place, ...] = ()
    """The functions that it was in, innermost first, if they were read meanwhile."""
    place: Place | None = None
    """Of these, the innermost outside the standard library; None: unknown."""
    waited_ns: int = 0
    """For how long of its end another thread waited for the GIL: for so long it is certain that it wasn't released."""
    is_cut: bool = False
    """Whether it may have lasted longer: what the thread did before or after is unknown."""
    goes_on: bool = False
    """Whether it had not ended."""

    @property
    def waited_s(self) -> float:
        return self.waited_ns / 1e9

    @property
    def seconds(self) -> float:
        return (self.end_ns - self.start_ns) / 1e9


class LockKind(IntEnum):
    """What a thread waits for whose state is `LOCK`."""

    LOCK = 0
    EVENT = 1
    """Not a lock, but an event of CPython 3.13 or later, such as the end of another thread."""
    ALL_STOPPED = 2
    """That another thread, which has stopped all threads of a free-threaded build, lets them go on."""


class LockWait(NamedTuple):
    """What is known of the lock that a thread waits for."""

    kind: LockKind
    name: str = ""
    """`A` for the first lock that threads of its process waited for; empty: it is unknown which lock it is."""
    holder: str = ""
    """The name of the thread that holds it; empty: unknown."""


@dataclass(frozen=True)
class WatchedThread:
    """What is known of a thread of a program that is watched, besides its lane."""

    python: bool | None
    """Whether it runs Python code: it has a Python thread state; None: it ended before that was known."""
    place: Place | None = None
    """Where it is, or was at the last reading: the innermost function outside the standard library."""
    stack: tuple[Place, ...] = ()
    """All the functions that it is in, innermost first."""
    waits_for: str = ""
    """What it waits for and what that does: `the GIL: Thread-3 in crunch() work.py:12`; empty: nothing, or unknown."""
    held_s: float = 0.0
    """Seconds in which it held the GIL since watching began, waits for a core meanwhile included."""
    recent_held_s: float | None = None
    """The same within the time of `Worker.recent`."""
    longest: Hold | None = None
    """The longest time in which it held the GIL without releasing it."""
    holds_in: Place | None = None
    """Where it was most often while it held the GIL."""
    halted: str = ""
    """`stopped` or `traced`: its process is, so that it does not run; empty: it is not."""


@dataclass(frozen=True)
class WatchedProcess:
    """A process of a program that is watched."""

    pid: int
    parent: int
    command: str
    """Its command line."""
    python: str = ""
    """Its version of CPython, `3.14`, with a `t` for a free-threaded build; empty: it runs none, or it is unknown."""
    gil_enabled: bool | None = None
    """None: unknown, or it runs no CPython."""
    doing: str = "runs"
    """`runs`, `stopped`, `traced`, or how it ended: `ended`."""
    problem: str = ""
    """What can't be known of it, and why; empty: nothing."""

    @property
    def halted(self) -> str:
        """`stopped` or `traced`: none of its threads runs; empty: it is not, or has ended."""
        return self.doing if self.doing in ("stopped", "traced") else ""


@dataclass(frozen=True)
class WatchedProgram:
    """A program that is watched, and all processes below it."""

    pid: int
    command: str
    source: str | None = None
    """Where the lanes come from: `kernel`, `kernel + sampled`, `sampled`; None: not known yet."""
    source_problem: str = ""
    """Why there is no better source, and how to get it."""
    functions_problem: str = ""
    """Why functions are unknown, and how to get them; empty: they are known, or not read yet."""
    processes: tuple[WatchedProcess, ...] = ()
    ended: str = ""
    """How the whole program ended; empty: it lives."""
    since_ns: int = 0
    """When watching began."""
    started_here: bool = False
    """Whether this program has started it, and ends it."""
    not_shown: int = 0
    """Threads that have no lane, because there are too many."""
    locks: LockShares | None = None
    """What its threads without a GIL waited for over the last second; None: it has none, or it is unknown."""
    all_locks: LockShares | None = None
    """The same since watching began."""
    switches: int = 0
    """Hand-offs of its GILs since watching began, by CPython's own counts, as far as they can be read."""
    ended_ns: int = 0
    """When the last of its processes ended; 0: it has not, or that is unknown."""

    def watched_s(self, now_ns: int) -> float:
        """For how many seconds it was watched, until it ended."""
        return ((self.ended_ns or now_ns) - self.since_ns) / 1e9

    @property
    def failed(self) -> bool:
        """Whether it was started here, and has ended with an exit status other than 0, or was killed."""
        return self.started_here and self.ended.startswith(("has ended with exit status", "was killed"))


@dataclass(frozen=True)
class RunningPython:
    """A process of this machine that runs Python."""

    pid: int
    started: int
    """When it was started, in ticks since the system's start: with its id, this identifies it."""
    version: str
    """`3.12`, with a `t` for a free-threaded build; empty: unknown."""
    command: str
    user: str
    cpu: float | None
    """CPU time per wall time since the last list, or over its life; 1.0 is one core."""
    problem: str = ""
    """Why it can't be watched; empty: it can."""
