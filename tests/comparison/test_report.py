"""The report of a comparison: its table, and its CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from pconc_tui.comparison.report import COLUMNS, as_json, as_text, figures, shown_columns, write_csv
from pconc_tui.comparison.rows import rows
from pconc_tui.measurement import Comparison, Disturbance, Wait
from pconc_tui.text import table
from tests.comparison.comparisons import PROCESSES, THREADS, USUAL, comparison


def test_an_incomplete_row_says_why() -> None:
    text = "\n".join(as_text(comparison({THREADS: [4.0, None], PROCESSES: [2.0, 2.0]}, problem="killed")))
    assert "3.14    threads            4 incomplete: killed\n" in text


def test_runs_in_a_deadlock_never_end() -> None:
    waits = (Wait("Thread-1", "B", "Thread-2"), Wait("Thread-2", "A", "Thread-1"))
    assert " never " in "\n".join(as_text(comparison({THREADS: [None, None], PROCESSES: [2.0, 2.0]}, deadlock=waits)))


def test_before_the_first_measurement_there_is_no_verdict() -> None:
    assert "No verdict: incomplete" in "\n".join(as_text(replace(USUAL, results=())))


def test_the_csv_file_has_a_line_for_each_row() -> None:
    file = io.StringIO()
    write_csv(USUAL, file)
    lines = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert [line["model"] for line in lines] == [row.case.model for row in rows(USUAL)]
    assert list(lines[0]) == list(figures(rows(USUAL)[0]))


def test_the_csv_file_of_no_rows_is_empty() -> None:
    file = io.StringIO()
    write_csv(replace(USUAL, results=()), file)
    assert file.getvalue().strip() == ""


DISTURBED = "Other programs were busy meanwhile: repeat it. The CPU quota throttled the workers."
LOADED = Disturbance(others=1.7, throttled=0.4, machine_cores=2)


def disturbed(found: Comparison, by: Disturbance) -> Comparison:
    """The comparison with this disturbance of its first measurement."""
    (case, measurement), *rest = found.results
    return replace(found, results=((case, replace(measurement, disturbance=by)), *rest))


def test_cores_that_other_programs_and_the_quota_took_stand_below_the_table_and_in_the_verdict() -> None:
    text = "\n".join(as_text(disturbed(USUAL, LOADED)))
    count = len(USUAL.results)
    assert f"other programs used up to 1.70 cores in 1 of {count} measurements" in text
    assert f"the CPU quota throttled 1 of {count} measurements, up to 40 % of the time" in text
    assert text.endswith(f"under 3.13t). {DISTURBED}")
    assert "meanwhile" not in "\n".join(as_text(USUAL))


def test_a_load_that_leaves_enough_cores_is_not_mentioned() -> None:
    assert [*as_text(disturbed(USUAL, Disturbance(1.7, 0.0, machine_cores=64)))] == [*as_text(USUAL)]


def test_without_a_verdict_the_load_is_named_too() -> None:
    once = disturbed(comparison({THREADS: [4.0], PROCESSES: [2.0]}), LOADED)
    assert (
        "repeat it (--repeat 3); other programs were busy meanwhile: repeat it; the CPU quota throttled"
        in "\n".join(as_text(once))
    )


def test_json_has_the_load_and_each_rows_figures() -> None:
    found = as_json(disturbed(USUAL, LOADED))
    assert found["load"].startswith("other programs used up to 1.70 cores")
    assert (found["rows"][0]["others"], found["rows"][0]["throttled"]) == (1.7, 0.4)
    assert found["rows"][1]["others"] is None
    assert DISTURBED in found["verdict"]
    assert as_json(USUAL)["load"] is None


def test_unknown_figures_are_dashes() -> None:
    found = comparison({THREADS: [4.0], PROCESSES: [2.0]}, rss=None, pss=None, cores_busy=None, launch_s=None)
    row = rows(found)[0]
    shown = {column.title: column.value(row) for column in COLUMNS}
    assert [shown[title] for title in ("RSS", "PSS", "busy", "launch")] == ["-"] * 4


def test_without_a_width_all_columns_are_shown() -> None:
    assert len(shown_columns((), None)) == len(COLUMNS) - 1


@pytest.mark.parametrize("width", [60, 78, 100, 120])
def test_the_least_important_columns_are_dropped_in_a_narrow_terminal(width: int) -> None:
    columns = shown_columns(rows(USUAL), width)
    titles = [column.title for column in columns]
    assert {"python", "model", "N", "N runs", "speed-up"} <= set(titles)
    assert "ideal" not in titles
    assert max(len(table.row(columns, row)) for row in rows(USUAL)) <= width
