"""The delays' lines: median, p99 and longest, of the last second and of all, over a histogram on a log scale."""

from __future__ import annotations

from pconc_tui.protocol.delay_histogram import DelayHistogram, bucket
from pconc_tui.text.numbers import nanoseconds
from pconc_tui.ui.drawing.lines import Line, text
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, GOOD, TEXT

_BARS = " ▁▂▃▄▅▆▇█"
_MARKS = (("1 µs", 1_000), ("30 µs", 30_000), ("1 ms", 1_000_000), ("30 ms", 30_000_000), ("1 s", 1_000_000_000))
_LAST = bucket(4_000_000_000)
_COLUMN = 12


def _row(label: str, *values: str) -> Line:
    return ((f"{label:<10}", DIM), *((f"{value:>{_COLUMN}}", TEXT) for value in values))


def lines(delays: DelayHistogram | None, recent: DelayHistogram | None, width: int) -> list[Line]:
    """The figures, and how the delays are spread: those of the last second, or all where there are none."""
    both = (recent, delays)
    return [
        (("late by".ljust(10), DIM), *((f"{name:>{_COLUMN}}", BRIGHT) for name in ("last second", "all"))),
        _row("median", *(nanoseconds(None if each is None else each.median_ns) for each in both)),
        _row("p99", *(nanoseconds(None if each is None else each.p99_ns) for each in both)),
        _row("longest", *(nanoseconds(None if each is None else each.max_ns) for each in both)),
        *histogram(recent or delays, width),
    ]


def histogram(delays: DelayHistogram | None, width: int) -> list[Line]:
    """A bar for every group of buckets, and the scale under it."""
    if delays is None:
        return []
    each = max(1, -(-_LAST // max(1, width)))
    sums = [sum(delays.counts[start : start + each]) for start in range(0, _LAST, each)]
    most = max(1, *sums)
    bars = "".join(_BARS[-(-count * 8 // most)] for count in sums)
    scale = [" "] * (len(bars) + 6)
    for name, ns in _MARKS:
        at = bucket(ns) // each
        scale[at : at + len(name)] = name
    return [text(bars, GOOD), text("".join(scale)[:width].rstrip(), DIM)]
