"""Interpreters, plans, and comparisons whose measurements have chosen times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pconc_tui.comparison.plan import make_plan
from pconc_tui.experiments import load
from pconc_tui.measurement import Comparison, Measurement
from pconc_tui.pythons import Interpreter
from pconc_tui.requests import Case, Plan

PY311 = Interpreter("/py/3.11", "3.11.7", "/py/3.11", False, True, False, ("fork", "spawn", "forkserver"))
PY314 = Interpreter("/py/3.14", "3.14.1", "/py/3.14", False, True, True, ("forkserver", "fork", "spawn"))
PY313T = Interpreter("/py/3.13t", "3.13.5", "/py/3.13t", True, False, False, ("fork", "spawn", "forkserver"))
PY313T_GIL_ON = replace(PY313T, gil_enabled=True)


def measured(case: Case, one_run_s: float, n_runs_s: float | None, **changes: object) -> Measurement:
    """A measurement of a case."""
    measurement = Measurement(
        experiment="cpu-bound",
        variant="calls",
        model=case.model,
        workers=case.workers,
        python=case.python.version,
        cores=2,
        core_share=1.0,
        one_run_s=one_run_s,
        n_runs_s=n_runs_s,
        cores_busy=1.0,
        handoffs=0,
        gil_wait=0.74 if case.model == "threads" else 0.0,
        core_wait=0.02,
        launch_s=0.001,
        rss=20 * 2**20,
        pss=10 * 2**20,
    )
    return replace(measurement, **changes)  # type: ignore[arg-type]


def comparison(
    times: Mapping[Case, Sequence[float | None]],
    needs_core: bool = True,
    one_run_s: float = 1.0,
    finished: bool = True,
    **changes: object,
) -> Comparison:
    """A comparison in which the N runs of each case took these times, and a single run always the same."""
    cases = tuple(times)
    repeat = max(map(len, times.values()))
    results = tuple(
        (case, measured(case, one_run_s, times[case][index], core_share=float(needs_core), **changes))
        for index in range(repeat)
        for case in cases
        if index < len(times[case])
    )
    plan = Plan("cpu-bound", "calls", cases, repeat, 1.0, 2, needs_core)
    return Comparison(plan, 1.0, results, None if finished else cases[-1], 1.0 if finished else 0.4, 12.0, 8.0)


def plan_of(*pythons: Interpreter, models: list[str] | None = None, scale: float | None = None) -> Plan:
    """A plan of cpu-bound with 2 and 4 workers on 2 cores, 2 repeats."""
    return make_plan(load("cpu-bound"), "calls", pythons, models, (4, 2, 4), 2, scale, 2)


def cases(python: Interpreter, workers: int = 4, *models: str) -> list[Case]:
    return [Case(model, python, workers) for model in models]


THREADS, PROCESSES, INTERPRETERS = cases(PY314, 4, "threads", "processes", "interpreters")
FREE = Case("free-threaded", PY313T, 4)
USUAL = comparison(
    {
        Case("threads", PY314, 2): [1.98, 2.0, 2.02],
        Case("processes", PY314, 2): [1.01, 1.02, 1.04],
        Case("interpreters", PY314, 2): [1.05, 1.06, 1.08],
        THREADS: [3.90, 3.92, 3.95],
        PROCESSES: [2.02, 2.03, 2.05],
        INTERPRETERS: [2.02, 2.10, 2.12],
        FREE: [2.08, 2.10, 2.13],
    }
)
"""The times of a quiet machine with two cores."""
