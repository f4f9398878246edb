"""What the headline of a watched program says, from figures made by hand."""

from __future__ import annotations

from dataclasses import replace

from pconc_tui.measurement import LockShares
from pconc_tui.protocol.lane_source import Source
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.text.watch_headline import live, summary
from pconc_tui.timeline.spans import Times
from pconc_tui.watched_program import Hold, Place, WatchedProcess, WatchedProgram, WatchedThread

CRUNCH = Place("crunch", "/home/me/work.py", 12)
PROGRAM = WatchedProgram(
    1, "python work.py", "kernel", processes=(WatchedProcess(1, 0, "python work.py", "3.14", True),)
)


def thread(
    number: int, times: Times, held: float = 0.0, gil: int | None = 1, python: bool = True, longest_s: float = 0.0
) -> Worker:
    hold = Hold(0, round(longest_s * 1e9), (CRUNCH,), CRUNCH) if longest_s else None
    known = WatchedThread(
        python, held_s=held, recent_held_s=held, longest=hold, holds_in=CRUNCH if held > 0.1 else None
    )
    return Worker(
        id=number,
        name=f"Thread-{number}",
        experiment="",
        variant="",
        model="threads",
        python="3.14",
        launched_ns=0,
        pid=gil or 1,
        recent=times,
        total=times,
        held_s=longest_s or None,
        gil=gil if python else None,
        thread=known,
    )


def said(*threads: Worker, cores: float = 4, others: float | None = None, handoffs_per_s: int = 0) -> str:
    loads = (1.0,) * round(cores)
    program = replace(PROGRAM, switches=10 * handoffs_per_s)
    snapshot = Snapshot(
        10**10,
        cores,
        core_loads=loads,
        workers=threads,
        program=program,
        others=others,
        switches_per_s=float(handoffs_per_s),
    )
    assert live(snapshot).sentences == summary(snapshot).sentences
    return live(snapshot).sentences[0]


WAITS = Times(running=0.01, gil_wait=0.9, io=0.09)


def test_a_thread_that_others_wait_for_is_named_with_where_and_how_long() -> None:
    holder = thread(3, Times(running=0.91, gil_wait=0.09), 0.91, longest_s=0.23)
    others = (thread(n, WAITS, 0.01) for n in range(4, 11))
    assert said(holder, *others) == (
        "One thread at a time: Thread-3 holds the GIL 91 % of the time, mostly in crunch() (work.py:12), up to 230 ms "
        "at a stretch; 7 threads wait for it. Processes or a free-threaded build would help."
    )


def test_threads_that_take_turns_are_counted() -> None:
    turns = (thread(n, Times(running=0.25, gil_wait=0.75), 0.25, longest_s=0.006) for n in range(1, 5))
    found = said(*turns)
    assert "4 threads take turns with the GIL, held 100 % of the time, mostly in crunch() (work.py:12)" in found
    assert "3 threads wait for it on average" in found


ROOM = 79
"""Cells for the headline in a terminal of 80 columns, where it has one row."""


def in_one_row(*threads: Worker) -> str:
    found = live(Snapshot(10**10, 4, workers=threads, program=PROGRAM)).sentence(ROOM)
    assert len(found) <= ROOM, "the end of a longer one is cut off"
    return found


def test_in_one_row_it_says_which_thread_holds_the_gil_or_for_how_long_it_is_held() -> None:
    others = (thread(n, WAITS, 0.01) for n in range(4, 11))
    holder = thread(3, Times(running=0.91, gil_wait=0.09), 0.91, longest_s=0.23)
    found = in_one_row(holder, *others)
    assert found == "One thread at a time: Thread-3 holds the GIL 91 % of the time; 7 wait for it."
    turns = (thread(n, Times(running=0.25, gil_wait=0.75), 0.25, longest_s=0.006) for n in range(1, 5))
    assert in_one_row(*turns) == "One thread at a time: 3 threads wait for the GIL, held 100 % of the time."


def test_in_one_row_no_end_is_cut_off() -> None:
    one_after_another = [thread(n, Times(running=0.45, io=0.55), 0.45) for n in (1, 2)]
    assert in_one_row(*one_after_another) == "2 threads take turns with the GIL, held 90 % of the time."
    alone = thread(1, Times(running=0.99, io=0.01), 0.99)
    assert in_one_row(alone) == "Thread-1 runs alone: it holds the GIL 99 % of the time."
    partly = [replace(each, recent=replace(each.recent or Times(), unknown=0.5)) for each in one_after_another]
    assert in_one_row(*partly) == "2 threads take turns with the GIL, held 90 % of the time. Unknown: 33 %."
    waiting = thread(1, Times(running=0.05, io=0.3, lock_wait=0.65), 0.05)
    assert in_one_row(waiting) == "Threads wait for locks 65 % and for I/O 30 % of the time."


