"""Processes and threads that have ended in unusual ways are shown as what they are, and hinder nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing

import psutil
import pytest

from pconc_tui.monitor.tree_client import TreeObserver
from pconc_tui.monitor.watch import Watch
from pconc_tui.monitor.watchable import require_watchable
from pconc_tui.snapshot import Snapshot
from tests.support import eventually
from tests.watched import BUSY, by_name, program, send_line, until, watched

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
ZOMBIES = """
import os, sys
for _ in range(3):
    if not os.fork():
        os._exit(0)
os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
print("up", flush=True)
sys.stdin.read()
"""
"""Three child processes that have ended and that it does not wait for."""
WITHOUT_MAIN_THREAD = """
import ctypes, os, sys, threading
def crunch():
    while True:
        sum(range(1000))
for n in range(2):
    threading.Thread(target=crunch, name=f"cruncher-{n}", daemon=True).start()
print("up", flush=True)
sys.stdin.readline()
ctypes.CDLL(None).syscall({"x86_64": 60, "aarch64": 93}[os.uname().machine], 0)
"""
"""Its main thread ends at a line of input; two others go on."""


def test_child_processes_that_have_ended_already_are_no_hindrance() -> None:
    with watched(ZOMBIES) as (watch, process):
        snapshot = until(watch, lambda now: now.workers)
        assert {each.pid for each in snapshot.workers} == {process.pid}


def test_where_the_observer_is_killed_the_program_is_sampled_and_its_threads_live_on() -> None:
    with watched(BUSY) as (watch, _):
        until(watch, lambda now: {"cruncher-0", "cruncher-1"} <= by_name(now).keys())
        observer = watch._tree
        if not isinstance(observer, TreeObserver):
            pytest.skip("the kernel refuses its records")
        os.kill(observer.pid, signal.SIGKILL)

        def is_sampled(now: Snapshot) -> bool:
            assert all(each.alive for each in now.workers)
            return now.program is not None and now.program.source == "sampled"

        snapshot = until(watch, is_sampled)
        assert any("sampling has replaced it" in line.text for line in snapshot.log)
        ran_s = by_name(snapshot)["cruncher-0"].total.running
        until(watch, lambda now: by_name(now)["cruncher-0"].total.running > ran_s + 0.05)


def test_threads_go_on_without_the_main_thread() -> None:
    with watched(WITHOUT_MAIN_THREAD) as (watch, process):
        until(watch, lambda now: {"cruncher-0", "cruncher-1"} <= by_name(now).keys())
        send_line(process)

        def main_thread_ended(now: Snapshot) -> bool:
            return any(each.native_id == process.pid and not each.alive for each in now.workers)

        snapshot = until(watch, main_thread_ended)
        ran_s = by_name(snapshot)["cruncher-0"].total.running

        def it_goes_on(now: Snapshot) -> bool:
            return by_name(now)["cruncher-0"].total.running > ran_s + 0.1

        snapshot = until(watch, it_goes_on)
        assert snapshot.program is not None
        assert snapshot.program.ended == ""
        assert not any("another program" in line.text for line in snapshot.log)


def test_threads_that_go_on_after_the_main_thread_are_watched(python: str) -> None:
    with program(WITHOUT_MAIN_THREAD, python) as process:
        send_line(process)
        eventually(lambda: psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE)
        require_watchable(process.pid)
        with closing(Watch(process.pid)) as watch:
            snapshot = until(watch, lambda now: sum(each.total.running > 0.02 for each in now.workers) == 2)
            assert snapshot.program is not None
            (shown,) = snapshot.program.processes
            assert (shown.doing, bool(shown.python), shown.problem) == ("runs", True, "")
            assert "cruncher" in shown.command
            # Until 3.10 threads are known by their pthreads, in which their ids are found by the main thread's.
            if shown.gil_enabled and shown.python not in ("3.9", "3.10"):
                until(watch, lambda now: {"cruncher-0", "cruncher-1"} <= by_name(now).keys())
            process.send_signal(signal.SIGSTOP)
            until(watch, lambda now: now.program and now.program.processes[0].doing == "stopped")


REUSED = """
import subprocess, sys
from contextlib import closing
from pconc_tui.monitor.tree_client import TreeObserver
from pconc_tui.monitor.watch import Watch
from tests.watched import BUSY, program, until
with program(BUSY) as process, closing(Watch(process.pid)) as watch:
    until(watch, lambda now: now.program.processes[0].python)
    process.kill()
    process.wait()
    another = None
    while another is None or another.pid != process.pid:
        with open("/proc/sys/kernel/ns_last_pid", "w") as file:
            file.write(str(process.pid - 1))
        another = subprocess.Popen(["sleep", "1000"])
    snapshot = until(watch, lambda now: now.program.ended)
    print([line.text for line in snapshot.log if line.worker == str(process.pid)], snapshot.program.ended)
"""
"""Run in a PID namespace: a watched process's id is used again for another program before the watch polls."""


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs root and unshare")
def test_an_id_that_is_used_again_is_another_process() -> None:
    command = ["unshare", "-p", "-f", "--kill-child", "--mount-proc", sys.executable, "-c", REUSED]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "has ended, and its id is used again" in done.stdout, done.stderr
    assert "another program" not in done.stdout
