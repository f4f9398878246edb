"""What is said about steps and moments, from lanes made by hand."""

from __future__ import annotations

import pytest

from pconc_tui.protocol.block import State
from pconc_tui.text.step_sentences import brief, present, sentence, short
from pconc_tui.timeline.steps import Scene
from pconc_tui.timeline.turns import LaneSpans
from tests.timeline.test_steps import HANDOFF, scene
from tests.timeline.test_turns import CORE, FREE, IO, MS, RUN, WAIT, lane

NAMES = {number: f"Thread-{number}" for number in range(1, 9)}


def said(made: Scene) -> list[str]:
    return [sentence(step, NAMES, made) for step in made.steps]


def at(time_ms: float, *lanes: LaneSpans) -> str:
    return present(scene(*lanes), round(time_ms * MS), NAMES)


def test_a_handoff_in_words() -> None:
    made = scene(*HANDOFF)
    assert said(made) == [
        "Thread-1 takes the GIL.",
        "Thread-2 has waited 5.0 ms and asks for the GIL.",
        "Thread-1, asked by Thread-2, releases the GIL after 5.1 ms.",
        "Thread-2 wakes up and takes the GIL from Thread-1, after a wait of 5.2 ms.",
        "Thread-2 sleeps or waits for I/O, and so releases the GIL.",
        "Thread-2 wakes up from sleep or I/O after 2.0 ms, and needs the GIL again.",
        "Thread-2 takes the GIL.",
    ]
    assert [short(step, NAMES) for step in made.steps[1:4]] == [
        "Thread-2 asks for the GIL",
        "Thread-1 releases the GIL",
        "Thread-2 takes the GIL",
    ]


def test_locks_cores_code_without_the_gil_and_the_end() -> None:
    one = lane(1, 0, (2, RUN), (4, State.LOCK), (5, RUN), (7, CORE), (8, RUN), (9, FREE), (10, CORE), (12, FREE))
    assert said(scene(one._replace(ended_ns=12 * MS), lane(2, 0, (12, IO))))[1:] == [
        "Thread-1 waits for a lock, and so releases the GIL.",
        "Thread-1 has the lock after 2.0 ms, and needs the GIL again.",
        "Thread-1 takes the GIL.",
        "Thread-1 has lost its core, but keeps the GIL.",
        "Thread-1 has a core again, after 2.0 ms.",
        "Thread-1 releases the GIL and runs on without it.",
        "Thread-1 has lost its core, and waits for one.",
        "Thread-1 has a core again, after 1.0 ms.",
        "Thread-1 has ended.",
    ]


def test_tasks_of_one_thread_await() -> None:
    spans = ((20, RUN), (30, WAIT)), ((20, WAIT), (30, RUN))
    made = scene(*(lane(number, 0, *each, thread=11) for number, each in enumerate(spans, 1)))
    assert said(made)[1:] == [
        "Thread-1 awaits after 20.0 ms, and the event loop goes on to another task.",
        "Thread-2 goes on, in the same thread as Thread-1.",
    ]
    assert present(made, 5 * MS, NAMES) == "Thread-1 runs; all tasks share one thread."


@pytest.mark.parametrize(
    ("time_ms", "words"),
    [
        (3.2, "Thread-1 holds the GIL and runs, for 3.2 ms so far. Thread-2 waits for it."),
        (5.05, "Thread-1 still runs: Thread-2 asked for the GIL 0.1 ms ago."),
        (5.15, "The GIL is free: Thread-2 is waking up to take it."),
        (7, "The GIL is free: a thread is waking up to take it."),
        (200, "Nothing is known about this moment."),
    ],
)
def test_the_moment_of_threads_that_share_a_gil(time_ms: float, words: str) -> None:
    assert at(time_ms, *HANDOFF) == words


def test_a_holder_without_a_core_and_one_that_no_thread_waits_for() -> None:
    one = lane(1, 0, (2, RUN), (4, CORE), (9, RUN))
    assert at(3, one, lane(2, 0, (9, WAIT))) == "Thread-1 holds the GIL, but has no core. Thread-2 waits for it."
    alone = "Thread-1 holds the GIL and runs, for 1.0 ms so far. No other thread wants the GIL, so it keeps it."
    assert at(1, one) == alone
    assert at(1, one, lane(2, 0, (9, IO))) == alone


def test_many_are_counted() -> None:
    waiting = [lane(number, 0, (9, WAIT)) for number in range(2, 9)]
    assert at(1, lane(1, 0, (9, RUN)), *waiting).endswith("7 others wait for it.")
    assert at(1, lane(1, 0, (9, RUN)), *waiting[:3]).endswith("Thread-2, Thread-3 and Thread-4 wait for it.")


def test_workers_that_share_no_gil_run_at_the_same_time() -> None:
    states = ((9, RUN),), ((9, RUN),), ((9, CORE),)
    free = [lane(number, 0, *ends)._replace(gil=None) for number, ends in enumerate(states, 1)]
    both = "Thread-1 and Thread-2 run at the same time"
    assert at(1, *free) == f"{both}: there is no GIL; Thread-3 waits for a core."
    own = [each._replace(gil=each.worker) for each in free]
    assert at(1, *own) == f"{both}: each has a GIL of its own; Thread-3 waits for a core."
    two = [*own, lane(4, 0, (9, WAIT))._replace(gil=1)]
    assert at(1, *two) == f"{both}: there are 3 GILs; Thread-3 waits for a core."
    assert brief(scene(*own), MS, NAMES) == "2 run at the same time"


def test_code_without_the_gil_is_said_before_who_holds_it() -> None:
    lanes = lane(1, 0, (1, RUN), (9, FREE)), lane(2, 0, (1, WAIT), (9, RUN))
    assert at(2, *lanes).startswith("Thread-1 runs without the GIL. Thread-2 holds the GIL and runs")


def test_before_anything_has_started() -> None:
    assert at(1, lane(1, 0, (9, State.STARTING))) == "No worker has started yet."
    assert brief(scene(*HANDOFF), 7 * MS, NAMES) == "The GIL is free"
    assert brief(scene(*HANDOFF), 3 * MS, NAMES) == "Thread-1 runs"