def test_waits_for_something_else_are_no_fault_of_the_gil() -> None:
    idle = (thread(n, Times(running=0.02, io=0.96, lock_wait=0.02), 0.02) for n in range(1, 4))
    assert said(*idle) == "The GIL is not the limit: threads wait for I/O 96 % of the time."
    both = (thread(n, Times(running=0.1, io=0.5, lock_wait=0.4), 0.1) for n in range(1, 4))
    assert "for I/O 50 % and for locks 40 % of the time" in said(*both)


def test_code_without_the_gil_is_told_from_code_with_it() -> None:
    hashing = (thread(n, Times(running=0.95, released=0.93, gil_wait=0.05), 0.02) for n in range(1, 5))
    assert said(*hashing) == "C code without the GIL keeps 3.72 of 4 cores busy."
    native = (thread(n, Times(running=0.9), python=False) for n in range(5, 8))
    main = thread(1, Times(running=0.9, released=0.88, io=0.1), 0.02)
    assert said(main, *native) == "C code without the GIL keeps 3.58 of 4 cores busy."


def test_few_waits_for_the_gil_are_not_the_limit_of_code_that_runs_without_it() -> None:
    """A thread that lost its core for a moment while it held the GIL made others wait for it."""
    multiplying = [thread(n, Times(running=0.25, released=0.22, gil_wait=0.17, core_wait=0.58), 0.04) for n in range(4)]
    assert said(*multiplying, cores=2).startswith("C code without the GIL keeps 0.88 of 2 cores busy.")
    convoy = [thread(n, Times(running=0.35, released=0.21, gil_wait=0.34, core_wait=0.31), 0.04) for n in range(4)]
    assert said(*convoy, cores=2).startswith("4 threads take turns with the GIL, held 16 % of the time"), "two at once"


def test_a_gil_that_changes_hands_often_may_be_the_limit_though_threads_hardly_wait_for_it() -> None:
    grouping = [thread(n, Times(running=0.46, released=0.1, gil_wait=0.04, core_wait=0.5), 0.1) for n in range(4)]
    assert said(*grouping, cores=2) == (
        "The GIL is not the limit: 2 threads wait for a core on average. What could run waits for a core 52 % of that "
        "time."
    )
    assert said(*grouping, cores=2, handoffs_per_s=7738) == (
        "4 threads keep 1.84 of 2 cores busy. The GIL changes hands 7,738 times a second. What could run waits for a "
        "core 52 % of that time."
    )
    turns = [thread(n, Times(running=0.4, gil_wait=0.6), 0.25) for n in range(4)]
    assert "2.4 threads wait for it on average. The GIL changes hands 3,000 times" in said(*turns, handoffs_per_s=3000)
    processes = [thread(n, Times(running=0.4, io=0.6), 0.25, gil=n) for n in range(1, 5)]
    assert "changes hands" not in said(*processes, handoffs_per_s=20_000)


def test_a_gil_that_threads_wait_for_though_it_is_mostly_free_is_not_said_to_let_one_run_at_a_time() -> None:
    grouping = [thread(n, Times(running=0.33, released=0.18, gil_wait=0.28, core_wait=0.39), 0.06) for n in range(4)]
    assert said(*grouping, cores=2, handoffs_per_s=18615) == (
        "4 threads take turns with the GIL, held 24 % of the time; 1.1 threads wait for it on average. The GIL changes "
        "hands 18,615 times a second. What could run waits for a core 54 % of that time."
    )


def test_a_free_threaded_build_has_no_gil_to_wait_for() -> None:
    free = [thread(n, Times(running=0.9, lock_wait=0.1), gil=None) for n in range(1, 5)]
    assert said(*free) == "Without a GIL, 4 threads keep 3.6 of 4 cores busy."
    contended = [thread(n, Times(running=0.3, lock_wait=0.7), gil=None) for n in range(1, 5)]
    assert said(*contended).endswith("; 4 threads wait for locks.")


