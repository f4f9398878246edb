"""Tables of text: which columns fit, and how cells are padded and cut."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pconc_tui.text.table import (
    Column,
    aligned,
    cut,
    cut_command,
    cut_name,
    display_width,
    fitting,
    header,
    row,
    total_width,
)

NAME: Column[str] = Column("name", 6, 1, str.lower, left=True)
LENGTH: Column[str] = Column("length", 6, 2, lambda text: str(len(text)))
UPPER: Column[str] = Column("upper", 8, 3, str.upper, left=True)
COLUMNS = (NAME, LENGTH, UPPER)


def test_text_is_aligned_to_the_left_and_numbers_to_the_right() -> None:
    assert header(COLUMNS) == "name   length upper"
    assert row(COLUMNS, "Ab") == "ab          2 AB"
    assert row((NAME, LENGTH), "Ab", gap=3) == "ab            2"


@pytest.mark.parametrize(
    ("width", "shown"), [(23, COLUMNS), (22, (NAME, LENGTH)), (14, (NAME, LENGTH)), (13, (NAME,)), (0, (NAME,))]
)
def test_the_column_of_the_highest_rank_is_dropped_first_and_rank_1_never(
    width: int, shown: tuple[Column[str], ...]
) -> None:
    assert fitting(COLUMNS, width) == shown


def test_of_equal_ranks_the_right_column_is_dropped() -> None:
    other = replace(UPPER, title="other")
    assert fitting((NAME, UPPER, LENGTH, other), 23) == (NAME, UPPER, LENGTH)


def test_the_width_counts_a_gap_after_each_column() -> None:
    assert total_width(COLUMNS) == 23
    assert total_width(COLUMNS, gap=3) == 29


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("done", 4, "done"),
        ("stopped", 4, "sto…"),
        ("終わった", 8, "終わった"),
        ("終わった", 6, "終わ…"),
        ("é…µ·", 3, "é…"),
    ],
)
def test_a_cut_text_fits_and_ends_with_an_ellipsis(text: str, width: int, shown: str) -> None:
    found = cut(text, width)
    assert found.startswith(shown)
    assert display_width(found) <= width
    assert (found == text) == (display_width(text) <= width)


def test_wide_characters_take_two_cells() -> None:
    assert display_width("終") == 2
    assert aligned("終", LENGTH) == "    終"


def test_a_value_wider_than_its_column_is_kept_whole() -> None:
    assert row((NAME, LENGTH), "Interpreter") == "interpreter     11"


def test_a_numbered_thread_keeps_its_number() -> None:
    assert cut_name("Thread-12 (crunch)", 18) == "Thread-12 (crunch)"
    assert cut_name("Thread-12 (crunch)", 11) == "Thread-12"
    assert cut_name("Thread-12 (crunch)", 8) == "Thre…-12"
    assert cut_name("Thread-1033 (ha", 14) == "Thread-1033", "the system's, cut to 15 characters"
    assert cut_name("ThreadPoolExecutor-0_1", 14) == "ThreadPo…r-0_1"


def test_of_a_command_that_is_too_long_the_folder_of_its_program_goes_first() -> None:
    command = "/root/.pyenv/versions/3.11.7/bin/python3.11 work.py --fast"
    assert cut_command(command, 60) == command
    assert cut_command(command, 30) == "python3.11 work.py --fast"
    assert cut_command(command, 15) == "python3.11 wor…"
    assert cut_command("python work.py", 10) == "python wo…"
