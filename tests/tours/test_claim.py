"""Claims are judged by the figures that are shown, and by every sample of them."""

from __future__ import annotations

import pytest

from pconc_tui.tours.claim import Claim, filled, quantity, spread

SAMPLES = ({"busy": "0.98", "late": "15 ms", "alone": "87 µs"}, {"busy": "1.02", "late": "12 ms", "alone": "0.1 ms"})
EARLIER = {"threads": ({"busy": "0.50"},)}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("249,120", 249120),
        ("0.99", 0.99),
        ("15 ms", 0.015),
        ("64 µs", 64e-6),
        ("2.00 s", 2),
        ("31 %", 0.31),
        ("-1", -1),
        ("one GIL", None),
        ("", None),
        ("-", None),
        ("1 2", None),
    ],
)
def test_a_figure_is_read_as_a_number(text: str, number: float | None) -> None:
    assert quantity(text) == (number if number is None else pytest.approx(number))


def test_less_than_a_figure_is_more_than_nothing() -> None:
    assert 0 < (quantity("< 0.1 %") or 0) < 0.001


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("busy <= 1.02", True),
        ("busy < 1.02", False),
        ("busy < 1", False),
        ("late > 10 ms", True),
        ("late > 100 * alone", True),
        ("late > 130 * alone", False),
        ("busy>0.9", True),
        ("busy > threads.busy", True),
        ("busy < 2 * threads.busy", False),
        ("busy != 0", True),
        ("lost == 0", None),
        ("busy > threads.lost", None),
        ("busy > processes.busy", None),
    ],
)
def test_a_claim_holds_where_every_sample_bears_it_out(text: str, held: bool | None) -> None:
    assert Claim.parse(text).judged(SAMPLES, EARLIER) is held


def test_nothing_holds_without_samples() -> None:
    assert Claim.parse("busy < 100").judged((), {}) is None


@pytest.mark.parametrize(
    "text", ["", "busy", "busy < ", "busy ~ 1", "1 < busy", "busy < 1 and 1", "busy < f(1)", "a.b.c < 1"]
)
def test_what_is_no_claim_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        Claim.parse(text)


def test_figures_have_their_median_and_range() -> None:
    assert spread(["4.3", "3.9", "4.1"]) == "4.1 (3.9 to 4.3)"
    assert spread(["15 ms", "900 µs"]) == "900 µs to 15 ms"
    assert spread(["4.1", "4.1"]) == "4.1"
    assert spread(["4 threads", "4 processes"]) == "4 processes"
    assert spread([]) == "-"
    assert filled("{busy} of {threads.busy}, {lost}", SAMPLES, EARLIER) == "0.98 to 1.02 of 0.50, -"
