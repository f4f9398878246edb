"""Stacks by `py-spy dump`, which reads CPython 3.9 to 3.15 with a GIL, and knows the threads' names."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from typing import Any

from pconc_tui.cpython import living_thread
from pconc_tui.stacks.command import output_of
from pconc_tui.stacks.thread_stacks import NoStacksError, Stacks, ThreadStack
from pconc_tui.watched_program import Place


def program() -> str | None:
    """The path of py-spy, beside this interpreter or on PATH; None: it is not installed."""
    beside = os.path.join(os.path.dirname(sys.executable), "py-spy")
    return beside if os.access(beside, os.X_OK) else shutil.which("py-spy")


def read(path: str, pid: int, native_id: Callable[[int, int | None], int | None]) -> Stacks:
    """Read a process. `native_id`: from a pthread and what py-spy says of the id, if anything. Raises NoStacksError."""
    began_ns = time.perf_counter_ns()
    output = output_of([path, "dump", "--nonblocking", "--json", "--pid", str(living_thread(pid))])
    try:
        threads = parse(json.loads(output), native_id)
    except (ValueError, KeyError, TypeError):
        raise NoStacksError("py-spy printed something unknown") from None
    return Stacks(began_ns, time.perf_counter_ns(), threads)


def parse(dump: list[dict[str, Any]], native_id: Callable[[int, int | None], int | None]) -> dict[int, ThreadStack]:
    """The threads in what `py-spy dump --json` prints."""
    found = {}
    for thread in dump:
        id = native_id(thread["thread_id"], thread["os_thread_id"])
        if id is not None:
            frames = tuple(Place(each["name"], each["filename"], each["line"]) for each in thread["frames"])
            found[id] = ThreadStack(thread["thread_name"], frames)
    return found
