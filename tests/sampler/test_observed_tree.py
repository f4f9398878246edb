"""A real process tree whose records are lost in part."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from pconc_tui.kernel.perf_event import KERNEL, access
from pconc_tui.kernel.recorder import thread_ids
from pconc_tui.protocol.block import Block
from pconc_tui.protocol.observer_slots import OBSERVER_SLOTS
from pconc_tui.protocol.process_stat import descendants
from pconc_tui.sampler.observed_tree import BEFORE_NS, ObservedTree
from tests.support import LONG_S

pytestmark = pytest.mark.skipif(access().source != KERNEL, reason=f"needs kernel records: {access().reason}")

STARTS_AND_ENDS = """
import os, subprocess, sys, threading, time
def switches():
    for _ in range(3000):
        time.sleep(1e-6)
stop = threading.Event()
first = threading.Thread(target=stop.wait)
first.start()
print("ready", flush=True)
sys.stdin.readline()
switches()
stop.set()
first.join()
threading.Thread(target=sys.stdin.read, daemon=True).start()
reads = "import sys; print('child', flush=True); sys.stdin.read()"
child = subprocess.Popen([sys.executable, "-c", reads], stdin=-1, stdout=-1)
child.stdout.readline()
switches()
print("done", flush=True)
child.wait()
"""
"""Starts a thread and a process, and ends a thread, between so many switches that small rings have no room for all."""


def ignore(event: str, **fields: Any) -> None:
    """What is reported is not needed."""


@contextmanager
def observed(
    code: str, *arguments: str, report: Callable[..., None] = ignore
) -> Iterator[tuple[subprocess.Popen[str], ObservedTree]]:
    """A program that has printed a line, and its tree."""
    command = [sys.executable, "-c", code, *arguments]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process,
        closing(Block.create(OBSERVER_SLOTS)) as block,
    ):
        assert process.stdout is not None
        process.stdout.readline()
        with closing(ObservedTree(process.pid, block, report)) as tree:
            yield process, tree
        process.kill()


def ask(process: subprocess.Popen[str]) -> None:
    """Send the program a line, and wait for one."""
    assert process.stdout is not None
    print(file=process.stdin, flush=True)
    process.stdout.readline()


def test_what_starts_and_ends_while_records_are_lost_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pconc_tui.kernel.recorder.MOST_RING_BYTES", 4096)
    events: list[tuple[str, dict[str, Any]]] = []

    def report(event: str, **fields: Any) -> None:
        events.append((event, fields))

    def tids(event: str) -> set[int]:
        ids = {fields["id"] for name, fields in events if name == event}
        return {fields["tid"] for name, fields in events if name == "thread" and fields["id"] in ids}

    with observed(STARTS_AND_ENDS, report=report) as (process, tree):
        before = set(thread_ids(process.pid))
        ask(process)
        (child,) = descendants(process.pid)
        living = {*thread_ids(process.pid), *thread_ids(child)}
        (ended,) = before - living
        read_until(tree, lambda: living <= tids("thread") and ended in tids("ended"))
        assert any(name == "lost" for name, _ in events)
        assert tids("ended") == {ended}
        os.kill(child, 9)


def read_until(tree: ObservedTree, condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + LONG_S
    while not condition():
        assert time.monotonic() < deadline
        tree.read()
        time.sleep(0.02)


COMPUTES = """
import sys, threading
stop = threading.Event()
def work():
    while not stop.is_set():
        sum(range(1000))
threads = [threading.Thread(target=work) for _ in range(int(sys.argv[1]))]
for thread in threads: thread.start()
print("ready", flush=True)
sys.stdin.readline()
stop.set()
for thread in threads: thread.join()
print("done", flush=True)
sys.stdin.readline()
"""


def test_who_holds_the_gil_is_sampled_where_none_waits_for_it() -> None:
    with observed(COMPUTES, "2") as (process, tree):
        assert tree.needs_samples is False  # Where its interpreter is, is not known yet.
        (found,) = tree._processes.values()

        def is_on_record() -> bool:
            # One thread always waits, but whether the GIL is held all the time only samples show.
            tree.sample()
            return bool(found._locks) and not tree.needs_samples

        read_until(tree, is_on_record)
        ask(process)
        # Only the main thread is left, which can't be mistaken for another.
        read_until(tree, lambda: len(found.threads) == 1)
        assert not tree.needs_samples


def test_who_holds_the_gil_is_sampled_while_all_but_one_sleep() -> None:
    with observed(COMPUTES, "1") as (_, tree):
        read_until(tree, lambda: tree.needs_samples)


def test_what_is_shown_without_registers_is_from_before_the_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then this process had no core yet, which one of the threads loses; and the samples say what threads wait for."""
    with observed(COMPUTES, "2") as (_, tree):
        (found,) = tree._processes.values()
        sampled_ns: list[int] = []
        sample = found.sample_blocked

        def sample_blocked(most: int) -> None:
            sampled_ns.append(time.perf_counter_ns())
            sample(most)

        monkeypatch.setattr(found, "sample_blocked", sample_blocked)
        tree._is_sampled = True
        before_ns = time.perf_counter_ns()
        tree.read()
        assert before_ns <= tree._known_ns + BEFORE_NS <= sampled_ns[0]


ANSWERS = """
import sys, threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
print("ready", flush=True)
for line in sys.stdin:
    print(line, end="", flush=True)
"""


def test_nothing_is_sampled_from_when_all_threads_are_blocked_until_one_runs() -> None:
    with observed(ANSWERS) as (process, tree):
        (found,) = tree._processes.values()
        read_until(tree, lambda: found._locks and tree.rests)
        tree.sample()
        assert not found._outside
        assert not tree.needs_samples
        assert not tree.has_few_samples
        ask(process)
        assert not tree.rests
        tree.sample()
        assert found._outside
        tree.read()
        assert not tree.rests
        read_until(tree, lambda: tree.rests)


def test_a_thread_that_computes_does_not_rest_however_few_records_it_has() -> None:
    with observed(COMPUTES, "1") as (_, tree):
        (found,) = tree._processes.values()
        read_until(tree, lambda: found._locks)
        for _ in range(20):
            tree.read()
            assert not tree.rests
