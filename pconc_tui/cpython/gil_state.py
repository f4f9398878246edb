"""What is read of a GIL: which thread holds it at a moment, and where threads wait for it."""

from __future__ import annotations

from typing import NamedTuple


class GilState(NamedTuple):
    """One GIL at one moment."""

    interpreter_id: int
    """Id of the interpreter that it belongs to; of several that share it, the oldest."""
    enabled: bool
    """Whether the GIL is enabled. If it is not, the other fields are None, since the struct has no meaning then."""
    locked: bool | None
    switch_number: int | None
    """How often it was handed from one thread to another since the interpreter started."""
    holder: int | None
    """Native id of the thread that holds it; None: no thread does, or its id is unknown."""


class GilLocks(NamedTuple):
    """Where the threads of a process wait for one GIL, as addresses.

    A thread blocks in a futex within the `pthread_cond_t` or `pthread_mutex_t` that begins there; in which word of it
    depends on the C library's version. With musl, threads wait for a condition on their own stacks: `musl_waits`.
    """

    interpreter_id: int
    """As in `GilState`."""
    interval_ns: int
    """The switch interval."""
    cond: int
    """Until the GIL is released, or one switch interval has passed."""
    mutex: int
    """For a moment, to see whether it is released."""
    switch_cond: int
    """After having released it on request, until another thread has taken it."""
    switch_mutex: int
    """For a moment, before that."""
    end: int
    """What follows the last of them."""
