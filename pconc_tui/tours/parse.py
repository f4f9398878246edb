"""Reads a tour from TOML text. An error names file, line and key. `docs/tours.md` describes the keys."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pconc_tui import experiments
from pconc_tui.experiments import ALL_MODELS, LOCKED
from pconc_tui.models import all_models
from pconc_tui.tours.claim import Claim, names_in
from pconc_tui.tours.places import Places
from pconc_tui.tours.tour import FUNCTION, Do, Settings, Step, Tour
from pconc_tui.tours.values import VALUES

RECORDING = "the path of a recording, from the folder of this file, that is shown if {} does not bear its claims out"
TOUR_KEYS = {
    "title": "its title",
    "about": "what it is about, in a sentence",
    "recording": RECORDING.format("the run of a step"),
    "step": "the steps, a table each",
}
STEP_KEYS = {
    "title": "the step's title; needed",
    "say": "what the screen says",
    "notes": "notes for the presenter, which the screen does not show",
    "experiment": f"the id of an experiment, or `{FUNCTION}`: the function of the person who takes the tour",
    "model": "how the workers run (default: the experiment's first model)",
    "workers": "the number of workers, 1 to 256 (default: 4)",
    "python": "the version of the interpreter, such as `3.14` or `3.13t` (default: one that can run the model)",
    "variant": "a variant of the experiment (default: its first)",
    "lock": "`true`: the variant that holds a lock; `false`: the first without",
    "scale": "the part of the experiment's work that each worker does when it is measured (default: 1)",
    "switch_ms": "the switch interval in ms, 0.05 to 1000 (default: 5)",
    "zoom_ms": "the width of the timeline in ms, 20 to 10000 (default: the experiment's)",
    "do": "`launch` the workers, `measure` one run and N runs, or `stop` all workers (default: what runs goes on)",
    "times": "how often to measure, or for how many seconds to observe launched workers, 1 to 60 (default: 1, or 3)",
    "question": "a question, asked before the step does anything",
    "answers": "two to four answers to it",
    "right": "the number of the answer that is right where all claims hold, from 1 (default: none, the figures decide)",
    "reveal": "what is said afterwards, with values in braces: `{busy} cores busy`",
    "claims": 'what must hold for that to be true, a list: `["busy <= 1.3"]`',
    "slow": "slow motion of what the timeline shows, once the step has run: the speed, `1/10` to `1/1000`",
    "recording": RECORDING.format("this step's run") + " (default: the tour's)",
    "name": "by which later steps refer to this step's values: with `threads`, as `threads.busy`",
}
SETTINGS_KEYS = "experiment", "model", "workers", "python", "variant", "lock", "scale", "switch_ms", "zoom_ms"
OBSERVED_S = 3


class TourError(ValueError):
    """A tour can't be read; the message says where and why."""


