"""What is seen of a worker from outside: looks folded into transitions, and laid over what it notes itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pconc_tui.protocol.block import State, pack, unpack
from pconc_tui.sampler.fold import FoldState, Sample, first, fold
from pconc_tui.sampler.pace import AFTER, BUDGET, BUDGET_SHARING, MOST_HZ, Pace
from pconc_tui.sampler.process_sampler import Process, sharing
from pconc_tui.sampler.thread_files import Thread
from pconc_tui.timeline.overlay import Overlay
from tests.support import eventually

MS = 1_000_000
RUN, GAP, GIL, IO, LOCK, END = State.RUNNING, State.WAITING, State.GIL_WAIT, State.IO, State.LOCK, State.ENDED
FREE = State.RELEASED


def look(ms: float, doing: State, cpu: float = 0, queued: float = 0, holds: bool | None = None) -> Sample:
    return Sample(int(ms * MS), doing, holds, int(cpu * MS), int(queued * MS))


def folded(*looks: Sample, others_owed: float = 0) -> list[tuple[float, State]]:
    """All transitions of a worker that began at 0."""
    state: FoldState | None = None
    found: list[tuple[float, State]] = []
    for each in looks:
        state, more = first(0, each) if state is None else fold(state, each, int(others_owed * MS))
        found += [(time_ns / MS, to) for time_ns, to in more]
    return found


def test_what_changed_between_two_looks_changed_half_way() -> None:
    assert folded(look(1, RUN, 1), look(2, IO, 1.5), look(5, IO, 1.5), look(7, RUN, 2)) == [(1.5, IO), (6, RUN)]


def test_threads_hand_over_the_gil_at_one_moment() -> None:
    one = folded(look(1, RUN, 1, holds=True), look(2, GAP, 2, holds=False), look(3, RUN, 2.2, holds=True))
    two = folded(look(1, GAP, holds=False), look(2, RUN, 1, holds=True), look(3, GAP, 2, holds=False))
    assert one == [(1.5, GAP), (2.5, RUN)]
    assert two == [(0.5, GAP), (1.5, RUN), (2.5, GAP)]


def test_a_gil_that_is_held_where_no_lane_shows_it_is_waited_for_all_the_same() -> None:
    assert folded(look(1, RUN), look(2, GIL), look(3, GAP), look(4, GAP)) == [(1.5, GIL), (2.5, GAP)]


def test_time_in_the_queue_for_a_core_is_found_when_it_is_over() -> None:
    assert folded(look(1, RUN, 1), look(4, RUN, 1), look(8, RUN, 2, queued=5)) == [(2, GAP), (7, RUN)]


def test_the_queue_before_it_lost_the_gil_is_told_from_the_one_after() -> None:
    lost = look(9, GAP, 2, queued=6, holds=False)
    assert folded(look(1, RUN, 1, holds=True), lost) == [(2, GAP)]
    assert folded(look(1, RUN, 1, holds=True), lost._replace(cpu_ns=4 * MS)) == [(4, GAP)]
    assert folded(look(1, RUN, 1, holds=True), lost._replace(cpu_ns=7 * MS)) == [(5, GAP)]


def test_who_wakes_up_to_ask_for_the_gil_does_not_run() -> None:
    waits, asks = look(1, GAP, 1, holds=False), look(2, RUN, 1.02, holds=False)
    assert folded(waits, asks, look(3, GAP, 1.02, holds=False)) == [(0.5, GAP)]


def test_who_had_let_go_of_the_gil_at_a_look_in_between_did_not_run_throughout() -> None:
    looks = look(1, RUN, 1, holds=True), look(3, RUN, 2, holds=False)
    assert folded(*looks, look(9, RUN, 3, holds=True)) == [(2, GAP), (6, RUN)]
    assert folded(*looks, look(9, RUN, 3, queued=4, holds=True)) == [(2, GAP), (6, RUN)]


def test_time_that_nobody_who_shares_the_gil_used_is_waiting_for_a_core() -> None:
    looks = look(1, RUN, 1, holds=True), look(9, RUN, 5, holds=True), look(11, GAP, 5, holds=False)
    assert folded(*looks) == [(7, GAP)]  # 9 ms, of which it used 4, and 2 of slack
    assert folded(*looks, others_owed=-1) == [(8, GAP)]
    assert folded(*looks, others_owed=-9) == [(10, GAP)]
    assert folded(*looks, others_owed=9) == [(5, GAP)]


def test_time_that_one_without_rivals_for_the_gil_did_not_use_is_waiting_for_a_core() -> None:
    began = look(1, RUN, 1)
    assert folded(began, look(21, RUN, 3)) == [(15, GAP), (21, RUN)]  # 20 ms, of which it used 2, and 12 may be unknown
    assert folded(began, look(14, RUN, 1)) == []
    assert folded(began, look(21, RUN, 3, queued=5)) == [(5, GAP), (19, RUN)]  # nothing is unknown now but 2 of slack
    assert folded(began, look(21, RUN, 3, queued=5), look(22, RUN, 4)) == [(5, GAP), (19, RUN)]
    shared = [look(1, RUN, 1, holds=True), look(21, RUN, 3, queued=5, holds=True)]
    assert folded(*shared) == [(14, GAP), (19, RUN)]


def test_cpu_time_used_in_a_run_that_was_not_seen_is_not_missed() -> None:
    state, _ = first(0, look(1, GAP, 1, holds=False))
    state, found = fold(state, look(3, GAP, 1.1, holds=False))
    assert (state.unaccounted_ns, found) == (0, [])
    state, found = fold(state, look(5, GAP, 2.1, holds=False))
    assert (state.unaccounted_ns, found) == (-MS, [])


def test_who_uses_cpu_time_without_the_gil_runs_without_it() -> None:
    looks = look(1, RUN, 1, holds=True), look(2, RUN, 2, holds=False), look(3, RUN, 3, holds=False)
    assert folded(*looks, look(4, GAP, 3.5, holds=False)) == [(1.5, FREE), (3.5, GAP)]


def test_a_short_run_between_two_looks_is_not_lost() -> None:
    assert folded(look(1, IO), look(3, IO, 0.5)) == [(0.5, IO), (1.75, RUN), (2.25, IO)]


def test_a_thread_on_another_core_is_believed_to_run_for_a_tick() -> None:
    state, _ = first(0, look(1, RUN, 1))
    state, _ = fold(state, look(2, RUN, 2))
    ran = []
    for ms in (3, 9, 13.5, 14.5, 20):
        state, _ = fold(state, look(ms, RUN, 2))
        ran.append(state.ran_ns / MS)
    assert ran == [3, 9, 13.5, 2, 2]


def test_transitions_never_go_back() -> None:
    turns = [(RUN, True), (RUN, False), (GAP, False), (RUN, True), (IO, None), (RUN, False), (RUN, False), (LOCK, None)]
    looks = [look(n + 1, state, n / 3, n / 2, holds) for n, (state, holds) in enumerate(turns * 3)]
    times = [time for time, _ in folded(*looks)]
    assert times == sorted(times)


def merged(*takes: tuple[list[tuple[float, State]], list[tuple[float, State]]], since: float = 0) -> list[object]:
    overlay = Overlay()
    found: list[object] = []
    for own, seen in takes:
        words = [[pack(int(ms * MS), state) for ms, state in each] for each in (own, seen)]
        found += [
            (time / MS, state) for time, state in map(unpack, overlay.merged(words[0], words[1], int(since * MS)))
        ]
    return found


def test_between_beginning_and_end_what_was_seen_counts() -> None:
    assert merged(([(1, RUN)], []), ([], [(2, IO), (3, RUN)]), ([(4, END)], [(5, IO)])) == [
        (1, RUN), (2, IO), (3, RUN), (4, END),
    ]  # fmt: skip


def test_what_was_seen_late_counts_from_then_on() -> None:
    assert merged(([(1, RUN)], [(3, IO)]), ([], [(2, GAP)])) == [(1, RUN), (3, IO), (3, GAP)]


def test_a_task_that_awaits_does_so_whatever_its_thread_does() -> None:
    own: list[tuple[float, State]] = [(1, RUN), (2, IO), (5, RUN), (6, END)]
    assert merged((own, [(1.5, GAP), (3, RUN)])) == [(1, RUN), (1.5, GAP), (2, IO), (5, RUN), (6, END)]


def test_who_reports_is_believed_but_where_it_was_blocked() -> None:
    own: list[tuple[float, State]] = [(1, RUN), (2, RUN), (4, GAP), (5, RUN), (9, END)]
    seen: list[tuple[float, State]] = [(1.5, GAP), (3, GAP), (4.5, RUN), (6, IO), (7, RUN)]
    assert merged((own, seen), since=2) == [
        (1, RUN), (1.5, GAP), (2, RUN), (4, GAP), (5, RUN), (6, IO), (7, RUN), (9, END),
    ]  # fmt: skip


def test_the_dearer_a_look_the_fewer_there_are() -> None:
    pace, cpu_ns = Pace(), 0
    for budget in (BUDGET, BUDGET_SHARING):
        for _ in range(40 * AFTER):
            pace.looked(cpu_ns, budget)
            cpu_ns += 500_000
        assert pace.period_s == pytest.approx(0.0005 / budget, rel=0.01)
    for _ in range(40 * AFTER):
        pace.looked(cpu_ns, BUDGET)
        cpu_ns += 1000
    assert pace.period_s == pytest.approx(1 / MOST_HZ)


def test_only_workers_that_need_the_same_gil_share_one() -> None:
    assert sharing([7, 7])
    assert not sharing([7, 8])
    assert not sharing([0, 0])
    assert not sharing([])


PROGRAM = """
import sys, threading, time
held = threading.Lock()
held.acquire()
def compute():
    while True: pass
