"""A comparison as a table, as JSON and as CSV. Pure: from a `Comparison` to text."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from typing import IO, Any

from pconc_tui.comparison.rows import Row, Spread, rows, skipped
from pconc_tui.comparison.verdict import Verdict, verdict
from pconc_tui.measurement import Comparison, LockShares
from pconc_tui.models import STARTING_PROCESSES
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.text import table
from pconc_tui.text.numbers import UNKNOWN, compact, cores, decimal, mebibytes, percent, seconds
from pconc_tui.text.sentences import comparison_load
from pconc_tui.text.table import Column


def _median(spread: Spread | None) -> float | None:
    return None if spread is None else spread.median


def _range(row: Row) -> str:
    return UNKNOWN if row.n_runs is None else f"{seconds(row.n_runs.least)} to {seconds(row.n_runs.most)}"


COLUMNS: tuple[Column[Row], ...] = (
    Column("python", 7, 1, lambda row: row.case.python.short, left=True),
    Column("model", 16, 1, lambda row: row.case.model, left=True),
    Column("start", 10, 1, lambda row: row.case.start_method or UNKNOWN, left=True),
    Column("N", 3, 1, lambda row: str(row.case.workers)),
    Column("one run", 8, 5, lambda row: seconds(_median(row.one_run))),
    Column("N runs", 8, 1, lambda row: "never" if row.deadlock else seconds(_median(row.n_runs))),
    Column("range", 18, 6, _range),
    Column("speed-up", 8, 1, lambda row: decimal(_median(row.speedup))),
    Column("vs best", 7, 3, lambda row: decimal(row.vs_fastest)),
    Column("ideal", 5, 7, lambda row: compact(row.ideal)),
    Column("busy", 5, 2, lambda row: decimal(row.cores_busy)),
    Column("GIL", 5, 2, lambda row: percent(row.gil_wait, " %")),
    Column("core", 5, 3, lambda row: percent(row.core_wait, " %")),
    Column("launch", 8, 4, lambda row: seconds(row.launch_s)),
    Column("RSS", 9, 5, lambda row: mebibytes(row.rss_bytes)),
    Column("PSS", 9, 4, lambda row: mebibytes(row.pss_bytes)),
)
OTHERS_BUSY = "other programs were busy meanwhile: repeat it"
THROTTLED = "the CPU quota throttled the workers"
INCOMPLETE = [column.title for column in COLUMNS].index("N") + 1
"""How many columns the row of an incomplete case has; the reason follows them."""


def shown_columns(found: tuple[Row, ...], width: int | None) -> tuple[Column[Row], ...]:
    """The columns that fit `width` terminal cells; None: all. `start` is shown where a start method was requested."""
    requested = any(row.case.start_method for row in found)
    columns = tuple(column for column in COLUMNS if requested or column.title != "start")
    return columns if width is None else table.fitting(columns, width)


def line(columns: tuple[Column[Row], ...], row: Row, width: int | None = None) -> list[str]:
    """A row of the table; of an incomplete case, the reason instead of its figures, on lines of at most this width."""
    if row.problem:
        case = tuple(column for column in columns if column in COLUMNS[:INCOMPLETE])
        text = f"{table.row(case, row)} incomplete: {row.problem}"
        return table.wrapped(text, width, table.total_width(case))
    return [table.row(columns, row)]


def title(comparison: Comparison) -> str:
    """What is compared, how much work each worker does, and how often each case is measured."""
    plan = comparison.plan
    scale = "scale " + (UNKNOWN if comparison.scale is None else f"{comparison.scale:g}")
    work = f"{plan.calls} call{'s' if plan.calls != 1 else ''}" if names_function(plan.experiment) else scale
    return f"{plan.experiment} · {plan.variant} · {work} · {cores(plan.cores)} · median and range of {plan.repeat}"


def as_text(comparison: Comparison, width: int | None = None) -> Iterator[str]:
    """The table with the columns that fit `width` terminal cells (None: all), the skipped cases and the verdict."""
    found = rows(comparison)
    columns = shown_columns(found, width)
    yield from table.wrapped(title(comparison), width, indent=2)
    yield ""
    yield table.header(columns)
    for row in found:
        yield from line(columns, row, width)
    for sentence in notes(comparison):
        yield from table.wrapped(sentence, width, indent=2)
    yield ""
    if comparison.problem:
        yield from table.wrapped(f"incomplete: {comparison.problem}", width, indent=2)
    yield from table.wrapped(str(judge(comparison)), width)


def judge(comparison: Comparison) -> Verdict:
    """The verdict on its rows; it says so where other programs or the CPU quota kept cores from them."""
    more = "--calls" if names_function(comparison.plan.experiment) else "--scale"
    result = verdict(rows(comparison), comparison.finished, more)
    measurements = [measurement for _, measurement in comparison.results]
    text = result.text
    for kept, words in (
        (any(each.others for each in measurements), OTHERS_BUSY),
        (any(each.throttled for each in measurements), THROTTLED),
    ):
        if kept:
            text += f" {words[0].upper()}{words[1:]}." if result.found else f"; {words}"
    return replace(result, text=text)


def notes(comparison: Comparison) -> list[str]:
    """What stands below the table: each combination that can't run, with the reason, and what kept cores from it."""
    not_run = [f"not run: {each.model} under {each.python.short}: {each.reason}" for each in skipped(comparison)]
    return [*not_run, *([load] if (load := comparison_load(comparison)) else [])]


