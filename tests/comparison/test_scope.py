"""The scope of a comparison: what is offered, what it covers, and how long it takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pconc_tui.comparison.scale import BUDGET_S, LAUNCH_S
from pconc_tui.comparison.scope import Breadth, Offer, Scope, known_run_s
from pconc_tui.experiments import catalogue
from pconc_tui.models import FREE_THREADED
from pconc_tui.pythons import Interpreter
from pconc_tui.snapshot import Snapshot
from tests.comparison.comparisons import PY311, PY313T, PY314, USUAL
from tests.ui import samples

FOUND = (PY311, PY313T, PY314)
OFFER = Offer("cpu-bound", "calls", PY311, FOUND, 4, 2)


def covered(offer: Offer, scope: Scope) -> dict[str, tuple[str, ...]]:
    return {python.short: models for python, models in offer.coverage(scope).items()}


def test_first_offered_are_the_chosen_interpreter_and_the_newest_builds_for_what_it_can_not_run() -> None:
    assert covered(OFFER, OFFER.usual) == {
        "3.11": ("threads", "processes"),
        "3.13t": (FREE_THREADED,),
        "3.14": ("interpreters",),
    }
    assert OFFER.usual.workers == (4,)
    assert covered(replace(OFFER, interpreter=PY314), OFFER.usual) == {
        "3.14": ("threads", "processes", "interpreters"),
        "3.13t": (FREE_THREADED,),
    }
    assert covered(replace(OFFER, interpreter=PY313T), OFFER.usual) == {
        "3.13t": (FREE_THREADED, "processes"),
        "3.14": ("threads", "interpreters"),
    }


@pytest.mark.parametrize(
    ("breadth", "expected"),
    [
        (Breadth.THIS, {"3.11": ("threads", "processes")}),
        (
            Breadth.ALL,
            {
                "3.11": ("threads", "processes"),
                "3.13t": (FREE_THREADED, "processes"),
                "3.14": ("threads", "processes", "interpreters"),
            },
        ),
    ],
)
def test_this_interpreter_alone_or_all(breadth: Breadth, expected: dict[str, tuple[str, ...]]) -> None:
    assert covered(OFFER, replace(OFFER.usual, breadth=breadth)) == expected


def test_the_newest_is_by_version_and_an_interpreter_without_the_model_is_left_out() -> None:
    newer = Interpreter("/py/3.15", "3.15.0", "/py/3.15", False, True, True)
    offer = replace(OFFER, interpreters=(*FOUND, newer))
    assert covered(offer, offer.usual)["3.15"] == ("interpreters",)
    assert set(covered(replace(OFFER, interpreters=(PY311,)), OFFER.usual)) == {"3.11"}


def test_the_plan_has_the_cases_of_the_scope_and_nothing_skipped() -> None:
    plan = OFFER.plan(replace(OFFER.usual, workers=(2, 4)))
    assert [(case.python.short, case.model, case.workers) for case in plan.cases] == [
        ("3.11", "threads", 2),
        ("3.11", "threads", 4),
        ("3.11", "processes", 2),
        ("3.11", "processes", 4),
        ("3.13t", FREE_THREADED, 2),
        ("3.13t", FREE_THREADED, 4),
        ("3.14", "interpreters", 2),
        ("3.14", "interpreters", 4),
    ]
    assert plan.skipped == ()


def test_a_scope_without_a_case_is_refused() -> None:
    scope = Scope(Breadth.THIS, frozenset({"interpreters"}), (4,))
    with pytest.raises(ValueError, match="Nothing to compare"):
        OFFER.plan(scope)
    assert OFFER.estimate_s(scope, 1.0) is None


def test_the_chosen_start_method_is_used_where_the_interpreter_has_it() -> None:
    bare = replace(PY314, start_methods=("spawn",))
    offer = replace(OFFER, interpreters=(PY311, bare), start_method="fork")
    plan = offer.plan(Scope(Breadth.ALL, frozenset({"threads", "processes"}), (4,)))
    methods = {(case.python.short, case.model): case.start_method for case in plan.cases}
    assert methods == {
        ("3.11", "threads"): None,
        ("3.11", "processes"): "fork",
        ("3.14", "threads"): None,
        ("3.14", "processes"): None,
    }


def test_three_choices_of_workers_the_last_of_which_makes_a_curve() -> None:
    assert OFFER.worker_counts == ((4,), (2, 4), (2, 4, 8))
    assert replace(OFFER, cores=8, workers=3).worker_counts == ((3,), (2, 8, 16), (2, 4, 8, 16))
    assert replace(OFFER, cores=300).worker_counts[-1][-1] == 256
    assert replace(OFFER, workers=1).usual.workers == (2, 4), "one worker alone has no speed-up"


def test_every_experiment_has_a_usual_scope() -> None:
    for experiment in catalogue():
        offer = replace(OFFER, experiment=experiment.id, variant=experiment.variant)
        assert offer.plan(offer.usual).cases


def test_the_time_follows_from_the_work_up_to_about_a_minute() -> None:
    single_s = 0.1
    # Threads take 5 single runs of 4 workers, the others 3 on two cores; each three times.
    runs = 3 * (5 + 3 + 3 + 3)
    assert OFFER.estimate_s(OFFER.usual, single_s) == pytest.approx(12 * LAUNCH_S + runs * single_s)
    assert OFFER.estimate_s(OFFER.usual, None) == pytest.approx(BUDGET_S)
    assert OFFER.estimate_s(OFFER.usual, 100.0) == pytest.approx(BUDGET_S)
    models = [OFFER.model_s(OFFER.usual, model, single_s) or 0.0 for model in sorted(OFFER.usual.models)]
    assert sum(models) == pytest.approx(OFFER.estimate_s(OFFER.usual, single_s))
    everything = Scope(Breadth.ALL, frozenset(OFFER.models), (2, 4, 8))
    assert (OFFER.estimate_s(everything, None) or 0.0) > BUDGET_S


def test_a_single_run_takes_what_was_measured_or_else_what_it_usually_takes() -> None:
    nothing = Snapshot(now_ns=1, core_count=2)
    assert known_run_s(nothing, "cpu-bound", "calls") == 0.6
    measurement = samples.measurement(experiment="cpu-bound", variant="calls", one_run_s=3.0)
    assert known_run_s(replace(nothing, measurements=(measurement,)), "cpu-bound", "calls") == 3.0
    half = replace(USUAL, scale=0.5)
    assert known_run_s(replace(nothing, comparison=half), "cpu-bound", "calls") == 2.0
