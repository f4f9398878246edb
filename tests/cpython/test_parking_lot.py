"""What a thread is parked for, read from threads that wait."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from pconc_tui.cpython import Parked, Runtime
from pconc_tui.kernel.outside import blocked_in
from pconc_tui.sampler.thread_files import FUTEX
from tests.support import eventually, needed

CODE = """
import sys, threading
lock = threading.Lock()
lock.acquire()
threads = [threading.Thread(target=lock.acquire, daemon=True) for _ in range(2)]
ender = threading.Thread(target=sys.stdin.read)
for thread in threads + [ender]:
    thread.start()
print(*(thread.native_id for thread in threads), id(lock), flush=True)
ender.join()
"""


@contextmanager
def waiting(version: str) -> Iterator[tuple[int, list[int], int]]:
    """A process, two threads that wait for one lock, and the lock's address."""
    command = [needed(version), "-c", CODE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        *tids, lock = map(int, process.stdout.readline().split())
        yield process.pid, tids, lock
        process.kill()


def futex_of(pid: int, tid: int) -> int:
    """Where the thread waits; 0: at no futex."""
    with open(f"/proc/{pid}/task/{tid}/syscall", "rb") as file:
        return max(0, blocked_in(file.read(), FUTEX) or 0)


@pytest.mark.parametrize("version", ["3.14", "3.15", "3.13t"])
def test_threads_that_wait_for_one_lock_are_parked_for_it(version: str) -> None:
    with waiting(version) as (pid, tids, lock), closing(Runtime(pid)) as runtime:

        def parked() -> list[Parked | None]:
            return [runtime.parked(futex_of(pid, tid)) for tid in (*tids, pid)]

        eventually(lambda: None not in parked())
        first, second, main = parked()
        assert first is not None
        assert first == second
        assert first.is_mutex
        assert 0 < first.address - lock < 64, "it is within the lock"
        assert main is not None
        assert not main.is_mutex, "it waits for the end of a thread"


@pytest.mark.parametrize("version", ["3.12"])
def test_before_there_are_no_parked_threads(version: str) -> None:
    with waiting(version) as (pid, tids, _), closing(Runtime(pid)) as runtime:
        eventually(lambda: all(futex_of(pid, tid) for tid in tids))
        assert [runtime.parked(futex_of(pid, tid)) for tid in tids] == [None, None]
        assert len({futex_of(pid, tid) for tid in tids}) == 1, "the futex is the lock"
        assert runtime.is_waited_at(futex_of(pid, tids[0]))
