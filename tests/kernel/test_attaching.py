"""Attaching to real programs that start threads and processes meanwhile."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import pairwise

import pytest

from pconc_tui.kernel.perf_event import KERNEL, access, open_event
from pconc_tui.kernel.recorder import Recorder
from pconc_tui.kernel.records import IN, Fork, Record, Switch
from pconc_tui.kernel.rings import online_cpus
from tests.kernel.reading import read_until

pytestmark = pytest.mark.skipif(access().source != KERNEL, reason=f"needs kernel records: {access().reason}")

STARTS = """
import os, sys, threading, time
def moves():
    cores = sorted(os.sched_getaffinity(0))
    while True:
        for core in cores:
            os.sched_setaffinity(threading.get_native_id(), {core})
            time.sleep(0.001)
def starts_thread():
    threading.Thread(target=moves, daemon=True).start()
def forks():
    if not os.fork():
        starts_thread()
        moves()
for line in sys.stdin:
    {"thread": starts_thread, "process": forks}[line.strip()]()
    print(line, end="", flush=True)
os.killpg(0, 9)
"""
"""Starts a thread or a process for each line; these run on each core in turn."""


@contextmanager
def starting_program() -> Iterator[Callable[[str], None]]:
    """Has the program start something, and waits until it has; its process id is the attribute `pid`."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", STARTS], stdin=pipe, stdout=pipe, text=True, start_new_session=True
    ) as process:

        def start(kind: str) -> None:
            assert process.stdin is not None
            assert process.stdout is not None
            print(kind, file=process.stdin, flush=True)
            assert process.stdout.readline().strip() == kind

        start("thread")  # It has started Python once this returns.
        start.pid = process.pid  # type: ignore[attr-defined]
        yield start
        process.stdin.close()  # type: ignore[union-attr]


def after_event(monkeypatch: pytest.MonkeyPatch, number: int, act: Callable[[], None]) -> None:
    """Do this when so many events of the recorder have been opened."""
    opened: list[int] = []

    def opens(tid: int, cpu: int, registers: bool, ring: int = -1) -> int:
        fd = open_event(tid, cpu, registers, ring)
        opened.append(fd)
        if len(opened) == number:
            act()
        return fd

    monkeypatch.setattr("pconc_tui.kernel.recorder.open_event", opens)


def counts(records: list[Record], tid: int) -> list[int]:
    """How often a thread got each core."""
    gets = [each for each in records if isinstance(each, Switch) and each.tid == tid and each.way == IN]
    return [sum(each.cpu == cpu for each in gets) for cpu in online_cpus()]


@pytest.mark.parametrize("kind", ["thread", "process"])
@pytest.mark.parametrize("events", [1, "half", "all"])
def test_what_starts_meanwhile_is_recorded_on_each_core_and_once(
    events: int | str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cores = len(online_cpus())
    number = {"half": cores + 1, "all": 2 * cores}.get(str(events), 1)
    with starting_program() as start:
        after_event(monkeypatch, number, lambda: start(kind))
        with closing(Recorder(start.pid)) as recorder:  # type: ignore[attr-defined]
            known = {each.tid for each in recorder.living}

            def all_moved(records: list[Record]) -> bool:
                tids = known | {each.tid for each in records if isinstance(each, Fork)}
                moving = tids - {start.pid}  # type: ignore[attr-defined]
                return len(moving) == (2 if kind == "thread" else 3) and all(
                    min(counts(records, tid)) > 20 for tid in moving
                )

            records = read_until(recorder, all_moved)
            tids = known | {each.tid for each in records if isinstance(each, Fork)}
    for tid in tids:
        for cpu in online_cpus():
            switches = [each for each in records if isinstance(each, Switch) and (each.tid, each.cpu) == (tid, cpu)]
            ways = [each.way == IN for each in switches]
            assert all(before != after for before, after in pairwise(ways))


def test_a_program_that_starts_threads_all_the_time_can_be_attached_to() -> None:
    code = (
        "import threading\nprint('ready', flush=True)\n"
        "while True:\n    threads = [threading.Thread(target=len, args=('',)) for _ in range(4)]\n"
        "    for each in threads: each.start()\n    for each in threads: each.join()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with closing(Recorder(process.pid)) as recorder:
            records = read_until(recorder, lambda records: sum(isinstance(each, Fork) for each in records) > 100)
        process.kill()
    forks = [each.tid for each in records if isinstance(each, Fork)]
    assert len(set(forks)) > 90
