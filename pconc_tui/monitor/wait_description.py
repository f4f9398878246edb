"""What a blocked worker waits for, in words, from its stack. Pure, but for reading a line of the user's file.

The user's code calls a function of a library, which calls others. The outermost that is known says what is waited for:

    work.py  take       queue.get()                     the user's code
    queue.py get            self.not_empty.wait()       known: "waits for an item of a queue"
    threading.py wait           waiter.acquire()

Where the user's code calls C, there is no frame of that; then the line says it, if it fits what the system says: a
thread that is blocked in a futex at `with lock:` waits for a lock. What neither shows is not guessed: "is blocked".
"""

from __future__ import annotations

import linecache
import re
from typing import NamedTuple

from pconc_tui.protocol.block import State

LOCK, EVENT, CONDITION, BARRIER = (
    "waits for a lock",
    "waits for an event",
    "waits for a condition",
    "waits at a barrier",
)
EVENT_OR_CONDITION = "waits for an event or a condition"
QUEUE, ROOM, EMPTY = "waits for an item of a queue", "waits for room in a queue", "waits until a queue's items are done"
FUTURE, TASK = "waits for a future", "waits for a task or a future"
RESULT, POOL = "waits for a result of a pool", "waits for the tasks of a pool"
THREAD, PROCESS, CHILD = "waits for a thread", "waits for a process", "waits for a child process"
IO, INPUT, SLEEPS, BLOCKED = "waits for I/O", "waits for input", "sleeps", "is blocked"
GIL = "waits for the GIL"


class Call(NamedTuple):
    """A frame of a stack."""

    path: str
    """Of a standard module relative to its folder: `queue.py`."""
    line: int
    function: str


class Stack(NamedTuple):
    """Where a worker is in the user's code."""

    calls: tuple[Call, ...]
    """The last is the innermost of the user's code; before it what that calls, the innermost first. Empty: unknown."""
    loop_blocked: bool = False
    """Whether the worker awaits, and its event loop is blocked here."""


_KNOWN = {
    "queue.py": {"get": QUEUE, "put": ROOM, "join": EMPTY},
    "threading.py": {
        "acquire": LOCK, "__enter__": LOCK, "_acquire_restore": LOCK, "wait": CONDITION, "wait_for": CONDITION,
        "join": THREAD, "_shutdown": THREAD,
    },
    "concurrent/futures/_base.py": {
        "result": FUTURE, "exception": FUTURE, "wait": FUTURE, "as_completed": FUTURE, "result_iterator": FUTURE,
        "__exit__": POOL,
    },
    "concurrent/futures/thread.py": {"shutdown": POOL},
    "concurrent/futures/process.py": {"shutdown": POOL, "_chain_from_iterable_of_lists": FUTURE},
    "multiprocessing/queues.py": {"get": QUEUE, "put": ROOM, "join": EMPTY},
    "multiprocessing/synchronize.py": {"__enter__": LOCK, "acquire": LOCK, "wait": CONDITION, "wait_for": CONDITION},
    "multiprocessing/connection.py": {"recv": IO, "recv_bytes": IO, "poll": IO, "wait": IO, "accept": IO, "send": IO},
    "multiprocessing/process.py": {"join": PROCESS},
    "multiprocessing/pool.py": {
        "get": RESULT, "wait": RESULT, "next": RESULT, "map": RESULT, "starmap": RESULT, "apply": RESULT, "join": POOL,
    },
    "multiprocessing/managers.py": {"_callmethod": "waits for a manager"},
    "subprocess.py": dict.fromkeys(
        ("run", "call", "check_call", "check_output", "wait", "communicate", "_wait", "__exit__"), CHILD
    ),
    "socket.py": dict.fromkeys(("accept", "readinto", "create_connection", "makefile", "sendall"), IO),
    "ssl.py": dict.fromkeys(("recv", "recv_into", "read", "send", "sendall", "do_handshake"), IO),
    "selectors.py": {"select": IO},
    "socketserver.py": {"serve_forever": IO},
    "http/client.py": dict.fromkeys(("request", "connect", "getresponse", "read"), IO),
    "urllib/request.py": {"urlopen": IO},
    "asyncio/locks.py": {"acquire": LOCK, "__aenter__": LOCK, "wait": EVENT_OR_CONDITION, "wait_for": CONDITION},
    "asyncio/queues.py": {"get": QUEUE, "put": ROOM, "join": EMPTY},
    "asyncio/tasks.py": {"sleep": SLEEPS, "wait": TASK, "gather": TASK, "_wait": TASK},
    "asyncio/taskgroups.py": {"__aexit__": TASK},
    "asyncio/streams.py": dict.fromkeys(("read", "readline", "readexactly", "readuntil", "drain"), IO),
    "asyncio/subprocess.py": {"wait": CHILD, "communicate": CHILD},
    "asyncio/runners.py": {"run": TASK},
    "asyncio/base_events.py": {"sock_recv": IO, "sock_accept": IO, "sock_connect": IO, "run_until_complete": TASK},
}  # fmt: skip
"""What each function of a standard module waits for."""

_IN_FUTEX = (
    (re.compile(r"^\s*(async\s+)?with\b|\.acquire\("), LOCK),
    (re.compile(r"\.get\("), QUEUE),
    (re.compile(r"\.join\("), THREAD),
)
_IN_IO = (
    (re.compile(r"\bsleep\w*\("), SLEEPS),
    (re.compile(r"\binput\("), INPUT),
    (re.compile(r"\b(waitpid|waitid|wait3|wait4|os\.wait)\("), CHILD),
    (re.compile(r"\b(recv\w*|accept|connect|send\w*|read\w*|write\w*|select|poll|open|flush)\("), IO),
)
_AWAITS = re.compile(r"\bawait\b|\basync\s+(for|with)\b")


def describe(stack: Stack | None, state: State) -> str:
    """What a worker does that is blocked at this place, in this state of its lane."""
    if state is State.GIL_WAIT:
        return GIL
    if stack is None or not stack.calls:
        return BLOCKED
    words = _from_library(stack.calls[:-1]) or _from_line(stack.calls[-1], state)
    return f"waits for its event loop, which {words}" if stack.loop_blocked else words


def _from_library(calls: tuple[Call, ...]) -> str | None:
    """What the outermost known function waits for."""
    for call in reversed(calls):
        found = _KNOWN.get(call.path, {}).get(call.function)
        if found in (CONDITION, EVENT_OR_CONDITION):
            return _kind_of_wait([each.function for each in calls if each.path == call.path], found)
        if found is not None:
            return found
    return None


def _kind_of_wait(functions: list[str], otherwise: str) -> str:
    """What a method `wait` waits for: that of an event calls that of a condition, and so does that of a barrier."""
    if {"_wait", "_block"}.intersection(functions):
        return BARRIER
    return EVENT if "wait_for" not in functions and functions.count("wait") > 1 else otherwise


def _from_line(call: Call, state: State) -> str:
    """What the line of the user's code waits for that calls C; its file may have changed since it was imported."""
    line = linecache.getline(call.path, call.line).partition("#")[0]
    if _AWAITS.search(line):
        return TASK
    known = {
        State.LOCK: _IN_FUTEX,
        State.IO: _IN_IO,
        State.UNKNOWN: _IN_IO + _IN_FUTEX,
        State.BLOCKED_WITH_GIL: _IN_IO + _IN_FUTEX,
    }.get(state, ())
    found = list(dict.fromkeys(words for pattern, words in known if pattern.search(line)))
    return found[0] if len(found) == 1 else BLOCKED
