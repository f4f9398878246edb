"""Watching running programs under every interpreter: which thread holds the GIL, which wait, and in which function."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing

import pytest

from pconc_tui.monitor import watch as watch_module
from pconc_tui.monitor.tree_client import TreeObserver
from pconc_tui.monitor.watch import Watch
from pconc_tui.monitor.watchable import require_watchable
from pconc_tui.protocol.block import State
from pconc_tui.requests import Request, RequestError
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.text import watch_headline
from pconc_tui.watched_program import Hold
from tests.support import needed
from tests.watched import (
    BUSY,
    KEEPS_THE_GIL,
    REQUESTS,
    STALLS,
    STALLS_ALONE,
    SUBINTERPRETERS,
    by_name,
    until,
    watched,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_threads_that_share_a_gil_wait_for_the_one_that_holds_it(python: str) -> None:
    with watched(BUSY, python) as (watch, process):

        def all_ran(snapshot: Snapshot) -> bool:
            workers = [each for each in snapshot.workers if each.total.running > 0.02]
            return len(workers) >= 3 and all(each.thread and each.thread.python for each in snapshot.workers)

        snapshot = until(watch, all_ran)
        assert snapshot.program is not None
        shown = snapshot.program.processes[0]
        assert len(snapshot.workers) == 5
        assert {each.pid for each in snapshot.workers} == {process.pid}
        if not shown.gil_enabled:
            assert all(each.gil is None and each.held_s is None for each in snapshot.workers)
            return

        def one_names_the_holder(snapshot: Snapshot) -> bool:
            named = len({each.name for each in snapshot.workers}) == 5
            return named and any(
                each.thread.waits_for.startswith("the GIL: ") for each in snapshot.workers if each.thread
            )

        snapshot = until(watch, one_names_the_holder)
        waiting = [each for each in snapshot.workers if each.thread and each.thread.waits_for.startswith("the GIL: ")]
        names = {each.name for each in snapshot.workers}
        for each in waiting:
            assert each.thread is not None
            holder = each.thread.waits_for.removeprefix("the GIL: ").partition(" in ")[0]
            assert holder in names - {each.name}
        until(watch, lambda now: "One thread at a time" in watch_headline.summary(now).sentences[0])


def test_what_threads_do_is_unknown_while_the_observer_is_stopped_and_known_afterwards() -> None:
    with watched(BUSY, needed("3.14")) as (watch, _):
        first = until(watch, lambda now: len(now.workers) == 5 and all(each.total.wall > 0 for each in now.workers))
        unknown = {each.id: each.total.unknown for each in first.workers}
        assert isinstance(watch._tree, TreeObserver)
        os.kill(watch._tree.pid, signal.SIGSTOP)
        try:
            stopped = until(watch, lambda now: all(each.state is State.UNKNOWN for each in now.workers))
        finally:
            os.kill(watch._tree.pid, signal.SIGCONT)
        assert len(stopped.workers) == 5
        until(watch, lambda now: all(each.state is not State.UNKNOWN for each in now.workers))
        until(watch, lambda now: all(each.total.unknown <= unknown[each.id] for each in now.workers))


def test_interpreters_with_gils_of_their_own_do_not_wait_for_each_other() -> None:
    with watched(SUBINTERPRETERS, needed("3.14")) as (watch, process):

        def both_run_with_different_gils(snapshot: Snapshot) -> bool:
            ran = {each.gil for each in snapshot.workers if each.total.running > 0.1}
            return len(ran) == 2 and None not in ran

        snapshot = until(watch, both_run_with_different_gils)
        handed = sum(each.handoffs for each in snapshot.workers)
        until(watch, lambda now: min(each.total.running for each in now.workers if each.gil != process.pid) > 0.3)
        assert sum(each.handoffs for each in watch.poll().workers) == handed


class RefusedObserver:
    """Stands for the observer where the kernel refuses all records."""

    ready, source, problem, died, not_shown, until_ns = True, None, "not allowed here", False, 0, 0

    def __init__(self, pid: int, while_new_ns: int) -> None:
        self.threads: dict[int, object] = {}
        self.processes: dict[int, object] = {}

    def receive(self) -> None:
        """There is nothing to receive."""

    def close(self) -> None:
        """There is nothing to end."""


def test_where_the_kernel_refuses_records_the_threads_are_sampled(python: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "TreeObserver", RefusedObserver)
    with watched(BUSY, python) as (watch, _):

        def all_ran(snapshot: Snapshot) -> bool:
            return sum(each.total.running > 0.02 for each in snapshot.workers) >= 3

        snapshot = until(watch, all_ran)
        assert snapshot.program is not None
        assert (snapshot.program.source, snapshot.program.source_problem) == ("sampled", "not allowed here")
        assert len(snapshot.workers) == 5
        if snapshot.program.processes[0].gil_enabled:
            until(watch, lambda now: "One thread at a time" in watch_headline.summary(now).sentences[0])


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs root and unshare")
@pytest.mark.parametrize("version", ["3.9", "3.12", "3.14"])
def test_threads_in_a_pid_namespace_are_known_by_the_ids_outside(version: str) -> None:
    command = ["unshare", "-p", "-f", "--kill-child", "--mount-proc", needed(version), "-c", BUSY]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        try:
            with closing(Watch(process.pid)) as watch:

                def holder_is_known(snapshot: Snapshot) -> bool:
                    return any(
                        each.thread.waits_for.startswith("the GIL: ") for each in snapshot.workers if each.thread
                    )

                snapshot = until(watch, holder_is_known)
                inside = {each.pid for each in snapshot.workers if each.thread and each.thread.python}
                assert len(inside) == 1
                assert inside != {process.pid}
                until(watch, lambda now: sum(each.total.gil_wait > 0.05 for each in now.workers) >= 3)
        finally:
            process.kill()


def test_functions_names_and_the_lock_that_a_thread_waits_for() -> None:
    with watched(BUSY) as (watch, _):

        def is_known(snapshot: Snapshot) -> bool:
            waiter = by_name(snapshot).get("waiter")
            return waiter is not None and waiter.thread is not None and waiter.thread.place is not None

        snapshot = until(watch, is_known)
        waiter = by_name(snapshot)["waiter"]
        assert waiter.thread is not None
        assert waiter.thread.place is not None
        assert waiter.thread.place.function == "waits"
        snapshot = until(watch, lambda now: by_name(now)["waiter"].state is State.LOCK)
        assert {"cruncher-0", "cruncher-1", "cruncher-2", "MainThread"} <= by_name(snapshot).keys()


def test_threads_that_live_for_a_moment_count_in_the_last_second() -> None:
    with watched(REQUESTS) as (watch, _):
        until(watch, lambda now: "take turns with the GIL" in watch_headline.live(now).sentences[0])
        snapshot = until(watch, lambda now: len([each for each in now.workers if not each.alive and each.recent]) > 2)
        for each in snapshot.workers:
            assert each.recent is None or each.recent.wall < 2.5


def test_a_thread_that_came_and_went_between_two_readings_has_held_the_gil_and_has_a_name() -> None:
    with watched(REQUESTS) as (watch, _):

        def passing(snapshot: Snapshot) -> list[Worker]:
            return [each for each in snapshot.workers if not each.alive and each.gil is not None]

        for each in passing(until(watch, lambda now: len(passing(now)) > 20)):
            assert each.thread is not None
            assert each.thread.held_s > 0.9 * (each.total.running - each.total.released) - 0.002
            assert each.name


def test_a_hold_is_certain_as_far_as_others_waited_for_it() -> None:
    with watched(BUSY) as (watch, _):

        def longest(snapshot: Snapshot) -> list[Hold]:
            return [
                each.thread.longest
                for name, each in by_name(snapshot).items()
                if name.startswith("cruncher") and each.thread and each.thread.longest
            ]

        snapshot = until(watch, lambda now: len(longest(now)) == 3 and all(hold.waited_ns for hold in longest(now)))
        for hold in longest(snapshot):
            assert hold.waited_ns <= hold.end_ns - hold.start_ns
        crunchers = [each for name, each in by_name(snapshot).items() if name.startswith("cruncher")]
        assert [each.held_s for each in crunchers] == [hold.waited_s for hold in longest(snapshot)]
    with watched(STALLS_ALONE) as (watch, _):

        def alone(snapshot: Snapshot) -> Hold | None:
            thread = snapshot.workers[0].thread if snapshot.workers else None
            return thread.longest if thread else None

        snapshot = until(watch, alone)
        uncertain = alone(snapshot)
        assert uncertain is not None
        assert uncertain.waited_ns == 0
        assert snapshot.workers[0].held_s is None


def test_the_longest_hold_has_a_time_and_a_function() -> None:
    with watched(STALLS) as (watch, _):

        def is_known(snapshot: Snapshot) -> bool:
            staller = by_name(snapshot).get("staller")
            longest = staller.thread.longest if staller and staller.thread else None
            return longest is not None and longest.place is not None and longest.place.function == "stall"

        snapshot = until(watch, is_known)
        longest = by_name(snapshot)["staller"].thread
        assert longest is not None
        assert longest.longest is not None
        assert longest.longest.end_ns <= snapshot.now_ns
        until(watch, lambda now: watch.take_long_holds())


def test_threads_whose_own_names_are_not_known_have_different_names(python: str) -> None:
    with watched(BUSY, python) as (watch, process):
        while len((snapshot := watch.poll()).workers) < 4:  # Stacks, which have their names, are read later.
            pass
        names = [each.name for each in snapshot.workers]
        assert len({*names}) == len(names)
        main = next(each for each in snapshot.workers if each.native_id == process.pid)
        assert "(" not in main.name


def test_a_thread_that_blocks_without_releasing_the_gil_holds_it(python: str) -> None:
    with watched(KEEPS_THE_GIL, python) as (watch, _):

        def is_found(now: Snapshot) -> bool:
            named = by_name(now)
            if now.program and now.program.processes[0].gil_enabled is False:
                return True
            if not {"keep", "crunch"} <= named.keys():
                return False
            longest, waits = named["keep"].thread, named["crunch"].thread
            assert longest is not None
            assert waits is not None
            hold = longest.longest
            return hold is not None and hold.seconds > 0.05 and waits.waits_for.startswith("the GIL: keep")

        snapshot = until(watch, is_found)
        assert snapshot.program is not None
        if snapshot.program.processes[0].gil_enabled:
            assert by_name(snapshot)["keep"].total.blocked_with_gil > 0.05
            until(watch, lambda now: (times := by_name(now)["keep"].recent) and times.blocked_with_gil > 0.05)


def test_nothing_is_launched_or_changed() -> None:
    with watched(BUSY) as (watch, process):
        with pytest.raises(RequestError, match="only watched"):
            watch.launch(Request("cpu-bound", "calls", "threads"))
        for change in (watch.stop, watch.kill, watch.set_switch_interval):
            with pytest.raises(RequestError, match="only watched"):
                change(1)
        until(watch, lambda now: now.workers)
        assert process.poll() is None
    assert process.returncode == -signal.SIGKILL  # By the test, not by the watch that was closed before.


def test_what_can_not_be_watched_is_refused_with_the_reason() -> None:
    with pytest.raises(RequestError, match="this program itself"):
        require_watchable(os.getpid())
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    with pytest.raises(RequestError, match="no process"):
        require_watchable(ended.pid)


def test_each_snapshot_has_a_time_of_its_own() -> None:
    with watched(BUSY, sys.executable) as (watch, _):
        until(watch, lambda snapshot: snapshot.workers)
        times_ns = [watch.poll().now_ns for _ in range(20)]
        assert sorted(set(times_ns)) == times_ns


def test_who_holds_the_gil_is_read_at_every_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a long hold would be noticed too late to read its stack."""
    with watched(BUSY) as (watch, process):
        until(watch, lambda now: sum(each.total.running for each in now.workers) > 0.02)
        view, read = watch._processes.views[process.pid], list[int]()
        held_ns = view.held_ns

        def counted(now_ns: int) -> int:
            read.append(now_ns)
            return held_ns(now_ns)

        monkeypatch.setattr(view, "held_ns", counted)
        for _ in range(20):
            watch.poll()
        assert len(read) == 20


def test_a_poll_at_which_no_more_is_known_shows_the_same_lanes() -> None:
    with watched(BUSY, sys.executable) as (watch, _):
        until(watch, lambda snapshot: snapshot.workers and snapshot.workers is watch.poll().workers)
        watch.clear()
        assert watch.poll().log == ()
