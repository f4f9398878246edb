"""Programs for tests of watching: they print `up`, and run until their standard input ends."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from pconc_tui.monitor.watch import Watch
from pconc_tui.snapshot import Snapshot, Worker
from tests.support import LONG_S

BUSY = """
import sys, threading, time
def crunch():
    value = 0
    while True:
        for step in range(100_000):
            value += step
def waits(lock):
    with lock:
        pass
lock = threading.Lock()
lock.acquire()
threads = [threading.Thread(target=crunch, name=f"cruncher-{n}", daemon=True) for n in range(3)]
threads.append(threading.Thread(target=waits, args=(lock,), name="waiter", daemon=True))
for each in threads:
    each.start()
print("up", flush=True)
sys.stdin.read()
"""
"""Three threads that compute, one that waits for a lock, and the main thread, which reads."""
GROUPS = """
import sqlite3, sys, threading
def group():
    connection = sqlite3.connect(":memory:")
    connection.execute("create table t (a integer, b integer)")
    connection.executemany("insert into t values (?, ?)", ((step % 97, step) for step in range(100_000)))
    while True:
        for _ in connection.execute("select a, sum(b), count(*) from t group by b % 50021"):
            pass
for number in range(4):
    threading.Thread(target=group, name=f"query-{number}", daemon=True).start()
print("up", flush=True)
sys.stdin.read()
"""
"""Four threads of sqlite3, which releases the GIL at each row: it is held for a part of the time."""
STALLS = """
import sys, threading, time
def stall():
    while True:
        sum(range(30_000_000))
        time.sleep(0.05)
threading.Thread(target=stall, name="staller", daemon=True).start()
print("up", flush=True)
sys.stdin.read()
"""
"""A thread that holds the GIL in one call, for hundreds of milliseconds where the machine is idle."""
STALLS_ALONE = """
import time
print("up", flush=True)
while True:
    sum(range(30_000_000))
    time.sleep(0.05)
"""
"""The same in the main thread, without others that could wait for the GIL."""
KEEPS_THE_GIL = """
import ctypes, sys, threading
library = ctypes.PyDLL(None)
def keep():
    while True:
        library.usleep(100_000)
def crunch():
    while True:
        sum(range(100))
for work in (keep, crunch):
    threading.Thread(target=work, name=work.__name__, daemon=True).start()
print("up", flush=True)
sys.stdin.read()
"""
"""A thread that sleeps in C code that does not release the GIL, and one that computes."""
CHILDREN = """
import subprocess, sys
print("up", flush=True)
for line in sys.stdin:
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    sys.stdin.readline()
    child.communicate()
"""
"""Starts a child process at a line of input, and ends it at the next."""
EXECS = """
import os, sys
print("up", flush=True)
sys.stdin.readline()
os.execv(sys.executable, [sys.executable, "-c", "import sys; sys.stdin.read() # another"])
"""
EXECS_IN_A_THREAD = """
import os, sys, threading, time
def execute():
    sys.stdin.readline()
    os.execv(sys.executable, [sys.executable, "-c", "import sys; sys.stdin.read() # another"])
for work in (execute, threading.Event().wait):
    threading.Thread(target=work, daemon=True).start()
print("up", flush=True)
threading.Event().wait()
"""
FORKS = """
import os, time
print("up", flush=True)
while True:
    if not os.fork():
        time.sleep(0.02)
        os._exit(0)
    os.wait()
"""
"""Starts one child process after another, none of which does anything."""
SWITCHES = """
import socket, sys, threading
def echo(end, first):
    if first:
        end.send(b".")
    while True:
        end.recv(1)
        end.send(b".")
for pair in range(2):
    for first, end in enumerate(socket.socketpair()):
        threading.Thread(target=echo, args=(end, first), name=f"echo-{pair}-{first}", daemon=True).start()
print("up", flush=True)
sys.stdin.read()
"""
"""Two pairs of threads that send each other single bytes: tens of thousands of switches a second, also on one core."""
SUBINTERPRETERS = """
import sys, threading
from concurrent import interpreters
crunch = "while True: sum(range(1000))"
for n in range(2):
    interpreter = interpreters.create()
    threading.Thread(target=interpreter.exec, args=(crunch,), name=f"inside-{n}", daemon=True).start()
print("up", flush=True)
sys.stdin.read()
"""
"""Two subinterpreters that compute, each with a GIL of its own; 3.14 or later."""

REQUESTS = """
import sys, threading
def handle():
    value = 0
    for step in range(200_000):
        value += step
def serve():
    while True:
        thread = threading.Thread(target=handle)
        thread.start()
        thread.join()
print("up", flush=True)
for _ in range(3):
    threading.Thread(target=serve, name="server", daemon=True).start()
sys.stdin.read()
"""
"""Starts a thread for each piece of work: none lives for long, but three at a time compute."""


@contextmanager
def program(code: str, python: str = sys.executable) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is up."""
    with subprocess.Popen([python, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        try:
            yield process
        finally:
            process.kill()


def send_line(process: subprocess.Popen[bytes]) -> None:
    """Send a line to it."""
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()


@contextmanager
def watched(code: str, python: str = sys.executable) -> Iterator[tuple[Watch, subprocess.Popen[bytes]]]:
    """A program that is watched."""
    with program(code, python) as process, closing(Watch(process.pid)) as watch:
        yield watch, process


def until(watch: Watch, condition: Callable[[Snapshot], object]) -> Snapshot:
    """Poll until the condition holds, and return the snapshot in which it does."""
    deadline = time.monotonic() + LONG_S
    while time.monotonic() < deadline:
        snapshot = watch.poll()
        if condition(snapshot):
            return snapshot
        time.sleep(0.02)
    shown = [(each.name, each.state.name, each.total, each.thread) for each in snapshot.workers]
    raise AssertionError(f"not so after {LONG_S} s: {snapshot.program} {shown}")


def by_name(snapshot: Snapshot) -> dict[str, Worker]:
    """The threads by their names."""
    return {thread.name: thread for thread in snapshot.workers}