def test_what_threads_without_a_gil_wait_for_is_said() -> None:
    locks = LockShares(0.62, 0.93, 0.0, 0.0)
    program = replace(PROGRAM, locks=locks, all_locks=locks)
    busy = tuple(thread(n, Times(running=0.38, lock_wait=0.62), gil=None) for n in range(1, 5))
    found = live(Snapshot(0, 2, workers=busy, program=program)).sentences[0]
    assert found == (
        "Without a GIL, 4 threads keep 1.52 of 2 cores busy; threads wait for locks 62 % of the time, mostly for one "
        "lock."
    )
    stopped = replace(program, all_locks=LockShares(0.02, None, 0.31, 140.2))
    waiting = tuple(thread(n, Times(running=0.1, lock_wait=0.9), gil=None) for n in range(1, 5))
    assert summary(Snapshot(0, 2, workers=waiting, program=stopped)).sentences[0] == (
        "Without a GIL, all threads are stopped together 140 times a second, 31 % of the time."
    )
    reads = tuple(thread(n, Times(io=0.7, lock_wait=0.3), gil=None) for n in range(1, 5))
    assert summary(Snapshot(0, 2, workers=reads, program=stopped)).sentences[0] == (
        "Without a GIL, all threads are stopped together 140 times a second, 31 % of the time; threads wait for I/O 70 "
        "% of it."
    )


def test_one_thread_at_a_time_is_said_of_each_process_where_several_are_busy() -> None:
    turns = Times(running=0.5, gil_wait=0.5)
    one, other = ([thread(10 * pid + n, turns, 0.49, gil=pid, longest_s=0.01) for n in range(2)] for pid in (1, 2))
    begins = "One thread at a time in each of 2 processes: 2 threads take turns with the GIL, held 98 % of the time"
    assert said(*one, *other).startswith(begins)
    alone = thread(20, Times(running=1.0), 1.0, gil=2)
    assert said(*one, alone).startswith("One thread at a time in one of 2 processes: 2 threads take turns")
    assert said(*one, thread(20, Times(io=1.0), gil=2)).startswith("One thread at a time: 2 threads take turns")


def test_processes_have_a_gil_each() -> None:
    each = (thread(n, Times(running=0.9, io=0.1), 0.9, gil=100 + n) for n in range(1, 5))
    assert said(*each) == "4 processes keep 3.6 of 4 cores busy, each with a GIL of its own."


def test_processes_that_replace_each_other_are_not_taken_for_one_that_runs_alone() -> None:
    pool = [thread(n, Times(running=0.25), 0.25, gil=100 + n) for n in range(1, 9)]
    parent = thread(9, Times(io=1.0), gil=300)
    assert said(parent, *pool, cores=2) == "8 processes keep 2 of 2 cores busy, each with a GIL of its own."
    longer = thread(20, Times(running=0.55, io=0.45), 0.55, gil=200)
    assert (
        said(parent, longer, *pool[:2], cores=2) == "3 processes keep 1.05 of 2 cores busy, each with a GIL of its own."
    )
    found = said(parent, longer, pool[0], cores=2)
    assert found.startswith("Thread-20 holds the GIL 55 % of the time, mostly in crunch()"), "another process runs too"


def test_threads_that_hold_the_gil_one_after_another_are_counted() -> None:
    """As a server does with a thread for each request, one at a time."""
    main = thread(1, Times(running=0.02, lock_wait=0.68, gil_wait=0.3), 0.02)
    requests = [thread(n, Times(running=0.02), 0.02) for n in range(2, 50)]
    assert said(main, *requests) == (
        "49 threads take turns with the GIL, held 98 % of the time; no thread waits for it for long."
    )
    waits = replace(main, recent=(times := Times(running=0.02, gil_wait=0.97, io=0.01)), total=times)
    shorter = [thread(n, Times(running=0.002), 0.002) for n in range(2, 482)]
    assert said(waits, *shorter) == (
        "One thread at a time: 481 threads take turns with the GIL, held 98 % of the time; 1 thread waits for it on "
        "average. Processes or a free-threaded build would help."
    )


def test_one_thread_alone_is_no_fault_of_the_gil() -> None:
    assert said(thread(1, Times(running=0.98, io=0.02), 0.98), thread(2, Times(io=1.0))) == (
        "Thread-1 runs alone: it holds the GIL 98 % of the time, mostly in crunch() (work.py:12); no thread waits for "
        "it for long."
    )


