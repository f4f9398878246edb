"""The scale of a comparison: which case a trial measures, and how much work fits into about a minute. Pure.

Example: 2 cores, one interpreter, threads and processes with 4 workers, 3 repeats. A case takes its single run and its
N runs: threads 1 + 4 = 5 single runs, processes 1 + 4 / 2 = 3, so all steps take 3 x (5 + 3) = 24 single runs, and
6 launches of 0.25 s. A trial measures a single run of 5 s at scale 1. (60 s - 1.5 s) / 24 = 2.4 s are left for a single
run, so the scale is 2.4 / 5 = 0.49.
"""

from __future__ import annotations

import math

from pconc_tui.requests import Case, Plan

BUDGET_S = 60
"""Seconds that a comparison should take where no scale is requested."""
SHORTEST_RUN_S = 0.15
"""A shorter single run measures launching and noise more than the work."""
LAUNCH_S = 0.25
"""Seconds that a measurement takes besides its work, on average over the models."""
_PARALLEL_MODELS = ("processes", "process-pool", "interpreters", "interpreter-pool")


def trials(plan: Plan) -> tuple[Case, ...]:
    """The cases whose single run can determine the scale: the first of each interpreter, newest interpreter first."""
    first_of = {case.python: case for case in reversed(plan.cases)}
    return tuple(sorted(first_of.values(), key=lambda case: case.python.release, reverse=True))


def single_runs(plan: Plan, case: Case) -> float:
    """The time of the case's measurement (one run and N runs), in single runs."""
    if not plan.needs_core:
        return 2.0
    parallel = case.model in _PARALLEL_MODELS or (not case.python.gil_enabled and case.model != "asyncio")
    return 1.0 + (max(1.0, case.workers / plan.cores) if parallel else case.workers)


def fitting_scale(plan: Plan, run_s: float) -> float:
    """The scale, 0 to 1, at which the plan takes about `BUDGET_S`; `run_s`: seconds of a single run at scale 1."""
    return round(min(1.0, _longest_run_s(plan) / max(run_s, 1e-6)), 4)


def estimate_s(plan: Plan, run_s: float | None) -> float | None:
    """About how many seconds the plan takes; None: unknown. `run_s`: as before; None: unknown, so a long one."""
    if plan.scale is None:
        single_s = min(_longest_run_s(plan), run_s or math.inf)
    elif run_s is None:
        return None
    else:
        single_s = run_s * plan.scale
    return LAUNCH_S * len(plan.steps) + single_s * _all_runs(plan)


def _longest_run_s(plan: Plan) -> float:
    """How long a single run may be so that the plan takes about `BUDGET_S`."""
    available_s = max(BUDGET_S / 4, BUDGET_S - LAUNCH_S * len(plan.steps))
    return max(available_s / _all_runs(plan), SHORTEST_RUN_S)


def _all_runs(plan: Plan) -> float:
    """The time of all measurements, in single runs."""
    return sum(single_runs(plan, case) for case in plan.steps)
