"""The header says what runs and what the next launch starts; each experiment has its own model unless one is pinned."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from textual.pilot import Pilot

from pconc_tui.experiments import ALL_MODELS, catalogue
from pconc_tui.models import all_models
from pconc_tui.text.what_runs import one
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.launch_settings import OWN_MODEL, LaunchSettings
from pconc_tui.ui.panels import next_launch
from pconc_tui.ui.panels.status import activity_line
from tests.comparison.comparisons import PY311, PY313T, PY314
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import messages, shown, text_of, until, with_app

SETTINGS = LaunchSettings(chosen_interpreter=PY314, interpreters=(PY311, PY313T, PY314))


def said(settings: LaunchSettings, width: int) -> str:
    return text_of(next_launch.line(samples.THREADS, settings, width)).strip()


def test_the_header_says_in_words_what_runs_and_what_is_next() -> None:
    at_80 = "running: 4 threads of cpu-bound; next: a process of cpu-bound, Python 3.14"
    settings = SETTINGS.with_model("processes")
    assert said(settings, 80) == at_80
    assert said(settings, 120) == f"{at_80} · m measures 4 at once"
    assert said(settings, 60) == "running: 4 threads; next: a process of cpu-bound, 3.14"


@pytest.mark.parametrize("width", [80, 60])
def test_nothing_that_was_chosen_is_left_out_or_cut(width: int) -> None:
    for experiment, model in product(catalogue(), all_models(ALL_MODELS)):
        for variant in experiment.variants:
            settings = replace(SETTINGS, experiment_id=experiment.id, variant=variant, model=model)
            line = said(settings, width)
            assert f"next: {one(model)}" in line or (width < 80 and f"next: {model}" in line)
            assert f" of {experiment.id}" in line
            assert settings.model_interpreter.short in line
            assert len(experiment.variants) == 1 or f", {variant}" in line
            assert "…" not in line
            assert len(line) < width


def test_a_frozen_dashboard_says_so_and_what_runs_at_every_width() -> None:
    for width in (60, 80, 120):
        line = text_of(activity_line(samples.THREADS, SETTINGS, True, width))
        assert "FROZEN" in line
        assert "space resumes" in line
        assert "next: a thread of cpu-bound" in line
        assert width < 80 or "running: 4 threads" in line


def test_each_experiment_has_its_own_model() -> None:
    settings = LaunchSettings()
    for experiment in catalogue():
        settings = settings.with_experiment(experiment.id)
        assert settings.model == experiment.models[0]
    assert settings.with_model("processes").with_experiment("convoy").model == "threads"
    assert settings.with_experiment("shared-value").with_experiment("convoy").model == "threads"
    again = settings.with_experiment("lost-update").with_lock_toggled().with_model("processes")
    assert again.with_experiment("lost-update") == again.with_model("threads"), "the variant stays"


def test_a_pinned_model_stays_where_the_experiment_has_it() -> None:
    pinned = LaunchSettings().with_pinned_model("processes")
    assert pinned.with_experiment("convoy").model == "processes"
    lacking = pinned.with_experiment("shared-dict")
    assert lacking.model == "threads"
    assert lacking.with_experiment("queue").model == "processes"
    unpinned = pinned.with_experiment("queue").with_pinned_model(OWN_MODEL)
    assert (unpinned.model, unpinned.with_experiment("shared-value").model) == ("threads", "processes")


def test_going_through_the_models_pins_until_the_own_one_comes_again() -> None:
    settings = LaunchSettings().next_model()
    assert settings.pinned_model == settings.model != "threads"
    while settings.model != "threads":
        settings = settings.next_model()
    assert settings.pinned_model is None


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
def test_the_app_says_what_is_pinned_and_how_it_is_unpinned(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("p", "7", "t")
        await until(pilot, lambda: controller.requests[-1] == ("launch", "convoy", "heartbeat", "threads"))
        await pilot.press("d", "d")
        await shown(pilot, app, "a process (pinned) of convoy")
        assert any("Press D" in message for message in messages(app))
        await pilot.press("4")
        await until(pilot, lambda: any("can't run as processes" in message for message in messages(app)))
        await shown(pilot, app, "a thread of shared-dict")
        await pilot.press("D")
        await shown(pilot, app, "not pinned")
        await pilot.press("end", "enter")
        await until(pilot, lambda: app.settings.pinned_model is None)
        await pilot.press("5")
        await shown(pilot, app, "a process of shared-value")

    with_app(samples.EMPTY, steps, size, (PY311, PY313T, PY314))
