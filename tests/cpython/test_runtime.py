"""CPython's own GIL state, read from labs under every interpreter found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from pconc_tui.cpython import GilState, NotReadableError, Runtime
from pconc_tui.cpython.remote_memory import threads
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from tests.support import eventually, running, until

Shared = Callable[[str], Monitor]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@contextmanager
def opened(pid: int) -> Iterator[Runtime]:
    runtime = Runtime(pid)
    try:
        yield runtime
    finally:
        runtime.close()


@contextmanager
def program(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def busy_threads(monitor: Monitor, workers: int = 3) -> tuple[Snapshot, int]:
    """Threads that compute without end, and the process that holds them."""
    for _ in range(workers):
        monitor.launch(Request("cpu-bound", "calls", "threads"))
    snapshot = until(monitor, lambda snapshot: len(snapshot.workers) == workers and running(snapshot))
    pid = snapshot.workers[0].pid
    assert pid is not None
    return snapshot, pid


def main_gil(runtime: Runtime) -> GilState:
    return runtime.sample()[0]


def handoffs(snapshot: Snapshot) -> int:
    return sum(worker.handoffs for worker in snapshot.workers)


def held_by(runtime: Runtime, native_id: int | None) -> bool:
    return main_gil(runtime).holder == native_id


def test_its_count_of_handoffs_is_near_the_one_by_the_workers_spans(python: str, shared_monitor: Shared) -> None:
    monitor = shared_monitor(python)
    monitor.set_switch_interval(0.001)
    snapshot, pid = busy_threads(monitor)
    with opened(pid) as runtime:
        if not snapshot.labs[0].gil_enabled:
            assert runtime.interpreters() == (GilState(0, False, None, None, None),)
            return
        counts = [main_gil(runtime).switch_number or 0]

        def counted(snapshot: Snapshot) -> int:
            counts.append(main_gil(runtime).switch_number or 0)
            return handoffs(snapshot)

        first = counted(monitor.poll())
        last = counted(until(monitor, lambda snapshot: counted(snapshot) and counts[-1] - counts[0] >= 60))
    assert counts == sorted(counts)
    # However long this process had no core between a snapshot and the counts taken before and after it.
    assert (counts[-3] - counts[1]) / 2 <= last - first <= (counts[-1] - counts[0]) * 3 / 2


def test_the_holder_is_the_worker_that_runs(python: str, shared_monitor: Shared) -> None:
    monitor = shared_monitor(python)
    snapshot, pid = busy_threads(monitor)
    workers = {worker.native_id for worker in snapshot.workers}
    seen: set[int | None] = set()
    with opened(pid) as runtime:
        if not snapshot.labs[0].gil_enabled:
            assert main_gil(runtime).holder is None
            return

        def all_seen(_: Snapshot) -> bool:
            seen.update(main_gil(runtime).holder for _ in range(50))
            return seen >= workers

        until(monitor, all_seen)
    # The process's own thread, which launched them, may have had it once more.
    assert seen <= workers | {pid, None}


def test_each_hold_of_the_gil_differs_from_the_next(python: str, shared_monitor: Shared) -> None:
    monitor = shared_monitor(python)
    snapshot, pid = busy_threads(monitor)
    holds: set[tuple[int, int] | None] = set()
    with opened(pid) as runtime:
        if not snapshot.labs[0].gil_enabled:
            assert runtime.main_hold() is None
            return

        def changed(_: Snapshot) -> bool:
            holds.add(runtime.main_hold())
            return len(holds - {None}) >= 5

        until(monitor, changed)
        counts = {hold[1] for hold in holds if hold is not None}
        assert len(counts) >= 3, "each hand-off counts"
        assert max(counts) <= (main_gil(runtime).switch_number or 0)


def test_each_process_has_a_gil_of_its_own(monitor: Monitor) -> None:
    monitor.launch(Request("cpu-bound", "calls", "processes"))
    monitor.launch(Request("cpu-bound", "calls", "processes"))
    snapshot = until(monitor, running)
    if not snapshot.labs[0].gil_enabled:
        pytest.skip("there is no GIL here")
    for worker in snapshot.workers:
        assert worker.pid is not None
        with opened(worker.pid) as runtime:
            eventually(partial(held_by, runtime, worker.native_id))


def test_a_process_that_has_ended_is_not_readable() -> None:
    code = "import sys; print(flush=True); sys.stdin.read()"
    with program(sys.executable, "-c", code) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with opened(process.pid) as runtime:
            assert main_gil(runtime).locked in (False, None)
            assert runtime.main_hold() is None
            process.kill()
            process.wait()
            with pytest.raises(NotReadableError, match=f"^process {process.pid} has ended$"):
                runtime.sample()
            with pytest.raises(NotReadableError, match=f"^process {process.pid} has ended$"):
                runtime.main_hold()
        with pytest.raises(NotReadableError, match=f"^process {process.pid} has ended$"):
            Runtime(process.pid)


def test_a_program_that_is_no_python_is_not_readable() -> None:
    cat = shutil.which("cat")
    assert cat is not None
    with program(cat) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        process.stdout.readline()
        with pytest.raises(NotReadableError, match=f"^process {process.pid} runs no CPython: no _PyRuntime in .*/"):
            Runtime(process.pid)


def test_a_process_that_the_system_protects_is_not_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr("pconc_tui.cpython.remote_memory.os.open", forbid)
    with pytest.raises(NotReadableError, match="does not let this user read process 1 "):
        Runtime(1)


def test_no_process_is_readable_on_other_systems_than_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pconc_tui.cpython.remote_memory.sys.platform", "darwin")
    with pytest.raises(NotReadableError, match="Linux"):
        Runtime(os.getpid())


def test_it_lists_the_threads_with_a_python_thread_state(python: str) -> None:
    code = "import sys, threading; stop = threading.Event(); threads = [threading.Thread(target=stop.wait) "
    code += (
        "for _ in range(5)]; [each.start() for each in threads]; print('up', flush=True); sys.stdin.read(); stop.set()"
    )
    with program(python, "-c", code) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with opened(process.pid) as runtime:
            assert runtime.thread_ids() == threads(process.pid)


WAITS = """
import sys, threading
def work():
    while True:
        len(str(1))
for _ in range(2):
    threading.Thread(target=work, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
"""


def test_waits_for_the_gil_are_counted(python: str) -> None:
    with program(python, "-c", WAITS) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with opened(process.pid) as runtime:
            first, before = runtime.gil_waits(), main_gil(runtime).switch_number
            if first is None or before is None:
                pytest.skip("runs without a GIL, or with another C library")
            eventually(lambda: (main_gil(runtime).switch_number or 0) > before + 20)
            after, waits = main_gil(runtime).switch_number, runtime.gil_waits()
        assert after is not None
        assert waits is not None
        # A thread that takes the GIL from another has waited for it.
        assert 0.9 * (after - before) <= waits - first < 1000 * (after - before)
