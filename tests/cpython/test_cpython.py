"""CPython's own GIL state, read from outside real labs under every interpreter found."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from pconc_tui.cpython import GilState, NotReadableError, Runtime, elf, layout, memory, open_runtime
from pconc_tui.cpython.locate import locate
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from tests.support import eventually, running, until

Shared = Callable[[str], Monitor]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@contextmanager
def opened(pid: int, interval_s: float | None = None) -> Iterator[Runtime]:
    runtime = open_runtime(pid, interval_s)
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


def test_it_counts_what_the_workers_count(python: str, shared_monitor: Shared) -> None:
    monitor = shared_monitor(python)
    monitor.set_switch_interval(0.001)
    snapshot, pid = busy_threads(monitor)
    with opened(pid, 0.001) as runtime:
        if not snapshot.labs[0].gil_enabled:
            assert runtime.interpreters() == (GilState(0, False, None, None, None, None),)
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


def test_processes_have_a_count_each(monitor: Monitor) -> None:
    monitor.launch(Request("cpu-bound", "calls", "processes"))
    monitor.launch(Request("cpu-bound", "calls", "processes"))
    snapshot = until(monitor, running)
    if not snapshot.labs[0].gil_enabled:
        pytest.skip("there is no GIL here")
    for worker in snapshot.workers:
        assert worker.pid is not None
        with opened(worker.pid) as runtime:
            eventually(partial(held_by, runtime, worker.native_id))


def test_the_switch_interval_is_read_and_checked(monitor: Monitor) -> None:
    snapshot, pid = busy_threads(monitor, 1)
    if not snapshot.labs[0].gil_enabled:
        pytest.skip("there is no GIL here")
    with pytest.raises(NotReadableError, match="check failed: the switch interval reads 5000 us, not 7000"):
        open_runtime(pid, 0.007)
    with opened(pid) as runtime:
        monitor.set_switch_interval(0.0005)
        until(monitor, lambda _: main_gil(runtime).interval_us == 500)


def test_what_ends_is_no_longer_read() -> None:
    code = "import sys; print(flush=True); sys.stdin.read()"
    with program(sys.executable, "-c", code) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with opened(process.pid) as runtime:
            assert runtime.version == sys.version_info[:2]
            assert main_gil(runtime).locked in (False, None)
            process.kill()
            process.wait()
            with pytest.raises(NotReadableError, match=f"^process {process.pid} has ended$"):
                runtime.sample()
        with pytest.raises(NotReadableError, match=f"^process {process.pid} has ended$"):
            open_runtime(process.pid)


def test_what_is_no_python_is_not_read() -> None:
    cat = shutil.which("cat")
    assert cat is not None
    with program(cat) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        process.stdout.readline()
        with pytest.raises(NotReadableError, match=f"^process {process.pid} runs no CPython: no _PyRuntime in .*/"):
            open_runtime(process.pid)


def test_it_says_where_the_system_forbids_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr("pconc_tui.cpython.memory.os.open", forbid)
    with pytest.raises(NotReadableError, match="does not let this user read process 1 "):
        open_runtime(1)


def test_it_says_where_it_is_not_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pconc_tui.cpython.memory.sys.platform", "darwin")
    with pytest.raises(NotReadableError, match="Linux"):
        open_runtime(os.getpid())


def test_the_section_tells_where_symbols_were_stripped() -> None:
    own = memory.Memory(os.getpid())
    path = locate(own).how.split(" of ", 1)[1].rpartition(", offsets")[0]
    own.close()
    with open(path, "rb") as file:
        data = file.read()
    whole = elf.examine(data)
    stripped = elf.examine(data.replace(b"_PyRuntime\0", b"_PyRubbish\0"))
    assert whole is not None
    assert stripped is not None
    assert (whole.found_by, stripped.found_by) == ("symbol _PyRuntime", "section .PyRuntime")
    assert whole.runtime == stripped.runtime
    assert elf.examine(data[:200]) is None
    assert elf.examine(b"#!/bin/sh") is None


def test_an_unknown_layout_is_not_guessed() -> None:
    def head(version: int, holder: int) -> bytes:
        words = [version, 0, *[0] * 12, 7800, 7000, 0, holder + 8, holder]
        return layout.COOKIE + struct.pack("<19Q", *words) + bytes(layout.HEAD_BYTES)

    # 3.14 as it is but for one field more before the holder, and a version that nobody knows yet.
    assert layout.published(head(0x030E00F0, 7008))[1] is not None
    assert layout.published(head(0x030E00F0, 7016)) == ((3, 14), None)
    assert layout.published(head(0x03FF00F0, 7008)) == ((3, 255), None)
    assert layout.known((3, 8)) is None


def test_mapped_files_and_thread_ids_are_found() -> None:
    maps = "7f00-7f10 r--p 00001000 fe:00 12  /usr/lib/lib python3.so\n7f20-7f30 rw-p 00000000 00:00 0\n"
    assert memory.parse_mappings(maps) == [memory.Mapping(0x7F00, 0x1000, "/usr/lib/lib python3.so")]
    # An address whose upper half looks like the id comes first.
    pthread = struct.pack("<QQii", 0x7F21_0000_1234, 0, 0x7F21, 0)
    assert layout.find_tid(pthread, 0x7F21) == 16
    assert layout.find_tid(pthread, 99) is None
