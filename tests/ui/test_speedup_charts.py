"""The charts of a comparison: bars by interpreter, and the curve over the number of workers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pconc_tui.comparison.rows import Row, rows
from pconc_tui.experiments import ALL_MODELS
from pconc_tui.models import all_models
from pconc_tui.requests import Case
from pconc_tui.ui.drawing import speedup_bars, speedup_curve
from pconc_tui.ui.drawing.lines import Line, width_of
from pconc_tui.ui.drawing.model_styles import MODEL_STYLES
from tests.comparison.comparisons import PROCESSES, PY311, PY313T, PY314, USUAL, comparison
from tests.ui.screens import text_of

TIMES_OF_ONE = {"threads": 1.0, "processes": 0.5, "interpreters": 0.5}
"""How long each of N workers takes: processes and interpreters reach exactly the same speed-up."""


def many(*counts: int) -> tuple[Row, ...]:
    """The rows of a comparison in which processes and interpreters reach exactly the same speed-ups."""
    cases = {Case(model, PY314, count): [count * each] for model, each in TIMES_OF_ONE.items() for count in counts}
    return rows(comparison(cases))


def text(lines: list[Line]) -> list[str]:
    return [text_of(line) for line in lines]


def test_each_row_has_a_bar_in_the_group_of_its_interpreter() -> None:
    title, *bars = text(speedup_bars.lines(rows(USUAL), 78))
    assert title == "speed-up: N × one run / N runs · ideal ┃"
    assert len(bars) == len(rows(USUAL))
    assert [bar[:6].strip() for bar in bars] == ["3.14", "", "", "", "", "", "3.13t"]
    assert "■ processes 4" in bars[4]
    assert bars[4].rstrip().endswith("1.97")


def test_the_bars_are_on_one_scale_and_the_ideal_is_marked_on_each() -> None:
    bars = text(speedup_bars.lines(rows(USUAL), 120))[1:]
    marks = {bar.index("┃") for bar in bars}
    assert len(marks) == 1
    threads, processes = bars[3].count("█"), bars[4].count("█")
    assert 1.8 < processes / threads < 2.0
    assert "1.97 (1.95 to 1.98)" in bars[4]


def test_a_bar_that_is_longer_than_the_ideal_shows_the_mark() -> None:
    found = comparison({PROCESSES: [1.5]})
    bar = text(speedup_bars.lines(rows(found), 80))[1]
    before, after = bar.split("┃")
    assert "█" in before
    assert "█" in after


@pytest.mark.parametrize("width", [56, 76, 116, 156, 246])
def test_the_bars_fit_and_no_value_is_cut(width: int) -> None:
    lines = speedup_bars.lines(rows(USUAL), width)
    assert max(map(width_of, lines)) <= width
    assert not any("…" in text_of(line) for line in lines)


def test_bars_are_two_rows_thick_where_there_is_room() -> None:
    found = rows(USUAL)
    thin = text(speedup_bars.lines(found, 120, 3 * len(found)))
    thick = text(speedup_bars.lines(found, 120, 3 * len(found) + 1))
    assert len(thin) == 1 + len(found)
    assert [line.rstrip() for line in thick[1::3]] == [line.rstrip() for line in thin[1:]]
    assert len(thick) == 3 * len(found)
    assert [line.count("█") for line in thick[2::3]] == [line.count("█") for line in thin[1:]]
    assert not any("".join(thick[3::3]).split())


def test_a_row_without_a_speedup_says_why_and_one_not_measured_has_no_bar() -> None:
    found = rows(USUAL)
    bars = text(speedup_bars.lines((found[0], replace(found[1], speedup=None, problem="stopped")), 80))
    assert "- incomplete: stopped" in bars[2]
    assert speedup_bars.lines((), 80) == []


def test_more_than_two_numbers_of_workers_are_in_the_curve_and_the_bars_show_the_greatest() -> None:
    found = many(2, 4, 8)
    title, *bars = text(speedup_bars.lines(found, 80))
    assert title.startswith("speed-up: 8 × one run / 8 runs")
    assert len(bars) == 3
    assert speedup_curve.lines(many(2, 4), 80, 16) == []
    assert speedup_curve.lines(found, 80, 16) != []


@pytest.mark.parametrize("size", [(56, 12), (76, 16), (156, 24)])
def test_no_line_hides_another_and_each_has_its_name_at_its_end(size: tuple[int, int]) -> None:
    picture = speedup_curve.lines(many(2, 4, 8), *size)
    assert max(map(width_of, picture)) <= size[0]
    names = {text_of(line[-2:]) for line in picture if len(line) > 1}
    assert {" ─ ideal", " ● threads", " ■ processes", " ▲ interpreters"} <= names
    for model in TIMES_OF_ONE:
        glyph, style = MODEL_STYLES[model]
        points = [run for line in picture for run in line[:-2] if run[1] == style]
        assert sum(content.count(glyph) for content, _ in points) == 4, "with 1, 2, 4 and 8 workers"
        assert any("\u2800" < cell <= "\u28ff" for content, _ in points for cell in content)


def test_the_ideal_bends_at_the_number_of_cores_also_between_two_numbers_of_workers() -> None:
    rows_of_3_cores = tuple(replace(row, cores=3.0, ideal=min(3.0, row.case.workers)) for row in many(2, 4, 8))
    with_corner = text(speedup_curve.lines(rows_of_3_cores, 80, 16))
    assert with_corner[-1].split() == ["1", "2", "4", "8"], "the axis names numbers of workers"
    later = tuple(replace(row, cores=9.0, ideal=min(3.0, row.case.workers)) for row in rows_of_3_cores)
    assert text(speedup_curve.lines(later, 80, 16)) != with_corner


def test_a_line_names_its_interpreter_where_there_are_several() -> None:
    counts = (2, 4, 8)
    cases = {Case("threads", PY311, count): [count * 1.0] for count in counts}
    cases |= {Case("free-threaded", PY313T, count): [count / 2] for count in counts}
    found = "\n".join(text(speedup_curve.lines(rows(comparison(cases)), 80, 16)))
    assert "threads 3.11" in found
    assert "free-threaded 3.13t" in found


def test_every_model_has_a_glyph_and_a_colour_of_its_own() -> None:
    assert set(MODEL_STYLES) == set(all_models(ALL_MODELS))
    for kind in zip(*MODEL_STYLES.values(), strict=True):
        assert len(set(map(str, kind))) == len(MODEL_STYLES)