def figures(row: Row) -> dict[str, Any]:
    """A row's fields, as JSON and CSV name them."""
    return {
        "python": row.case.python.short,
        "version": row.case.python.version,
        "executable": row.case.python.path,
        "free_threaded_build": row.case.python.free_threaded_build,
        "model": row.case.model,
        "start_method": start_method(row),
        "workers": row.case.workers,
        "repeats": row.repeats,
        **_spread("one_run_s", row.one_run),
        **_spread("n_runs_s", row.n_runs),
        **_spread("speedup", row.speedup),
        "speedup_vs_fastest": row.vs_fastest,
        "ideal_speedup": row.ideal,
        "cores_busy": row.cores_busy,
        "gil_wait": row.gil_wait,
        "core_wait": row.core_wait,
        **LockShares.fields(row.locks),
        "launch_s": row.launch_s,
        "rss_bytes": row.rss_bytes,
        "pss_bytes": row.pss_bytes,
        "others": row.others,
        "throttled": row.throttled,
        "no_ratio": row.no_ratio,
        "problem": row.problem,
    }


def start_method(row: Row) -> str | None:
    """The start method of the row's processes; None: its model starts none, or the method is not known."""
    default = row.case.python.start_methods[:1] if row.case.model in STARTING_PROCESSES else ()
    return row.case.start_method or next(iter(default), None)


def _spread(name: str, spread: Spread | None) -> dict[str, float | None]:
    median, least, most = (spread.median, spread.least, spread.most) if spread else (None, None, None)
    return {name: median, f"{name}_min": least, f"{name}_max": most}


def as_json(comparison: Comparison) -> dict[str, Any]:
    """The object that `compare --json` prints."""
    found = rows(comparison)
    plan = comparison.plan
    result = judge(comparison)
    return {
        "experiment": plan.experiment,
        "variant": plan.variant,
        "scale": comparison.scale,
        "calls": plan.calls,
        "repeat": plan.repeat,
        "cores": plan.cores,
        "elapsed_s": comparison.elapsed_s,
        "rows": [figures(row) for row in found],
        "skipped": [
            {"model": each.model, "python": each.python.short, "reason": each.reason} for each in skipped(comparison)
        ],
        "load": comparison_load(comparison) or None,
        "problem": comparison.problem,
        "verdict": result.text if result.found else None,
        "no_verdict": None if result.found else result.text,
    }


def write_csv(comparison: Comparison, file: IO[str]) -> None:
    """Write a line for each row, after a line with the names of the fields."""
    found = [figures(row) for row in rows(comparison)]
    writer = csv.DictWriter(file, fieldnames=list(found[0]) if found else [])
    writer.writeheader()
    writer.writerows(found)
