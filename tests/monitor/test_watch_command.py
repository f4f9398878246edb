"""Watching a program from its start: it waits to be observed, its output is kept, it ends with the watch."""

from __future__ import annotations

import os
import sys
from contextlib import closing

import pytest

from pconc_tui.monitor.started_program import LONGEST_LINE, StartedProgram
from pconc_tui.monitor.watch import Watch
from pconc_tui.requests import RequestError
from tests.support import eventually
from tests.watched import (
    BUSY,
    program,
    until,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_a_program_that_is_started_waits_until_it_is_observed_and_its_output_is_kept() -> None:
    code = "import sys; print('first'); print('second', file=sys.stderr); sys.exit(3)"
    started = StartedProgram([sys.executable, "-c", code])
    try:
        assert list(started.lines()) == []
        with closing(Watch(started.pid, program=started)) as watch:
            snapshot = until(watch, lambda now: now.program and now.program.ended)
            assert snapshot.program is not None
            assert snapshot.program.ended == "has ended with exit status 3"
            assert {"first", "second"} <= {line.text for line in snapshot.log}
            assert watch.exit_status == 3
    finally:
        started.end()


def test_cpu_time_of_threads_that_have_ended_is_that_of_their_whole_lives() -> None:
    code = """
import threading, time
began_s = time.thread_time()
def crunch():
    while time.thread_time() < 0.3:
        pass
for _ in range(2):
    thread = threading.Thread(target=crunch)
    thread.start()
    thread.join()
print(time.thread_time() - began_s)
"""
    started = StartedProgram([sys.executable, "-c", code])
    try:
        with closing(Watch(started.pid, keep_ended_ns=None, program=started)) as watch:
            snapshot = until(
                watch, lambda now: now.program and now.program.ended and not any(each.alive for each in now.workers)
            )
            main_s = float(next(line.text for line in snapshot.log if line.worker == "output"))
            cpu_s = {each.native_id: each.cpu_s or 0.0 for each in snapshot.workers}
            # Before what it prints there was the interpreter's start, and after it comes its end.
            assert main_s <= cpu_s.pop(started.pid) < main_s + 0.1
            assert len(cpu_s) == 2
            assert all(0.297 <= each < 0.33 for each in cpu_s.values()), cpu_s  # By records, within 1 %.
    finally:
        started.end()


def test_the_threads_of_a_program_that_was_started_wait_for_its_own_gil() -> None:
    started = StartedProgram([sys.executable, "-c", BUSY.replace("sys.stdin.read()", "time.sleep(1e6)")])
    try:
        with closing(Watch(started.pid, program=started)) as watch:
            until(watch, lambda now: sum(each.total.gil_wait > 0.05 for each in now.workers) >= 3)
    finally:
        started.end()


def test_a_program_that_was_started_ends_with_the_watch_and_takes_its_children_along() -> None:
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE).wait()"
    started = StartedProgram([sys.executable, "-c", code])
    with closing(Watch(started.pid, program=started)) as watch:
        snapshot = until(watch, lambda now: len({each.pid for each in now.workers}) == 2)
        pids = {each.pid for each in snapshot.workers if each.pid}
    started.end()
    with program("print('up', flush=True)"):
        assert not any(os.path.exists(f"/proc/{pid}/exe") for pid in pids)


def test_a_program_that_prints_much_does_not_wait_for_its_output_to_be_read() -> None:
    started = StartedProgram([sys.executable, "-c", "print('x' * 500_000, flush=True)"])
    try:
        started.start()
        eventually(lambda: started.exit_status == 0)
        assert len("".join(started.lines())) >= LONGEST_LINE
    finally:
        started.end()


def test_a_program_is_watched_until_it_ends() -> None:
    started = StartedProgram([sys.executable, "-c", "import time; time.sleep(0.3)"])
    try:
        with closing(Watch(started.pid, program=started)) as watch:
            snapshot = until(watch, lambda now: now.program and now.program.ended_ns)
            (thread,) = snapshot.workers
            assert snapshot.program is not None
            later = until(watch, lambda now: now.now_ns > snapshot.now_ns + 300_000_000)
            assert snapshot.program.watched_s(later.now_ns) == pytest.approx(thread.total.wall, abs=0.1)
    finally:
        started.end()


def test_a_program_that_does_not_exist_is_refused() -> None:
    with pytest.raises(RequestError, match="no such program"):
        StartedProgram(["no-such-program-here"])
    with pytest.raises(RequestError, match="is not executable"):
        StartedProgram([__file__])
