"""The headline of an experiment: its point in a sentence and two figures, with the values of now or of a measurement.

Pure: from a `Snapshot` and what is chosen to text. The templates are the experiment's (`Experiment.point`), the values
come from `text/headline_values.py`. A value that is not known is a dash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from string import Formatter
from typing import NamedTuple

from pconc_tui import experiments
from pconc_tui.experiments import Figure
from pconc_tui.measurement import Measurement
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.text import headline_values
from pconc_tui.text.numbers import UNKNOWN
from pconc_tui.text.sentences import load_note
from pconc_tui.text.table import display_width

_UNITS = {"s": "seconds", "ms": "milliseconds", "µs": "microseconds"}


class Kind(NamedTuple):
    """What runs, or is chosen to run."""

    experiment: str
    variant: str
    model: str
    python: str
    """Version of the interpreter, as in `Worker`."""


class Subject(NamedTuple):
    """What a headline is about."""

    kind: Kind
    workers: tuple[Worker, ...]
    """The workers of the experiment: those that live, or else those that have ended."""
    runs: bool
    """Whether it is measured, or any of its workers lives."""


class LargeFigure(NamedTuple):
    """A figure that carries the point, and the words that say what it is."""

    value: str
    """With its unit: `2.00 s`."""
    words: str

    @property
    def number(self) -> str:
        """Without its unit: `2.00`."""
        return self.value.rpartition(" ")[0] or self.value

    @property
    def caption(self) -> str:
        """The words, after the unit in words: `seconds for one run`."""
        _, space, unit = self.value.rpartition(" ")
        return f"{_UNITS.get(unit, unit)} {self.words}" if space else self.words


@dataclass(frozen=True)
class Headline:
    """The point of an experiment in words and figures."""

    kind: Kind
    sentences: tuple[str, ...]
    """They say the same, the longest first."""
    figures: tuple[LargeFigure, LargeFigure]
    rows: int = 1
    """The rows that its sentence may take, where there is room for more than one."""
    load: str = ""
    """What kept cores from the measurement whose result it is; empty: nothing, or it is no result."""

    def sentence(self, width: int | None = None) -> str:
        """The first sentence that fits this width in cells, or else the shortest."""
        if width is None:
            return self.sentences[0]
        fitting = (each for each in self.sentences if display_width(each) <= width)
        return next(fitting, min(self.sentences, key=display_width))


def subject(snapshot: Snapshot, chosen: Kind) -> Subject:
    """What runs, or what is chosen where nothing runs."""
    progress = snapshot.progress
    if progress is not None:
        kind = Kind(progress.experiment, progress.variant, progress.model, "")
        found = [each for each in snapshot.workers if kind_of(each)[:3] == kind[:3]]
        alive = [each for each in found if each.alive]
        python = found[-1].python if found else chosen.python
        return Subject(kind._replace(python=python), tuple(alive or found), True)
    alive = [each for each in snapshot.workers if each.alive]
    if not alive:
        return Subject(chosen, tuple(each for each in snapshot.workers if kind_of(each) == chosen), False)
    kinds = {kind_of(each): each.experiment for each in alive}
    same_experiment = [kind for kind in kinds if kind.experiment == chosen.experiment]
    kind = chosen if chosen in kinds else (same_experiment or list(kinds))[-1]
    return Subject(kind, tuple(each for each in alive if each.experiment == kind.experiment), True)


def headline(snapshot: Snapshot, chosen: Kind) -> Headline:
    """The headline of what runs; where nothing runs, the result of what is chosen, or what it is about."""
    found = subject(snapshot, chosen)
    point = experiments.load(found.kind.experiment).point
    if found.runs:
        values = headline_values.live(snapshot, found.workers, *found.kind)
        return _headline(found.kind, point.live, values)
    measurement = next((each for each in reversed(snapshot.measurements) if kind_of(each) == chosen), None)
    if measurement and all(each.launched_ns <= measurement.ended_ns for each in found.workers):
        return result(measurement)
    values = headline_values.live(snapshot, found.workers, *chosen) if found.workers else {}
    if any(_known(sentence, values) for sentence in point.live):
        return _headline(chosen, point.live, values)
    return _headline(chosen, (experiments.load(chosen.experiment).title,), {"cores": headline_values.cores(snapshot)})


def result(measurement: Measurement) -> Headline:
    """The headline of a measurement."""
    kind, point = kind_of(measurement), experiments.load(measurement.experiment).point
    if measurement.problem:
        return _headline(kind, (f"incomplete: {measurement.problem}".replace("{", "{{").replace("}", "}}"),), {})
    found = _headline(kind, point.result or point.live, headline_values.of_measurement(measurement))
    return replace(found, load=load_note(measurement))


def observed(snapshot: Snapshot, measurement: Measurement) -> dict[str, str]:
    """The values that the workers, the log and the counters show at the end of a measurement."""
    kind = kind_of(measurement)
    workers = tuple(each for each in snapshot.workers if kind_of(each) == kind)
    return headline_values.of_workers(snapshot, workers, *kind)


def kind_of(what: Worker | Measurement) -> Kind:
    """The kind of a worker or of a measurement."""
    return Kind(what.experiment, what.variant, what.model, what.python)


def _headline(kind: Kind, sentences: Iterable[str], values: Mapping[str, str]) -> Headline:
    point = experiments.load(kind.experiment).point
    values = {"variant": kind.variant, **values}
    for name, options in point.words.items():
        words = options.get(values.get("gil", "")) or options.get(kind.variant) or options.get("", UNKNOWN)
        values[name] = _filled(words, values)
    known = [sentence for sentence in sentences if _known(sentence, values)] or [[*sentences][-1]]
    pair = next((pair for pair in point.figures if {each.value for each in pair} <= values.keys()), point.figures[-1])
    first, second = (_figure(each, values) for each in pair)
    return Headline(kind, tuple(_filled(sentence, values) for sentence in known), (first, second))


def _figure(figure: Figure, values: Mapping[str, str]) -> LargeFigure:
    return LargeFigure(values.get(figure.value, UNKNOWN), _filled(figure.words, values))


@lru_cache(maxsize=256)
def _names(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


def _known(template: str, values: Mapping[str, str]) -> bool:
    """Whether all values of a template are known. Words are: they need no more than the variant."""
    return _names(template) <= values.keys()


def _filled(template: str, values: Mapping[str, str]) -> str:
    return template.format_map({**dict.fromkeys(_names(template), UNKNOWN), **values})
