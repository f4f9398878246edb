"""Numbers as text."""

from __future__ import annotations

import pytest

from pconc_tui.text.numbers import digits, mebibytes, nanoseconds, percent, seconds, time_left


@pytest.mark.parametrize(("time_s", "text"), [(2.444, "2.44 s"), (0.1, "0.10 s"), (0.0612, "61.2 ms"), (None, "-")])
def test_a_measured_time_is_in_seconds_or_milliseconds(time_s: float | None, text: str) -> None:
    assert seconds(time_s) == text


@pytest.mark.parametrize(
    ("time_ns", "text"), [(64_000, "64 µs"), (5_123_000, "5.12 ms"), (1_020_000_000, "1.02 s"), (None, "-")]
)
def test_a_delay_has_three_significant_digits(time_ns: int | None, text: str) -> None:
    assert nanoseconds(time_ns) == text


@pytest.mark.parametrize(("left_s", "text"), [(12.3, "12 s left"), (170, "3 min left"), (None, "time left: -")])
def test_the_time_left_is_in_seconds_or_minutes(left_s: float | None, text: str) -> None:
    assert time_left(left_s) == text


def test_an_unknown_number_is_a_dash() -> None:
    assert [form(None) for form in (digits, mebibytes, percent)] == ["-", "-", "-"]
    assert (digits(1234567), mebibytes(13_107_200), percent(0.74, " %")) == ("1234567", "12.5 MiB", "74 %")
