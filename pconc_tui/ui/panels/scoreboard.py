"""The scoreboard's lines: each measured experiment in the words of the article, with what was possible."""

from __future__ import annotations

from pconc_tui.snapshot import Measurement
from pconc_tui.text.numbers import decimal, interpreter_names, seconds
from pconc_tui.text.sentences import deadlock, load_note, model_and_python, runs
from pconc_tui.ui.drawing.lines import Line, flowing, middle, plain, text
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, KEY, TEXT


def sentence(measurement: Measurement, under: str) -> list[Line]:
    """The line that people know, in parts."""
    one = text(f"{runs(1)} took {seconds(measurement.one_run_s)}")
    model = text(model_and_python(measurement, under), BRIGHT)
    if measurement.deadlock:
        return [one, text(f"{runs(measurement.workers)} never ended: {deadlock(measurement.deadlock)}", ALERT), model]
    if measurement.slowdown is None:
        return [one, text(f"incomplete: {plain(measurement.problem or '')}", ALERT), model]
    many = text(f"{runs(measurement.workers)} took {seconds(measurement.n_runs_s)}")
    return [one, many, text(f"{decimal(measurement.slowdown)} x", BRIGHT), model]


def context(measurement: Measurement) -> list[Line]:
    """What it was, what was possible, what came of it."""
    parts = [text(f" {measurement.experiment} {measurement.variant}", DIM)]
    if measurement.slowdown is None:
        return parts
    return [
        *parts,
        text(f"ideal {decimal(measurement.ideal_slowdown)} x", DIM),
        *([text(f"speed-up {decimal(measurement.speedup)}", TEXT)] if measurement.speedup is not None else []),
        text(f"cores busy {decimal(measurement.cores_busy)}", DIM),
        *([text(note, ALERT)] if (note := load_note(measurement)) else []),
    ]


def empty(workers: int) -> list[Line]:
    then = f" measures one run, then {runs(workers).lower()} at once"
    return [text("Nothing measured yet.", DIM), (("m", KEY), (then, DIM))]


def lines(measurements: tuple[Measurement, ...], workers: int, width: int, height: int) -> list[Line]:
    """What stands inside the panel, the newest first."""
    if not measurements:
        return middle(empty(workers), width, height)
    under = interpreter_names(each.python for each in measurements)
    result: list[Line] = []
    for measurement in reversed(measurements):
        result += flowing(sentence(measurement, under.get(measurement.python, "")), width, indent=2)
        result += flowing(context(measurement), width, indent=2)
    return result


def chart_rows(height: int) -> int:
    """How many of a panel's rows the chart takes: none where it would not be readable."""
    rows = height - 2
    return min(rows, max(8, height * 2 // 3)) if rows >= 8 else 0