class _Table:
    """A table of the file: its values, checked as they are taken."""

    def __init__(self, values: dict[str, Any], fail: Callable[[str | None, str], TourError]) -> None:
        self.values, self.fail = values, fail

    def only(self, known: dict[str, str]) -> None:
        for key in self.values:
            if key not in known:
                raise self.fail(key, f"there is no such key; there are {', '.join(known)}")

    def text(self, key: str, needed: bool = False) -> str:
        value = self.values.get(key, "")
        if not isinstance(value, str):
            raise self.fail(key, "its value must be a string")
        if needed and not value.strip():
            raise self.fail(key, "it is needed, and must not be empty")
        return " ".join(value.split()) if key != "notes" else value.strip()

    def number(self, key: str, default: float, least: float, most: float, kind: type[float] = float) -> Any:
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
            raise self.fail(key, f"its value must be a number from {least:g} to {most:g}")
        if kind is int and value != int(value):
            raise self.fail(key, "its value must be a whole number")
        return kind(value)

    def one_of(self, key: str, options: tuple[str, ...], default: str) -> str:
        value = self.values.get(key, default)
        if value not in options:
            raise self.fail(key, f"{value!r} is none of {', '.join(options)}")
        return str(value)

    def list(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
            raise self.fail(key, "its value must be a list of strings")
        return tuple(value)


def parse(text: str, path: str, name: str) -> Tour:
    """The tour of this text; `path` is named in errors. Raises TourError."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.fullmatch(r"(.*) \(at line (\d+), column \d+\)", str(error))
        line, problem = (
            (at[2], at[1]) if at else (str(len(text.splitlines())), str(error).removesuffix(" (at end of document)"))
        )
        raise TourError(f"{path}:{line}: {problem}") from None
    places = Places(text)

    def table(number: int, of: dict[str, Any]) -> _Table:
        def fail(key: str | None, problem: str) -> TourError:
            return TourError(f"{path}:{places.line(number, key)}: {f'{key}: ' if key else ''}{problem}")

        return _Table(of, fail)

    whole = table(0, values)
    whole.only(TOUR_KEYS)
    title, about = whole.text("title", True), whole.text("about")
    tables = values.get("step", [])
    if not isinstance(tables, list) or not tables or not all(isinstance(each, dict) for each in tables):
        raise whole.fail("step", "a tour needs steps, each under a line [[step]]")
    folder, recording = os.path.dirname(path), whole.text("recording")
    steps: list[Step] = []
    for number, of in enumerate(tables, 1):
        step = _step(table(number, of), steps)
        own = step.recording or recording
        steps.append(replace(step, recording=os.path.join(folder, own) if own else ""))
    return Tour(name, title, about, tuple(steps))


def _step(table: _Table, before: list[Step]) -> Step:
    table.only(STEP_KEYS)
    do = Do(table.one_of("do", tuple(each.value for each in Do), Do.NOTHING.value))
    settings = _settings(table, before[-1].settings if before else None)
    if do in (Do.LAUNCH, Do.MEASURE) and settings is None:
        raise table.fail("do", f"to {do.value}, the step needs an experiment")
    step = Step(
        title=table.text("title", True),
        say=table.text("say"),
        notes=table.text("notes"),
        settings=settings,
        do=do,
        times=table.number("times", OBSERVED_S if do is Do.LAUNCH else 1, 1, 60, int),
        reveal=table.text("reveal"),
        claims=_claims(table),
        slowness=_slowness(table),
        name=table.text("name"),
        recording=table.text("recording"),
    )
    _check_values(table, step, {each.name for each in before if each.name})
    return _asking(table, step)


def _settings(table: _Table, before: Settings | None) -> Settings | None:
    """Those of the step before with what this step changes, or where it names an experiment, new ones."""
    if not set(SETTINGS_KEYS) & set(table.values):
        return before
    if "experiment" in table.values:
        id = table.one_of("experiment", (*experiments.ids(), FUNCTION), "")
        known = None if id == FUNCTION else experiments.load(id)
        before = Settings(id, known.variant, known.models[0]) if known else Settings(FUNCTION, "", "")
    elif before is None:
        raise table.fail(next(key for key in SETTINGS_KEYS if key in table.values), "name an experiment first")
    settings = before
    known = None if settings.experiment == FUNCTION else experiments.load(settings.experiment)
    models = all_models(known.models if known else ALL_MODELS)
    settings = replace(
        settings,
        model=table.one_of("model", (*models, ""), settings.model),
        workers=table.number("workers", settings.workers, 1, 256, int),
        scale=table.number("scale", settings.scale, 0.0001, 1000),
        switch_s=table.number("switch_ms", settings.switch_s * 1e3, 0.05, 1000) / 1e3,
    )
    if "python" in table.values:
        settings = replace(settings, python=table.text("python", True))
    if "zoom_ms" in table.values:
        settings = replace(settings, zoom_ms=table.number("zoom_ms", 0, 20, 10_000, int))
    if "variant" in table.values:
        variants = tuple(known.variants) if known else ()
        settings = replace(settings, variant=table.one_of("variant", variants, ""))
    if "lock" in table.values:
        if known is None or LOCKED not in known.variants or not isinstance(table.values["lock"], bool):
            raise table.fail("lock", "its value must be true or false, and the experiment must have a lock")
        if "variant" in table.values:
            raise table.fail("lock", "give either a variant or the lock")
        settings = replace(settings, variant=LOCKED if table.values["lock"] else known.toggle_lock(LOCKED))
    return settings


def _slowness(table: _Table) -> int:
    """How many times slower, of a speed such as `1/500`; 0: there is none."""
    speed = table.text("slow")
    if not speed:
        return 0
    found = re.fullmatch(r"1/(\d{2,4})", speed)
    if not found or not 10 <= int(found[1]) <= 1000:
        raise table.fail("slow", 'its value must be a speed from "1/10" to "1/1000"')
    return int(found[1])


def _claims(table: _Table) -> tuple[Claim, ...]:
    try:
        return tuple(map(Claim.parse, table.list("claims")))
    except ValueError as error:
        raise table.fail("claims", str(error)) from None


def _check_values(table: _Table, step: Step, earlier: set[str]) -> None:
    """Check that all named values exist, and that there are figures where they are needed."""
    if step.name and not re.fullmatch(r"[a-z_]+", step.name):
        raise table.fail("name", f"{step.name!r} must be of the letters a to z and _")
    runs = step.do in (Do.LAUNCH, Do.MEASURE)
    if step.name and not runs:
        raise table.fail("name", "a step has values only if it launches or measures")
    for key, names in (("reveal", names_in(step.reveal)), ("claims", (n for each in step.claims for n in each.names))):
        for name in names:
            of, dot, value = name.rpartition(".")
            if dot and of not in earlier:
                raise table.fail(key, f"no step above has the name {of!r}")
            if value not in VALUES:
                raise table.fail(key, f"there is no value {value!r}; there are {', '.join(VALUES)}")
            if not dot and not runs:
                raise table.fail(key, f"{name!r} needs a step that launches or measures")


def _asking(table: _Table, step: Step) -> Step:
    """The step with its question."""
    question, answers = table.text("question"), table.list("answers")
    if not question and (answers or "right" in table.values):
        raise table.fail("answers" if answers else "right", "there is no question to it")
    if not question:
        return step
    if not 2 <= len(answers) <= 4:
        raise table.fail("answers", "a question needs two to four answers")
    if step.do not in (Do.LAUNCH, Do.MEASURE) or not step.reveal:
        raise table.fail("question", "a question needs something to launch or measure, and a reveal")
    right = table.number("right", 0, 0, len(answers), int)
    return replace(step, question=question, answers=answers, right=right)
