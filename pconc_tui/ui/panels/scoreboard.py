"""The scoreboard: each measurement in a sentence, and its one run and N runs as bars on one time axis."""

from __future__ import annotations

from collections.abc import Sequence

from pconc_tui.experiments import load
from pconc_tui.measurement import Measurement
from pconc_tui.snapshot import Snapshot
from pconc_tui.text.glossary import Entry
from pconc_tui.text.headline import Kind, kind_of, result
from pconc_tui.text.numbers import interpreter_names
from pconc_tui.text.printable import printable
from pconc_tui.text.sentences import load_note, model_and_python, runs
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import Line, center_block, flow, text, wrap_text
from pconc_tui.ui.drawing.measurement_bars import bars, longest_s, ratio
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM
from pconc_tui.ui.explanations import Explained
from pconc_tui.ui.hints import hint
from pconc_tui.ui.panels.load_mark import load_mark
from pconc_tui.ui.panels.panel import Frame, TabPanel, rows_from


class ScoreboardPanel(TabPanel):
    """The measurements, the newest first."""

    name = "Scoreboard"
    area = Area.BOTTOM_LEFT

    def has_content(self, snapshot: Snapshot) -> bool:
        return bool(snapshot.measurements or snapshot.progress)

    def depends_on(self, frame: Frame) -> object:
        latest, settings = frame.latest, frame.settings
        return latest.measurements, latest.progress is None, settings.kind, settings.workers

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        if frame.latest.progress and not frame.latest.measurements:
            return center_block([text("The result of the measurement will stand here.", DIM)], width, height)
        return rows_from(_lines(frame, width, height), self.scroll(frame), height)

    def explained(self, frame: Frame, lines: Sequence[Line], x: int, y: int) -> Entry | None:
        shown = Explained((self.name,), lines)
        return shown.sign_at(x, y) or shown.label_before(y)

    def scroll_limits(self, frame: Frame, width: int, height: int) -> tuple[int, int]:
        return 0, max(0, len(_lines(frame, width, height)) - height)


def _lines(frame: Frame, width: int, height: int) -> list[Line]:
    return lines(frame.latest.measurements, frame.settings.workers, width, height, frame.settings.kind)


def lines(
    measurements: tuple[Measurement, ...], workers: int, width: int, height: int, chosen: Kind | None = None
) -> list[Line]:
    """All measurements, the newest first, with their sentences if all fit; a hint where there are none."""
    if not measurements:
        return center_block(empty(workers), width, height)
    under = interpreter_names(each.python for each in measurements)
    blocks = []
    for measurement in reversed(measurements):
        axis_s = longest_s(each for each in measurements if each.experiment == measurement.experiment)
        what = flow(_parts(measurement, under.get(measurement.python, ""), chosen), width, indent=2)
        blocks.append((_sentence(measurement, width), [*what, *bars(measurement, axis_s, width)]))
    whole = sum(len(sentence) + len(rest) for sentence, rest in blocks) <= height
    found: list[Line] = []
    for measurement, (sentence, rest) in zip(reversed(measurements), blocks, strict=True):
        found += [*(sentence if whole or measurement.problem else ()), *rest]
    return found


def _sentence(measurement: Measurement, width: int) -> list[Line]:
    """The headline of the measurement."""
    style = ALERT if measurement.problem else BRIGHT
    return wrap_text(printable(result(measurement).sentence(width)), width, style)


def _parts(measurement: Measurement, under: str, chosen: Kind | None) -> list[Line]:
    """The model, the slowdown, the experiment and what disturbed it."""
    has_variants = len(load(measurement.experiment).variants) > 1
    what = f"{measurement.experiment} {measurement.variant}" if has_variants else measurement.experiment
    note = load_note(measurement)
    return [
        text(model_and_python(measurement, under)),
        ratio(measurement),
        text(what, DIM),
        *([load_mark(note, kind_of(measurement) == chosen)] if note else []),
    ]


def empty(workers: int) -> list[Line]:
    """A hint where nothing has been measured yet."""
    action = f" measures one run, then {runs(workers).lower()} at once"
    return [text("Nothing measured yet.", DIM), hint("m", action)]
