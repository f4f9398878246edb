"""The scoreboard: the headline of each measurement, its times and the ideal, and a chart of the speed-ups."""

from __future__ import annotations

from collections.abc import Sequence

from pconc_tui.experiments import load
from pconc_tui.measurement import Measurement
from pconc_tui.snapshot import Snapshot
from pconc_tui.text.glossary import Entry
from pconc_tui.text.headline import Kind, kind_of, result
from pconc_tui.text.numbers import decimal, interpreter_names, seconds
from pconc_tui.text.printable import printable
from pconc_tui.text.sentences import load_note, model_and_python, runs
from pconc_tui.ui.drawing import chart
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import BLANK, Line, center_block, flow, text
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, TEXT
from pconc_tui.ui.explanations import Explained
from pconc_tui.ui.hints import hint
from pconc_tui.ui.panels.load_mark import load_mark
from pconc_tui.ui.panels.panel import Frame, TabPanel, rows_from


class ScoreboardPanel(TabPanel):
    """The measurements, the newest first, above a chart."""

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
        found, chart_lines = _parts(frame, width, height)
        room = height - len(chart_lines)
        body = rows_from(found, self.scroll(frame), room)
        return [*body, *[BLANK] * (room - len(body)), *chart_lines]

    def explained(self, frame: Frame, lines: Sequence[Line], x: int, y: int) -> Entry | None:
        shown = Explained((self.name,), lines)
        return shown.sign_at(x, y) or shown.label_before(y)

    def scroll_limits(self, frame: Frame, width: int, height: int) -> tuple[int, int]:
        found, chart_lines = _parts(frame, width, height)
        return 0, max(0, len(found) + len(chart_lines) - height)


def _parts(frame: Frame, width: int, height: int) -> tuple[list[Line], list[Line]]:
    """All measurements, and the chart below them."""
    measurements, settings = frame.latest.measurements, frame.settings
    rows = chart_rows(height) if measurements else 0
    chart_lines = chart.lines(measurements, settings.experiment_id, width, rows) if rows else []
    height -= len(chart_lines)
    return lines(measurements, settings.workers, width, height, settings.kind), chart_lines


def point(measurement: Measurement, under: str, width: int) -> list[Line]:
    """What it shows, and of what: headline, model and experiment, in parts."""
    style = ALERT if measurement.problem else BRIGHT
    has_variants = len(load(measurement.experiment).variants) > 1
    return [
        text(printable(result(measurement).sentence(width)), style),
        text(model_and_python(measurement, under)),
        text(f"{measurement.experiment} {measurement.variant}" if has_variants else measurement.experiment, DIM),
    ]


def figures(measurement: Measurement, chosen: Kind | None) -> list[Line]:
    """The times of one run and of N runs, the ideal slowdown, the speed-up and what disturbed, in parts."""
    note = load_note(measurement)
    n_runs = "never ended" if measurement.deadlock else seconds(measurement.n_runs_s)
    return [
        *([] if measurement.no_single_run else [text(f"one run {seconds(measurement.one_run_s)}")]),
        text(f"{runs(measurement.workers).lower()} {n_runs}", ALERT if measurement.deadlock else TEXT),
        *_ratios(measurement),
        *([load_mark(note, kind_of(measurement) == chosen)] if note else []),
    ]


def _ratios(measurement: Measurement) -> list[Line]:
    if measurement.slowdown is None:
        return [text("no ratio", DIM)] if measurement.no_ratio and not measurement.problem else []
    ideal = text(f"ideal {decimal(measurement.ideal_slowdown)} x", DIM)
    return [ideal, text(f"speed-up {decimal(measurement.speedup)}")]


def empty(workers: int) -> list[Line]:
    """A hint where nothing has been measured yet."""
    action = f" measures one run, then {runs(workers).lower()} at once"
    return [text("Nothing measured yet.", DIM), hint("m", action)]


def lines(
    measurements: tuple[Measurement, ...], workers: int, width: int, height: int, chosen: Kind | None = None
) -> list[Line]:
    """All measurements, the newest first, or a hint where there are none."""
    if not measurements:
        return center_block(empty(workers), width, height)
    under = interpreter_names(each.python for each in measurements)
    found: list[Line] = []
    for measurement in reversed(measurements):
        found += flow(point(measurement, under.get(measurement.python, ""), width), width, indent=2)
        first, *others = figures(measurement, chosen)
        found += flow([((" ", TEXT), *first), *others], width, indent=2)
    return found


def chart_rows(height: int) -> int:
    """The rows that the chart takes of a panel: none where it would be too small to read."""
    rows = height - 2
    return min(rows, max(7, height * 3 // 5)) if rows >= 8 else 0