def test_a_busy_machine_is_said_with_it() -> None:
    found = said(thread(1, Times(running=0.4, core_wait=0.6), 0.95), cores=2, others=1.6)
    assert found.endswith(" What could run waits for a core 60 % of that time: other programs use 1.6 cores.")


def test_other_programs_that_do_little_are_not_said_to_take_the_cores() -> None:
    found = said(
        *(thread(n, Times(running=0.6, core_wait=0.4), 0.95, gil=n) for n in range(1, 4)), cores=2, others=0.04
    )
    assert found.endswith("What could run waits for a core 40 % of that time.")


def test_unknown_is_not_said() -> None:
    unknown = replace(thread(1, Times(running=1.0), 1.0), recent=None)
    snapshot = Snapshot(0, 4, workers=(unknown,), program=PROGRAM)
    assert live(snapshot).sentences == ("Process 1: nothing is known yet",)
    late = replace(snapshot, workers=(replace(unknown, recent=Times(unknown=1.0)),))
    assert live(late).sentences == ("Process 1: what its threads do is unknown",)
    ended = replace(snapshot, program=replace(PROGRAM, ended="was killed by signal 9"))
    assert live(ended).sentences == ("Process 1 was killed by signal 9.",)


def test_threads_that_wait_for_a_core_are_not_said_to_wait_for_something_else() -> None:
    queries = [thread(n, Times(running=0.07, core_wait=0.9, lock_wait=0.03), 0.01) for n in range(4)]
    main = thread(9, Times(lock_wait=1.0))
    assert said(*queries, main, cores=2, others=1.6) == (
        "The GIL is not the limit: 3.6 threads wait for a core on average. What could run waits for a core 93 % of "
        "that time: other programs use 1.6 cores."
    )


def test_shares_are_of_the_time_that_is_known_and_the_rest_is_said() -> None:
    idle = (thread(n, Times(io=0.48, running=0.01, lock_wait=0.01, unknown=0.5)) for n in range(3))
    assert said(*idle) == "The GIL is not the limit: threads wait for I/O 96 % of the time. Unknown: 50 % of the time."
    little = (thread(n, Times(io=0.93, running=0.02, unknown=0.05)) for n in range(3))
    assert "Unknown" not in said(*little)


def test_of_threads_that_take_turns_the_place_of_most_holding_is_said() -> None:
    one = [thread(n, Times(running=0.3, gil_wait=0.7), 0.3) for n in range(2)]
    slow = thread(5, Times(running=0.4, gil_wait=0.6), 0.4)
    assert slow.thread is not None
    unknown = replace(slow, thread=replace(slow.thread, holds_in=None))
    assert "3 threads take turns" in said(*one, unknown)
    assert "mostly in crunch() (work.py:12)" in said(*one, unknown)
    other = replace(slow, thread=replace(slow.thread, holds_in=Place("burn", "/home/me/burn.py", 3)))
    assert "mostly in crunch() (work.py:12)" in said(*one, other)


def test_one_thread_that_rarely_holds_the_gil_is_named() -> None:
    idle = [thread(n, Times(gil_wait=0.3, io=0.7), 0.001) for n in range(3, 6)]
    found = said(thread(1, Times(running=0.2, io=0.8), 0.2), *idle)
    assert "One thread at a time: Thread-1 holds the GIL 20 % of the time" in found


def test_how_long_the_gil_is_held_is_not_said_where_it_is_unknown() -> None:
    times = Times(running=0.13, core_wait=0.43, gil_wait=0.22, io=0.22)
    mixed = [replace(thread(n, times), source=Source.SAMPLED.value) for n in range(4)]
    found = said(*mixed, thread(9, Times(io=1.0)))
    assert found.startswith("One thread at a time: 4 threads take turns with the GIL; 0.9 threads wait for it")


def test_a_stopped_program_waits_for_nothing() -> None:
    stopped = replace(PROGRAM, processes=(replace(PROGRAM.processes[0], doing="stopped"),))
    snapshot = Snapshot(0, 2, workers=(thread(1, Times(io=1.0)),), program=stopped)
    assert live(snapshot).sentences == ("Process 1 is stopped: none of its threads runs.",)
    assert summary(snapshot).sentences == live(snapshot).sentences
    ran = replace(snapshot, workers=(thread(1, Times(running=0.6, unknown=0.4), 0.6),))
    said_then = summary(ran).sentences[0]
    assert said_then.endswith(" Unknown: 40 % of the time. Process 1 is stopped: none of its threads runs.")
