"""Stacks of running programs, under every interpreter, by py-spy and by the program's own interpreter."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pconc_tui.stacks import process_stacks, py_spy
from pconc_tui.stacks.process_stacks import ProcessStacks
from pconc_tui.stacks.stack_reader import StackReader
from pconc_tui.stacks.thread_stacks import Stacks
from tests.support import LONG_S, eventually, needed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
CODE = """
import sys, threading, time
lock = threading.Lock()
def waits():
    with lock:
        pass
def sleeps():
    time.sleep(1e6)
lock.acquire()
for work in waits, sleeps:
    threading.Thread(target=work, name="it-" + work.__name__, daemon=True).start()
print("up", flush=True)
sys.stdin.read()
"""


@contextmanager
def program(python: str, code: str = CODE) -> Iterator[int]:
    with subprocess.Popen([python, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield process.pid
        process.kill()


def stacks_of(pid: int) -> Stacks:
    """Its stacks once all three threads are in their functions."""
    reader = StackReader()
    try:
        reader.watch([pid])
        deadline = time.monotonic() + LONG_S
        while time.monotonic() < deadline:
            found = reader.stacks(pid)
            if found and {"waits", "sleeps"} <= functions(found):
                return found
            time.sleep(0.01)
        raise AssertionError(f"{reader.stacks(pid)} {reader.problems}")
    finally:
        reader.close()


def functions(stacks: Stacks) -> set[str]:
    return {frame.function for thread in stacks.threads.values() for frame in thread.frames}


@pytest.mark.skipif(py_spy.program() is None, reason="needs py-spy")
@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15"])
def test_with_py_spy_it_knows_the_functions_and_names_of_all_threads(version: str) -> None:
    with program(needed(version)) as pid:
        found = stacks_of(pid)
        named = {thread.name: thread.place for thread in found.threads.values()}
        assert named["it-waits"] is not None
        assert named["it-waits"][::2] == ("waits", 5)
        assert named["it-sleeps"] is not None
        assert str(named["it-sleeps"]).startswith("sleeps() ")
        assert found.threads[pid].name == "MainThread"
        assert found.began_ns <= found.ended_ns


RENAMES = """
import sys, threading, time
def renames():
    print("up", flush=True)
    time.sleep(1)
    threading.current_thread().name = "after"
    time.sleep(1e6)
threading.Thread(target=renames, name="before", daemon=True).start()
sys.stdin.read()
"""
IS_RENAMED = """
import sys, threading, time
waits = threading.Thread(target=time.sleep, args=(1e6,), name="before", daemon=True)
waits.start()
print("up", flush=True)
time.sleep(1)
waits.name = "after"
sys.stdin.read()
"""


@pytest.mark.skipif(py_spy.program() is None, reason="needs py-spy")
@pytest.mark.parametrize("code", [RENAMES, IS_RENAMED], ids=["by_itself", "by_another"])
@pytest.mark.parametrize("version", ["3.11", "3.14"])
def test_a_thread_that_is_renamed_has_its_new_name(version: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_stacks, "RETRY_S", 0.2)
    monkeypatch.setattr(process_stacks, "NAMES_S", 0.2 if code is IS_RENAMED else 30.0)
    with program(needed(version), code) as pid:
        stacks = ProcessStacks(pid)

        def has_named(name: str) -> bool:
            stacks.read()
            return stacks.stacks is not None and name in {each.name for each in stacks.stacks.threads.values()}

        eventually(lambda: has_named("before"))
        eventually(lambda: has_named("after"))
        stacks.close()


@pytest.mark.parametrize("version", ["3.14", "3.15"])
def test_without_py_spy_the_programs_own_interpreter_reads_it(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(py_spy, "program", lambda: None)
    with program(needed(version)) as pid:
        found = stacks_of(pid)
        assert found.threads[pid].name is None
        assert len(found.threads) == 3


@pytest.mark.parametrize("version", ["3.12", "3.13t"])
def test_without_a_tool_it_says_how_to_get_one(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(py_spy, "program", lambda: None)
    with program(needed(version)) as pid:
        stacks = ProcessStacks(pid)
        stacks.read()
        stacks.close()
        assert stacks.stacks is None
        advice = "free-threaded" if version.endswith("t") else process_stacks.INSTALL
        assert advice in (stacks.problem or "")


def test_a_process_that_has_ended_is_a_problem_not_an_error() -> None:
    with program(sys.executable) as pid:
        pass
    stacks = ProcessStacks(pid)
    stacks.read()
    stacks.close()
    assert stacks.problem == f"process {pid} has ended"
