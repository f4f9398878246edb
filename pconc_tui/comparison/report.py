"""A comparison as a table, as JSON and as CSV. Pure: from a `Comparison` to text."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import IO, Any

from pconc_tui.comparison.rows import Row, Spread, rows
from pconc_tui.comparison.verdict import verdict
from pconc_tui.models import STARTING_PROCESSES
from pconc_tui.snapshot import Comparison
from pconc_tui.text.sentences import seconds

UNKNOWN = "-"


@dataclass(frozen=True)
class Column:
    """A column of the table, and how much it matters (1: stays to the last where it is narrow)."""

    title: str
    width: int
    rank: int
    value: Callable[[Row], str]
    left: bool = False


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f}"


def _percent(share: float | None) -> str:
    return UNKNOWN if share is None else f"{share * 100:.0f} %"


def _size(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value / 2**20:.1f} MiB"


def _of(spread: Spread | None) -> float | None:
    return None if spread is None else spread.median


def _range(row: Row) -> str:
    return UNKNOWN if row.time is None else f"{seconds(row.time.least)} to {seconds(row.time.most)}"


COLUMNS = (
    Column("python", 7, 1, lambda row: row.case.python.short, left=True),
    Column("model", 16, 1, lambda row: row.case.model, left=True),
    Column("start", 10, 1, lambda row: row.case.start_method or UNKNOWN, left=True),
    Column("N", 3, 1, lambda row: str(row.case.workers)),
    Column("one run", 8, 5, lambda row: seconds(_of(row.one_run))),
    Column("N runs", 8, 1, lambda row: "never" if row.deadlock else seconds(_of(row.time))),
    Column("range", 18, 6, _range),
    Column("speed-up", 8, 1, lambda row: _number(_of(row.speedup))),
    Column("vs best", 7, 3, lambda row: _number(row.vs_fastest)),
    Column("ideal", 5, 7, lambda row: f"{row.ideal:g}"),
    Column("busy", 5, 2, lambda row: _number(row.cores_busy)),
    Column("GIL", 5, 2, lambda row: _percent(row.gil_wait)),
    Column("core", 5, 3, lambda row: _percent(row.core_wait)),
    Column("launch", 8, 4, lambda row: seconds(row.launch_s)),
    Column("RSS", 9, 5, lambda row: _size(row.rss)),
    Column("PSS", 9, 4, lambda row: _size(row.pss)),
)


def fitting(found: tuple[Row, ...], width: int | None) -> tuple[Column, ...]:
    """The columns for which there is room; None: all. Start methods have one where some were asked for."""
    several = any(row.case.start_method for row in found)
    shown = [column for column in COLUMNS if several or column.title != "start"]
    while width is not None and len(shown) > 5 and sum(column.width + 1 for column in shown) > width:
        shown.remove(max(reversed(shown), key=lambda column: column.rank))
    return tuple(shown)


def header(columns: tuple[Column, ...]) -> str:
    """The columns' titles."""
    return _line(columns, [column.title for column in columns])


def line(columns: tuple[Column, ...], row: Row) -> str:
    """One row; where it is incomplete, why."""
    if row.problem:
        head = columns[: [column.title for column in columns].index("N") + 1]
        return f"{_line(head, [column.value(row) for column in head])} incomplete: {row.problem}"
    return _line(columns, [column.value(row) for column in columns])


def _line(columns: tuple[Column, ...], values: list[str]) -> str:
    parts = zip(columns, values, strict=True)
    return " ".join(
        value.ljust(column.width) if column.left else value.rjust(column.width) for column, value in parts
    ).rstrip()


def title(comparison: Comparison) -> str:
    """What was compared, and how."""
    plan = comparison.plan
    scale = UNKNOWN if comparison.scale is None else f"{comparison.scale:g}"
    return (
        f"{plan.experiment} · {plan.variant} · scale {scale} · {plan.cores} core{'s' if plan.cores != 1 else ''} · "
        f"median and range of {plan.repeat}"
    )


def as_text(comparison: Comparison, width: int | None = None) -> Iterator[str]:
    """The table, as much of it as there is room for (None: all), what was skipped, and the verdict."""
    found = rows(comparison)
    columns = fitting(found, width)
    yield title(comparison)
    yield ""
    yield header(columns)
    for row in found:
        yield line(columns, row)
    for skipped in comparison.plan.skipped:
        yield f"not run: {skipped.model} under {skipped.python.short}: {skipped.reason}"
    yield ""
    yield str(verdict(found, comparison.current is None))


def figures(row: Row) -> dict[str, Any]:
    """One row's fields."""
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
        **_spread("n_runs_s", row.time),
        **_spread("speedup", row.speedup),
        "speedup_vs_fastest": row.vs_fastest,
        "ideal_speedup": row.ideal,
        "cores_busy": row.cores_busy,
        "gil_wait": row.gil_wait,
        "core_wait": row.core_wait,
        "launch_s": row.launch_s,
        "rss_bytes": row.rss,
        "pss_bytes": row.pss,
        "problem": row.problem,
    }


def start_method(row: Row) -> str | None:
    """How the row's processes were started; None: they needed no start, or that is not known."""
    own = row.case.python.start_methods[:1] if row.case.model in STARTING_PROCESSES else ()
    return row.case.start_method or next(iter(own), None)


def _spread(name: str, spread: Spread | None) -> dict[str, float | None]:
    found = asdict(spread) if spread else {"median": None, "least": None, "most": None}
    return {name: found["median"], f"{name}_min": found["least"], f"{name}_max": found["most"]}


def as_json(comparison: Comparison) -> dict[str, Any]:
    """All of it as the object that `compare --json` prints."""
    found = rows(comparison)
    plan = comparison.plan
    judged = verdict(found, comparison.current is None)
    return {
        "experiment": plan.experiment,
        "variant": plan.variant,
        "scale": comparison.scale,
        "repeat": plan.repeat,
        "cores": plan.cores,
        "elapsed_s": comparison.elapsed_s,
        "rows": [figures(row) for row in found],
        "skipped": [{"model": each.model, "python": each.python.short, "reason": each.reason} for each in plan.skipped],
        "verdict": judged.text if judged.found else None,
        "no_verdict": None if judged.found else judged.text,
    }


def write_csv(comparison: Comparison, file: IO[str]) -> None:
    """A line a row, under the names of the fields."""
    found = [figures(row) for row in rows(comparison)]
    writer = csv.DictWriter(file, fieldnames=list(found[0]) if found else [])
    writer.writeheader()
    writer.writerows(found)
