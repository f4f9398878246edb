"""A running program is observed by the kernel's records: its threads, what they do, its children."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from time import perf_counter_ns

import psutil
import pytest

from pconc_tui.kernel.perf_event import access
from pconc_tui.monitor.observed_thread import ThreadReader
from pconc_tui.monitor.tree_client import TreeObserver
from pconc_tui.protocol.block import State, unpack
from pconc_tui.protocol.observer_slots import UNTIL
from pconc_tui.sampler.observed_tree import NEW_NS
from tests.support import eventually, gone

pytestmark = pytest.mark.skipif(access().source is None, reason="the kernel gives no scheduling records here")

PROGRAM = """
import subprocess, sys, threading, time
def compute():
    while True: pass
def wait_for(lock):
    lock.acquire()
locks = [threading.Lock() for _ in range(2)]
for lock in locks:
    lock.acquire()
for lock in locks:
    for _ in range(2):
        threading.Thread(target=wait_for, args=(lock,), daemon=True).start()
sys.stdin.readline()
for _ in range(2):
    threading.Thread(target=compute, daemon=True).start()
child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)  # Ends with this process.
sys.stdin.readline()
child.kill()
child.wait()
"""


@contextmanager
def observed() -> Iterator[tuple[subprocess.Popen[str], TreeObserver]]:
    """A process that has threads already, and its observer, which is ready."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, text=True) as process:
        try:
            eventually(lambda: len(os.listdir(f"/proc/{process.pid}/task")) == 5)
            with closing(TreeObserver(process.pid)) as observer:
                until(observer, lambda: observer.ready)
                yield process, observer
        finally:
            process.kill()


def until(observer: TreeObserver, condition: Callable[[], object]) -> None:
    def received() -> object:
        observer.receive()
        return condition()

    eventually(received)


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_what_is_known_is_no_newer_than_the_events_that_were_received() -> None:
    with observed() as (process, observer):
        go_on(process)
        eventually(lambda: len(os.listdir(f"/proc/{process.pid}/task")) == 7)
        moment_ns = perf_counter_ns()
        written = observer.block.slot(0)
        eventually(lambda: written[UNTIL] > moment_ns)
        assert not observer.knows(moment_ns)
        observer.receive()
        assert observer.knows(moment_ns)
        assert sum(each.pid == process.pid for each in observer.threads.values()) == 7
        written.release()


class States:
    """The states that threads have been in."""

    def __init__(self, observer: TreeObserver) -> None:
        self._observer = observer
        self._readers: dict[int, ThreadReader] = {}
        self.seen: dict[int, set[State]] = {}

    def read(self) -> dict[int, set[State]]:
        """By thread."""
        for thread in list(self._observer.threads.values()):
            reader = self._readers.setdefault(thread.id, thread.reader())
            self.seen.setdefault(thread.id, set()).update(unpack(word)[1] for word in reader.read())
        return self.seen


def test_threads_that_take_turns_and_a_child_that_comes_and_goes() -> None:
    with observed() as (process, observer):
        assert observer.source == access().source
        states = States(observer)
        go_on(process)
        taking_turns = {State.RUNNING, State.GIL_WAIT, State.ASKING}
        until(observer, lambda: sum(taking_turns <= found for found in states.read().values()) >= 2)
        until(observer, lambda: len(observer.processes) == 2)
        (child,) = [each for each in observer.processes.values() if each.pid != process.pid]
        assert child.parent == process.pid
        until(observer, lambda: child.command == "cat")
        assert len([thread for thread in observer.threads.values() if thread.pid == process.pid]) == 7
        until(observer, lambda: observer.processes[process.pid].python)
        until(
            observer, lambda: all(each.has_python_state for each in observer.threads.values() if each.pid != child.pid)
        )
        go_on(process)
        until(observer, lambda: all(each.ended_ns for each in observer.processes.values()))
        assert all(thread.ended_ns for thread in observer.threads.values())
        assert all(State.ENDED in found for found in states.read().values())


def test_locks_are_told_apart_by_their_addresses() -> None:
    with observed() as (process, observer):
        threads = [thread for thread in observer.threads.values() if thread.tid != process.pid]
        until(observer, lambda: sorted(thread.lock for thread in threads)[-4:] == [0, 0, 1, 1])
        until(observer, lambda: len(set(observer.processes[process.pid].locks.values())) == 2)


def test_what_has_happened_is_known_when_asked_for() -> None:
    with observed() as (_, observer):
        now_ns = perf_counter_ns()
        until(observer, lambda: observer.knows(now_ns))
        assert observer.until_ns >= now_ns


def test_records_are_read_seldom_where_that_is_enough_and_whenever_they_are_asked_for() -> None:
    hour_ns = 3_600_000_000_000
    with (
        subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process,
        closing(TreeObserver(process.pid, hour_ns)) as tree,
    ):
        until(tree, lambda: tree.until_ns)
        until(tree, lambda: perf_counter_ns() - tree.until_ns > NEW_NS)
        now_ns = perf_counter_ns()
        until(tree, lambda: tree.knows(now_ns))
        process.kill()


STARTS_A_THREAD = """
import sys, threading
sys.stdin.readline()
threading.Thread(target=sys.stdin.readline).start()
"""


def test_records_are_read_more_often_while_threads_are_new() -> None:
    hour_ns = 3_600_000_000_000
    with (
        subprocess.Popen([sys.executable, "-c", STARTS_A_THREAD], stdin=subprocess.PIPE, text=True) as process,
        closing(TreeObserver(process.pid, hour_ns, while_new_ns=40_000_000)) as tree,
    ):
        until(tree, lambda: tree.until_ns and perf_counter_ns() - tree.until_ns > NEW_NS)
        go_on(process)
        until(tree, lambda: len(os.listdir(f"/proc/{process.pid}/task")) == 2)
        asked_ns = perf_counter_ns()
        until(tree, lambda: tree.knows(asked_ns))
        assert len(tree.threads) == 2
        # More is known without being asked for, but not for long.
        until(tree, lambda: tree.until_ns > asked_ns + NEW_NS / 2)
        until(tree, lambda: perf_counter_ns() - tree.until_ns > NEW_NS)
        process.kill()


def test_a_process_that_has_ended_can_not_be_observed() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    with closing(TreeObserver(process.pid)) as observer:
        until(observer, lambda: observer.ready)
        assert observer.source is None
        assert observer.problem == f"process {process.pid} has ended"


def test_closing_leaves_nothing() -> None:
    def held() -> tuple[int, int]:
        return psutil.Process().num_fds(), len(psutil.Process().children())

    with observed() as (_, observer):
        process = psutil.Process(observer.pid)
    assert gone([process])
    before = held()
    with observed():
        pass
    assert held() == before
