"""The scale of a comparison: how much work fits into about a minute."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pconc_tui.comparison.scale import fitting_scale, single_runs, trials
from tests.comparison.comparisons import PY311, PY314, plan_of


def test_the_default_scale_makes_it_take_about_a_minute() -> None:
    plan = plan_of(PY314, models=["threads", "processes"])
    assert sum(single_runs(plan, case) for case in plan.steps) == 2 * (3 + 5 + 2 + 3)
    assert fitting_scale(plan, 10.0) == pytest.approx(58 / 26 / 10, abs=1e-3)
    assert fitting_scale(plan, 0.01) == 1.0
    many = replace(plan, cases=plan.cases * 100)
    assert fitting_scale(many, 1.0) == 0.15


def test_the_newest_interpreter_is_tried_first() -> None:
    plan = plan_of(PY311, PY314, models=["threads"])
    assert [case.python for case in trials(plan)] == [PY314, PY311]
    assert trials(plan) == trials(plan_of(PY314, PY311, models=["threads"]))
