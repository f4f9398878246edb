"""The stacks of a process's threads at one moment. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from pconc_tui.watched_program import Place

_STANDARD = re.compile(r"/(?:lib|lib64)/(?:python|pypy)3\.\d+t?/(?!(?:site|dist)-packages/)|^<frozen |^<string>$|^~$")


@lru_cache(maxsize=4096)
def _is_standard(file: str) -> bool:
    """Whether a file is the standard library's."""
    return bool(_STANDARD.search(file))


PRINTING_NS = 4_000_000
"""How long before its end py-spy has read the stacks, about."""


class NoStacksError(Exception):
    """The stacks can't be read; the message completes "functions are unknown: ..."."""


class ThreadStack(NamedTuple):
    """A thread at that moment."""

    name: str | None
    """Its `Thread.name`; None: the tool doesn't know it."""
    frames: tuple[Place, ...]
    """The innermost function first."""

    @property
    def place(self) -> Place | None:
        """Where it is: the innermost function outside the standard library, or else the innermost one."""
        own = (frame for frame in self.frames if not _is_standard(frame.file))
        return next(own, next(iter(self.frames), None))


class Stacks(NamedTuple):
    """All threads with Python functions."""

    began_ns: int
    """`time.perf_counter_ns()` before it was read, as the next."""
    ended_ns: int
    threads: Mapping[int, ThreadStack]
    """By native thread id, as this program's /proc has it."""

    @property
    def time_ns(self) -> int:
        """When the threads were where the stacks show them: a tool reads at the end of its run, and then prints."""
        return max((self.began_ns + self.ended_ns) // 2, self.ended_ns - PRINTING_NS)
