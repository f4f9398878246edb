"""Taking a tour: step, question, locked answer, run, reveal; and which orders bring a step's run about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pconc_tui.measurement import Disturbance, Measurement, Progress
from pconc_tui.pythons import Interpreter, current_interpreter
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.tours.interpreter_choice import Interpreters
from pconc_tui.tours.orders import Clear, Launch, Measure, Order, StopAll, SwitchInterval
from pconc_tui.tours.parse import parse
from pconc_tui.tours.walk import Phase, Walk
from tests.ui import samples

S = 10**9
DEFAULT = replace(current_interpreter(), version="3.13.0", free_threaded_build=False, gil_enabled=True)
HERE = Interpreters(DEFAULT)
STEPS = """
title = "Two ways"
[[step]]
title = "Asked"
say = "Four threads."
experiment = "cpu-bound"
do = "measure"
question = "How long?"
answers = ["as long", "longer"]
right = 2
reveal = "{slowdown} times as long"
claims = ["slowdown > 2"]
name = "asked"
[[step]]
title = "Live"
do = "launch"
workers = 2
times = 2
switch_ms = 100
reveal = "{busy} cores busy, {asked.slowdown}"
claims = ["busy < 1.3"]
[[step]]
title = "Why"
say = "One GIL."
[[step]]
title = "Without"
model = "free-threaded"
do = "launch"
"""
TOUR = parse(STEPS, "two.toml", "two")
REQUEST = Request("cpu-bound", "calls", "threads", 4)


def measurement(n_runs_s: float = 4.0, problem: str | None = None, others: float | None = None) -> Measurement:
    return samples.measurement(
        one_run_s=1.0, n_runs_s=n_runs_s, problem=problem, disturbance=Disturbance(others, None, 2)
    )


def at(t_s: float, **fields: object) -> Snapshot:
    return replace(Snapshot(round(t_s * S), 2.0, cores_busy=1.0), **fields)  # type: ignore[arg-type]


def threads(count: int, started_s: float = 0.0) -> tuple[Worker, ...]:
    return tuple(replace(samples.thread(n + 1, count), started_ns=round(started_s * S)) for n in range(count))


def step(walk: Walk, snapshot: Snapshot, interpreters: Interpreters = HERE) -> tuple[Walk, list[Order]]:
    walk, orders = walk.advance(snapshot, interpreters)
    return walk, [*orders]


def on(walk: Walk) -> Walk:
    further = walk.on()
    assert further is not None
    return further


def asked() -> Walk:
    return on(Walk.start(TOUR))


PROGRESS = Progress("cpu-bound", "threads", "one run", 0.5)


def test_the_answer_is_locked_before_the_run_starts() -> None:
    walk = Walk.start(TOUR)
    assert walk.phase is Phase.SAYING
    assert walk.choose(1) is walk
    walk = on(walk)
    assert walk.phase is Phase.ASKED
    assert walk.advance(at(1), HERE) == (walk, ()), "nothing runs before an answer or the next key"
    assert walk.choose(3) is walk.choose(0) is walk
    walk = walk.choose(2)
    assert (walk.phase, walk.answer) == (Phase.RUNNING, 2)
    assert walk.choose(1) is walk, "it can't be changed any more"
    assert walk.on() is walk, "a second press skips nothing"


def test_a_step_goes_on_without_an_answer() -> None:
    walk = on(asked())
    assert (walk.phase, walk.answer) == (Phase.RUNNING, 0)


def test_a_measurement_is_revealed_when_it_has_ended() -> None:
    walk, orders = step(asked().choose(2), at(1))
    assert orders == [SwitchInterval(0.005), Clear(), Measure(REQUEST)]
    walk, orders = step(walk, at(2, progress=PROGRESS))
    assert (walk.phase, orders) == (Phase.RUNNING, [])
    walk, orders = step(walk, at(3, measurements=(measurement(),)))
    assert (walk.phase, orders) == (Phase.REVEALED, [])
    assert (walk.revealed, walk.claims_hold, walk.answer) == ("4.0 times as long", True, 2)
    assert [(each.figures, each.held) for each in walk.verdicts] == [("slowdown 4.0", True)]
    assert [sample["slowdown"] for sample in walk.earlier["asked"]] == ["4.0"]


def test_earlier_measurements_are_not_taken_for_the_result() -> None:
    walk, _ = step(asked().choose(2), at(1, measurements=(measurement(9.0),)))
    walk, _ = step(walk, at(2, measurements=(measurement(9.0),), progress=PROGRESS))
    assert walk.phase is Phase.RUNNING
    walk, _ = step(walk, at(2, progress=PROGRESS))
    walk, _ = step(walk, at(3, measurements=(measurement(),)))
    assert walk.revealed == "4.0 times as long", "the scoreboard was cleared meanwhile"


def test_what_the_figures_do_not_bear_out_is_said_and_repeated() -> None:
    walk, _ = step(asked().choose(2), at(1))
    walk, _ = step(walk, at(3, measurements=(measurement(1.5, others=1.9),)))
    assert (walk.phase, walk.claims_hold) == (Phase.REVEALED, False)
    assert "other programs used 1.90 cores" in walk.doubt
    walk = walk.again()
    assert (walk.phase, walk.attempt, walk.answer) == (Phase.RUNNING, 2, 2)
    walk, orders = step(walk, at(4, measurements=(measurement(1.5),)))
    assert orders[-1] == Measure(REQUEST)
    walk, _ = step(walk, at(5, measurements=(measurement(1.5), measurement(4.0))))
    assert (walk.revealed, walk.claims_hold) == ("4.0 times as long", True)


@pytest.mark.parametrize(
    ("snapshot", "doubt"),
    [
        (at(3), "it was stopped before it ended"),
        (at(3, measurements=(measurement(problem="the lab died"),)), "the lab died"),
    ],
)
def test_a_run_without_a_result_proves_nothing(snapshot: Snapshot, doubt: str) -> None:
    walk, _ = step(asked().choose(2), at(1))
    walk, _ = step(walk, snapshot)
    assert (walk.phase, walk.claims_hold, walk.doubt) == (Phase.REVEALED, False, doubt)
    assert walk.revealed == "- times as long"


def test_a_refused_order_is_the_result() -> None:
    walk, _ = step(asked().choose(2), at(1))
    walk = walk.refused("no such model")
    assert (walk.phase, walk.claims_hold, walk.doubt) == (Phase.REVEALED, False, "no such model")


def live() -> Walk:
    walk = Walk.start(TOUR)
    return walk.at(1)


def test_a_launch_stops_what_else_runs() -> None:
    other = (replace(samples.process(1), ending=None),)
    walk, orders = step(live(), at(1, workers=other))
    assert orders == [StopAll()]
    walk, orders = step(walk, at(2, progress=PROGRESS))
    assert orders == [StopAll()]
    one = Launch(replace(REQUEST, workers=1))
    walk, orders = step(walk, at(3))
    assert orders == [SwitchInterval(0.1), Clear(), one, one]


def test_workers_that_already_run_go_on() -> None:
    _, orders = step(live(), at(1, workers=threads(2)))
    assert orders == [SwitchInterval(0.1)]


def test_launched_workers_are_observed_once_the_last_second_is_theirs() -> None:
    walk, _ = step(live(), at(1))
    for t_s in (1.5, 2.0, 3.5):
        walk, _ = step(walk, at(t_s, workers=threads(2, started_s=2.0)))
        assert (walk.phase, walk.samples) == (Phase.RUNNING, ())
    walk, _ = step(walk, at(3.7, workers=threads(2, 2.0), cores_busy=0.98))
    assert (walk.phase, len(walk.samples)) == (Phase.RUNNING, 1)
    walk, _ = step(walk, at(4.7, workers=threads(2, 2.0), cores_busy=1.02))
    assert walk.phase is Phase.REVEALED
    assert walk.revealed == "0.98 to 1.02 cores busy, -"
    assert walk.claims_hold


def test_workers_that_were_stopped_prove_nothing() -> None:
    walk, _ = step(live(), at(1))
    walk, _ = step(walk, at(2, workers=(samples.ended(samples.thread(1, 2), "stopped"), samples.thread(2, 2))))
    assert (walk.phase, walk.doubt) == (Phase.REVEALED, "its workers were stopped")


def test_one_core_is_given_as_a_reason() -> None:
    walk, _ = step(live(), at(1))
    for t_s in (4, 5):
        walk, _ = step(walk, at(t_s, workers=threads(2), core_count=1.0, cores_busy=2.0))
    assert (walk.claims_hold, walk.doubt) == (False, "workers may use only 1 core")


def test_a_step_is_skipped_where_no_interpreter_can_run_it() -> None:
    walk = Walk.start(TOUR).at(3)
    walk, orders = step(walk, at(1), Interpreters(DEFAULT, (), searching=True))
    assert (walk.phase, orders) == (Phase.RUNNING, [])
    skipped, _ = step(walk, at(2))
    assert skipped.phase is Phase.SKIPPED
    assert "free-threaded needs a free-threaded build" in skipped.reason
    assert skipped.on() is None
    free = Interpreter("/opt/python3.14t", "3.14.0", "/opt/python3.14t", True, False, True)
    walk, orders = step(walk, at(2), Interpreters(DEFAULT, (free,)))
    assert orders[-1] == Launch(Request("cpu-bound", "calls", "free-threaded", 1, python="/opt/python3.14t"))


def test_back_asks_again_and_then_goes_to_the_step_before() -> None:
    walk = asked().choose(2).back()
    assert (walk.index, walk.phase, walk.answer) == (0, Phase.SAYING, 0)
    assert walk.back() == walk
    assert live().back().index == 0
    said = live().at(2)
    assert (said.phase, said.back().index, on(said).index) == (Phase.SAYING, 1, 3)
