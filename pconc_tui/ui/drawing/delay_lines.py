"""Lines about delays: median, p99 and longest of the last second and of all, and a histogram on a log scale."""

from __future__ import annotations

from pconc_tui.protocol.delay_histogram import DelayHistogram, bucket
from pconc_tui.text.numbers import nanoseconds
from pconc_tui.ui.drawing.lines import Line, text
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, GOOD, TEXT

_BARS = " ▁▂▃▄▅▆▇█"
_MARKS = (("1 µs", 1_000), ("30 µs", 30_000), ("1 ms", 1_000_000), ("30 ms", 30_000_000), ("1 s", 1_000_000_000))
_BUCKET_COUNT = bucket(4_000_000_000)
_COLUMN_WIDTH = 12


def _row(label: str, *values: str) -> Line:
    return ((f"{label:<10}", DIM), *((f"{value:>{_COLUMN_WIDTH}}", TEXT) for value in values))


def lines(delays: DelayHistogram | None, recent: DelayHistogram | None, width: int) -> list[Line]:
    """A table of the delays, and a histogram: of the last second, or of all if there were none in it."""
    pair = (recent, delays)
    return [
        (("late by".ljust(10), DIM), *((f"{name:>{_COLUMN_WIDTH}}", BRIGHT) for name in ("last second", "all"))),
        _row("median", *(nanoseconds(None if each is None else each.median_ns) for each in pair)),
        _row("p99", *(nanoseconds(None if each is None else each.p99_ns) for each in pair)),
        _row("longest", *(nanoseconds(None if each is None else each.max_ns) for each in pair)),
        *histogram(recent or delays, width),
    ]


def histogram(delays: DelayHistogram | None, width: int) -> list[Line]:
    """A bar for each group of buckets, and the scale below it."""
    if delays is None:
        return []
    per_bar = max(1, -(-_BUCKET_COUNT // max(1, width)))
    sums = [sum(delays.counts[start : start + per_bar]) for start in range(0, _BUCKET_COUNT, per_bar)]
    most = max(1, *sums)
    bars = "".join(_BARS[-(-count * 8 // most)] for count in sums)
    scale = [" "] * (len(bars) + 6)
    for name, ns in _MARKS:
        at = bucket(ns) // per_bar
        scale[at : at + len(name)] = name
    return [text(bars, GOOD), text("".join(scale)[:width].rstrip(), DIM)]
