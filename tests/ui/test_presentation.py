"""Numbers, cores, counters, scoreboard, log, code, status: their lines, without an app."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from pconc_tui.experiments import Experiment, catalogue
from pconc_tui.measurement import Progress
from pconc_tui.snapshot import Lab, LogLine
from pconc_tui.text.numbers import decimal, duration, percent, short, whole
from pconc_tui.ui.drawing import layout
from pconc_tui.ui.drawing.lines import add_title, fit, text, width_of, wrap_line, wrap_text
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.panels import code, cores, counters, log, scoreboard, status
from tests.ui import samples
from tests.ui.screens import text_of


def test_an_unknown_number_is_a_dash() -> None:
    assert [form(None) for form in (percent, decimal, whole, short)] == ["-"] * 4


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (0.54, "0.5"),
        (9.94, "9.9"),
        (10, "10"),
        (999, "999"),
        (8120.4, "8,120"),
        (9999, "9,999"),
        (10_000, "10.0k"),
        (999_499, "999k"),
        (1_204_551, "1.2M"),
        (123_456_789, "123M"),
        (5e12, "5.0T"),
    ],
)
def test_short_numbers(value: float, expected: str) -> None:
    assert short(value) == expected
    assert len(short(value)) <= 6


def test_durations() -> None:
    assert [duration(s) for s in (0.00005, 0.005, 0.5, 1, 2.5)] == ["0.05 ms", "5 ms", "500 ms", "1 s", "2.5 s"]


def test_lines_are_cut_and_padded_to_the_cell() -> None:
    assert text_of(fit(text("abc"), 5)) == "abc  "
    assert text_of(fit(text("abcdef"), 5)) == "abcd…"
    assert width_of(fit(text("漢字漢字"), 5)) == 5
    assert text_of(fit(text("abc"), 0)) == ""


def test_text_from_outside_can_not_move_the_cursor() -> None:
    for line in (*wrap_text("a\x1b[2J\r\x07\u2028\tb", 80), fit(text("a\x1b[2J\r\x07\u2028\tb"), 80)):
        assert text_of(line).split() == ["a\\x1b[2J\\r\\x07\\u2028", "b"]


def test_a_frame_is_exactly_as_large_as_its_panel() -> None:
    for width in range(20, 60, 7):
        lines = add_title([text("x" * 100)] * 9, text("A long title indeed"), text("right"), width, 6, True)
        assert [width_of(line) for line in lines] == [width] * 6


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 8, 16, 31, 32, 64, 100, 128, 192, 255, 256])
@pytest.mark.parametrize(("width", "height"), [(54, 6), (54, 3), (78, 2), (58, 3)])
def test_every_core_has_a_readable_level(count: int, width: int, height: int) -> None:
    lines = cores.bars(tuple(1.0 for _ in range(count)), width, max(height, layout.least_core_rows(count, width)))
    assert len(lines) <= max(height, layout.least_core_rows(count, width))
    assert all(width_of(line) <= width for line in lines)
    content = "".join(text_of(line) for line in lines)
    if "%" in content:
        assert content.count("100 %") == count
    else:
        full = content.count("█") + 2 * content.count("⣿") + content.count("⡗")
        assert full >= count - 1


def test_a_few_cores_have_bars_with_percentages() -> None:
    first, second = (text_of(line) for line in cores.bars((0.61, 0.39), 40, 2))
    assert " 61 %" in first
    assert " 39 %" in second
    assert first.count("█") > second.count("█") > 5


def test_unknown_loads_are_not_shown_as_idle_cores() -> None:
    assert "unknown" in text_of(cores.bars(None, 40, 2)[0])


def test_counters_stand_side_by_side() -> None:
    found = [text_of(line) for line in counters.lines(samples.COUNTERS, "lost-update", 54, 9)]
    assert found[1].split() == ["call", "plain", "lock"]
    assert found[2].split() == ["value", "988,213", "1,204,551", "400,000"]
    assert found[3].split() == ["expected", "1,204,551", "1,204,551", "400,000"]
    assert found[4].split() == ["lost", "~216,338", "0", "0"]
    assert found[5].split() == ["~18.0", "%"]
    assert found[6].split() == ["counting", "final", "final"]


def test_counters_of_processes_show_the_plain_number_of_each() -> None:
    found = "\n".join(text_of(line) for line in counters.lines((samples.SHARED_VALUE,), "shared-value", 54, 9))
    assert "plain_num" in found
    assert "shared_num" in found
    assert "Process-4 1" in found


def test_the_shared_dict_is_shown() -> None:
    found = "\n".join(text_of(line) for line in counters.lines((samples.SHARED_DICT,), "shared-dict", 54, 9))
    assert "{'0': 0, '1': 1, '2': 2, '3': 3}" in found


def test_delays_show_the_last_second_beside_all_and_a_histogram() -> None:
    for width in (38, 42, 54, 78):
        found = [text_of(line) for line in counters.lines((samples.DELAYS,), "convoy", width, 9)]
        assert found[1].split() == ["late", "by", "last", "second", "all"]
        assert [line.split()[0] for line in found[2:5]] == ["median", "p99", "longest"]
        assert "5." in found[2]
        assert "µs" in found[2]
        assert "█" in found[5]
        assert "1 ms" in found[6]
        assert all(len(line) <= width for line in found)


def test_a_deadlock_names_who_waits_for_which_lock() -> None:
    found = [text_of(line) for line in counters.lines((samples.DEADLOCK,), "deadlock", 54, 9)]
    assert found[1] == "Deadlock: none of these can continue."
    assert [line.split() for line in found[2:7]] == [
        ["Thread-1", "─", "waits", "for", "─▶", "lock", "B"],
        ["▲", "│"],
        ["held", "by", "held", "by"],
        ["│", "▼"],
        ["lock", "A", "◀─", "waits", "for", "─", "Thread-2"],
    ]
    assert found[7] == "Thread-3 waits for lock A, held by Thread-1"
    assert "stops" in found[8]
    narrow = [text_of(line) for line in counters.lines((samples.DEADLOCK,), "deadlock", 30, 9)]
    assert narrow[3:5] == ["Thread-1 waits for lock B,", "held by Thread-2"]
    resolved = replace(samples.DEADLOCK, waits=(), final=True)
    found = [text_of(line) for line in counters.lines((resolved,), "deadlock", 54, 9)]
    assert found[1] == "Resolved deadlock:"
    assert found[7].startswith("The locks are threading.Lock")


def test_a_deadlock_is_a_result() -> None:
    stuck = samples.measurement(experiment="deadlock", variant="opposite", n_runs_s=None, deadlock=samples.CYCLE)
    found = " ".join(text_of(line) for line in scoreboard.lines((stuck,), 4, 78, 9))
    assert "Thread-1 held A and waited for B; Thread-2 held B and waited for A" in found
    assert "never ended" in found
    assert "incomplete" not in found


def test_the_counters_of_the_chosen_experiment_come_first() -> None:
    shown = counters.groups((*samples.COUNTERS, samples.SHARED_DICT), "shared-dict")
    assert [members[0].experiment for members in shown] == ["shared-dict", "lost-update"]


def test_the_scoreboard_shows_a_measurement_as_a_sentence() -> None:
    found = [text_of(line) for line in scoreboard.lines((samples.measurement(),), 4, 78, 9)]
    assert found[:2] == [
        "Four runs took 4.0 times as long as one",
        "threads · 4.0 times as long · ideal 2.0 ┃ · cpu-bound",
    ]
    assert [(line[:7].rstrip(), line[-7:].strip()) for line in found[2:]] == [
        ("one run", "0.61 s"),
        ("4 runs", "2.44 s"),
    ]


def test_an_incomplete_measurement_has_no_ratio() -> None:
    broken = samples.measurement(problem="Thread-2 ended with ValueError: bad", n_runs_s=None)
    found = "\n".join(text_of(line) for line in scoreboard.lines((broken,), 4, 78, 9))
    assert "incomplete: Thread-2 ended with ValueError: bad" in found
    assert "times as long" not in found
    assert "ideal" not in found


def test_the_log_keeps_the_order_and_wraps() -> None:
    found = [text_of(line) for line in log.lines(samples.LOG, 0, 0, 60, 20)]
    assert found[0].split()[:2] == ["0.600", "Thread-1"]
    assert "Thread-4" in found[-1]
    assert all(len(line) <= 60 for line in found)
    narrow = [text_of(line) for line in log.lines(samples.LOG, 0, 0, 36, 20)]
    assert len(narrow) > len(found)


def test_the_log_scrolls_back_and_counts_lost_lines() -> None:
    many = tuple(LogLine(number, "Thread-1", f"line {number}") for number in range(100))
    assert "line 99" in text_of(log.lines(many, 0, 0, 60, 5)[-1])
    assert "line 89" in text_of(log.lines(many, 0, 10, 60, 5)[-1])
    assert "line 4" in text_of(log.lines(many, 0, 1000, 60, 5)[-1])
    assert text_of(log.lines(many, 12, 0, 60, 5)[-1]).startswith("12 lines")


@pytest.mark.parametrize("experiment", catalogue(), ids=lambda experiment: experiment.id)
def test_the_code_is_the_source_that_runs(experiment: Experiment) -> None:
    shown = "\n".join(text_of(line) for line in code.highlighted(experiment.id))
    assert shown.strip() == experiment.source.strip()
    for variant in experiment.variants:
        first, last = experiment.extent(variant, "threads")
        assert experiment.source.splitlines()[first - 1].startswith(f"def {experiment.variants[variant].__name__}(")
        assert last > first


@pytest.mark.parametrize("width", [34, 56, 78])
@pytest.mark.parametrize("experiment", catalogue(), ids=lambda experiment: experiment.id)
def test_the_code_opens_at_what_to_watch_and_no_line_is_cut(experiment: Experiment, width: int) -> None:
    def squeezed(lines: list[str]) -> str:
        return "".join("".join(lines).replace("▌", "").split())

    for variant, model in product(experiment.variants, experiment.models):
        first, last = experiment.extent(variant, model)
        source = experiment.source.splitlines()
        shown = code.lines(experiment.id, variant, model, code.plain(experiment.id), 0, width, 1000)
        assert all(width_of(line) <= width for line in shown)
        panel = [text_of(line) for line in shown]
        start = panel.index("")
        assert " ".join(panel[:start]).startswith(experiment.watch)
        marked = [line for line in panel if line.startswith("▌ ")]
        assert panel[start + 1 : start + 1 + len(marked)] == marked, "the chosen variant's code comes first"
        assert squeezed(marked) == squeezed(source[first - 1 : last])
        assert squeezed(panel[start + 1 :]) == squeezed(source[first - 1 : last] + source[: first - 1] + source[last:])
        page = [text_of(line) for line in code.everything(experiment.id, variant, model, width)]
        assert all(len(line) <= width for line in page)
        number_width = len(f"▌ {len(source)}  ")
        assert squeezed([line[number_width:] for line in page]).endswith(squeezed(source))


def test_a_long_line_of_code_goes_on_indented() -> None:
    line = text("    total = add(first_number, second_number)")
    found = [text_of(part).rstrip() for part in wrap_line(line, 24, 8)]
    assert found == ["    total = add(", "        first_number,", "        second_number)"]
    assert [text_of(part) for part in wrap_line(text("x" * 50), 20, 4)] == [
        "x" * 20,
        "    " + "x" * 16,
        "    " + "x" * 14,
    ]
    assert wrap_line((), 20, 4) == [()]


def test_the_status_line_describes_the_interpreter() -> None:
    line = text_of(status.labs_line(samples.THREADS, 120))
    for part in ("CPython 3.13.0", "GIL on", "switch 5 ms", "fork", "2 cores", "this app   4 %"):
        assert part in line


def test_an_unknown_gil_is_not_shown_as_off() -> None:
    unknown = replace(samples.EMPTY, labs=(Lab("ready", "python"),))
    assert "GIL -" in text_of(status.labs_line(unknown, 120))
    off = replace(samples.LAB, gil_enabled=False, free_threaded_build=True)
    assert "free-threaded, GIL off" in text_of(status.labs_line(replace(samples.EMPTY, labs=(off,)), 120))


def test_the_second_line_shows_what_is_most_urgent() -> None:
    settings = LaunchSettings()
    assert "next: a thread of cpu-bound" in text_of(status.activity_line(samples.EMPTY, settings, False, 120))
    assert "4 runs" in text_of(status.activity_line(samples.MEASURING, settings, False, 120))
    assert " 43 %" in text_of(status.activity_line(samples.MEASURING, settings, False, 80))
    assert "FROZEN" in text_of(status.activity_line(samples.THREADS, settings, True, 80))
    assert "killed by signal 9" in text_of(status.activity_line(samples.DEAD, settings, True, 80))


def test_progress_never_leaves_its_line() -> None:
    for fraction in (0.0, 0.5, 1.0, 1.2):
        line = status.progress_line(Progress("lost-update", "processes", "256 runs", fraction), 60)
        assert width_of(line) <= 60


def test_large_counters_are_separated_by_spaces() -> None:
    for size in (10**6, 10**8, 10**9, 10**12):
        members = tuple(replace(each, value=size + 1, expected=size + 2) for each in samples.COUNTERS)
        for width in (40, 42, 54):
            found = [text_of(line) for line in counters.lines(members, "lost-update", width, 9)]
            assert len(found[2].split()) == 4
            assert all(len(line) <= width for line in found)