things = {"sleep": lambda: time.sleep(1000), "lock": held.acquire, "compute": compute, "read": sys.stdin.read}
for name in sys.argv[1:]:
    thread = threading.Thread(target=things[name], daemon=True)
    thread.start()
    print(thread.native_id, flush=True)
threading.Event().wait()
"""


@contextmanager
def program(python: str, *doing: str) -> Iterator[tuple[int, dict[str, int]]]:
    """A process with a thread for each of these: its id, and theirs."""
    with subprocess.Popen(
        [python, "-c", PROGRAM, *doing], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.pid, {name: int(process.stdout.readline()) for name in doing}
        finally:
            process.kill()


def test_a_thread_tells_what_blocks_it(python: str) -> None:
    with program(python, "sleep", "read", "lock", "compute") as (pid, ids):
        threads = {name: Thread(pid, id) for name, id in ids.items()}
        wanted = {"sleep": IO, "read": IO, "lock": LOCK}
        eventually(lambda: {name: threads[name].doing()[0] for name in wanted} == wanted)
        eventually(lambda: threads["compute"].doing() == (RUN, 0) and threads["compute"].times()[0] > 0)
        for thread in threads.values():
            thread.close()


def test_a_lock_is_told_from_the_gil_and_its_holder_from_those_who_wait(python: str) -> None:
    with program(python, "lock", "compute") as (pid, ids):
        threads = {id: Thread(pid, id) for id in ids.values()}
        process = Process(pid)
        eventually(lambda: process.look(threads, sharing=True)[ids["lock"]].doing is LOCK)
        seen = process.look(threads, sharing=True)[ids["compute"]]
        free_threaded = seen.holds is None
        if not free_threaded:
            eventually(lambda: process.look(threads, sharing=True)[ids["compute"]].holds)
        assert process.problem is None
        process.close()
        for thread in threads.values():
            thread.close()


def test_those_who_compute_wait_for_the_gil_of_whoever_holds_it() -> None:
    with program(sys.executable, "compute", "compute") as (pid, _):
        ids = {int(name) for name in os.listdir(f"/proc/{pid}/task")} - {pid}
        threads = {id: Thread(pid, id) for id in ids}
        process = Process(pid)
        eventually(lambda: sorted(look.doing for look in process.look(threads, True).values()) == [RUN, GAP])
        alone = dict([threads.popitem()])
        eventually(lambda: process.look(alone, sharing=True)[next(iter(alone))].doing is GIL)
        eventually(lambda: process.look(alone, sharing=False)[next(iter(alone))].doing is GIL)
        process.close()


def test_a_thread_that_has_ended_is_left_out() -> None:
    with program(sys.executable, "sleep") as (pid, ids):
        threads = {id: Thread(pid, id) for id in ids.values()}
        process = Process(pid)
    assert process.look(threads, sharing=False) == {}
    with pytest.raises(FileNotFoundError):
        Thread(pid, ids["sleep"])


def test_what_is_no_python_is_seen_but_not_its_gil() -> None:
    with subprocess.Popen(["sleep", "1000"]) as process:
        thread = Thread(process.pid, process.pid)
        looked = Process(process.pid)
        eventually(lambda: looked.look({process.pid: thread}, sharing=False)[process.pid].doing is IO)
        assert looked.look({process.pid: thread}, sharing=True)[process.pid].holds is None
        eventually(lambda: looked.problem is not None)
        process.kill()
    assert looked.problem is not None
