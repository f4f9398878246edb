"""The scoreboard: each measurement as a sentence, with the ideal beside it, and a chart of the speed-ups."""

from __future__ import annotations

from pconc_tui.snapshot import Measurement
from pconc_tui.text.numbers import decimal, interpreter_names, seconds
from pconc_tui.text.printable import printable
from pconc_tui.text.sentences import deadlock, load_note, model_and_python, runs
from pconc_tui.ui.drawing import chart
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import BLANK, Line, center_block, flow, text
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, KEY, TEXT
from pconc_tui.ui.panels.panel import Frame, TabPanel, rows_from


class ScoreboardPanel(TabPanel):
    """The measurements, the newest first, above a chart."""

    name = "Scoreboard"
    area = Area.BOTTOM_LEFT

    def depends_on(self, frame: Frame) -> object:
        return frame.latest.measurements, frame.settings.experiment_id, frame.settings.workers

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        measurements, settings = frame.latest.measurements, frame.settings
        rows = chart_rows(height) if measurements else 0
        chart_lines = chart.lines(measurements, settings.experiment_id, width, rows) if rows else []
        room = height - len(chart_lines)
        body = rows_from(lines(measurements, settings.workers, width, room), self.scroll(frame), room)
        return [*body, *[BLANK] * (room - len(body)), *chart_lines]

    def row_count(self, frame: Frame) -> int:
        return 3 * len(frame.latest.measurements)


def sentence(measurement: Measurement, under: str) -> list[Line]:
    """The times of one run and of N runs, and the slowdown, in parts."""
    one = [] if measurement.no_single_run else [text(f"{runs(1)} took {seconds(measurement.one_run_s)}")]
    model = text(model_and_python(measurement, under), BRIGHT)
    if measurement.deadlock:
        return [*one, text(f"{runs(measurement.workers)} never ended: {deadlock(measurement.deadlock)}", ALERT), model]
    if measurement.problem:
        return [*one, text(f"incomplete: {printable(measurement.problem)}", ALERT), model]
    many = text(f"{runs(measurement.workers)} took {seconds(measurement.n_runs_s)}")
    ratio = [] if measurement.slowdown is None else [text(f"{decimal(measurement.slowdown)} x", BRIGHT)]
    return [*one, many, *ratio, model]


def context(measurement: Measurement) -> list[Line]:
    """The experiment, the ideal slowdown, the speed-up and the cores busy, in parts."""
    parts = [text(f" {measurement.experiment} {measurement.variant}", DIM)]
    if measurement.slowdown is None:
        return [*parts, *([text("no ratio", DIM)] if measurement.no_ratio and not measurement.problem else [])]
    return [
        *parts,
        text(f"ideal {decimal(measurement.ideal_slowdown)} x", DIM),
        *([text(f"speed-up {decimal(measurement.speedup)}", TEXT)] if measurement.speedup is not None else []),
        text(f"cores busy {decimal(measurement.cores_busy)}", DIM),
        *([text(note, ALERT)] if (note := load_note(measurement)) else []),
    ]


def empty(workers: int) -> list[Line]:
    """A hint where nothing has been measured yet."""
    action = f" measures one run, then {runs(workers).lower()} at once"
    return [text("Nothing measured yet.", DIM), (("m", KEY), (action, DIM))]


def lines(measurements: tuple[Measurement, ...], workers: int, width: int, height: int) -> list[Line]:
    """All measurements, the newest first, or a hint where there are none."""
    if not measurements:
        return center_block(empty(workers), width, height)
    under = interpreter_names(each.python for each in measurements)
    result: list[Line] = []
    for measurement in reversed(measurements):
        result += flow(sentence(measurement, under.get(measurement.python, "")), width, indent=2)
        result += flow(context(measurement), width, indent=2)
    return result


def chart_rows(height: int) -> int:
    """The rows that the chart takes of a panel: none where it would be too small to read."""
    rows = height - 2
    return min(rows, max(8, height * 2 // 3)) if rows >= 8 else 0
