"""Numbers as text, in few characters; an unknown number, None, is a dash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

UNKNOWN = "-"


def percent(share: float | None, sign: str = "") -> str:
    """A share, 0 to 1, as a whole percentage: `74`, with the sign ` %` as `74 %`."""
    return UNKNOWN if share is None else f"{share * 100:.0f}{sign}"


def fine_percent(share: float | None) -> str:
    """A share that may be small: `31 %`, `0.4 %`, `< 0.1 %`; `0 %` is none at all."""
    if share is None or share == 0 or share >= 0.0995:
        return percent(share, " %")
    return f"{share * 100:.1f} %" if share >= 0.001 else "< 0.1 %"


def decimal(value: float | None) -> str:
    """`1.97`."""
    return UNKNOWN if value is None else f"{value:.2f}"


def compact(value: float) -> str:
    """With at most two decimals: `2`, `1.5`, `1.97`."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def cores(number: float) -> str:
    """`1 core`, `2 cores`, `1.5 cores`."""
    return f"{compact(number)} core{'' if number == 1 else 's'}"


def whole(value: float | None) -> str:
    """`1,234,567`."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def digits(value: float | None) -> str:
    """A whole number without separators, such as a PID: `1234567`."""
    return UNKNOWN if value is None else f"{value:.0f}"


def short(value: float | None) -> str:
    """Three significant digits in at most six characters: `1.2`, `340`, `56.7k`."""
    if value is None:
        return UNKNOWN
    if abs(value) < 9.95:
        return f"{value:.1f}" if value else "0"
    for unit, size in (("", 1), ("k", 10**3), ("M", 10**6), ("G", 10**9), ("T", 10**12)):
        scaled = value / size
        if abs(scaled) < 999.5:
            return f"{scaled:.0f}{unit}" if not unit or abs(scaled) >= 99.95 else f"{scaled:.1f}{unit}"
        if not unit and abs(value) < 9999.5:
            return f"{value:,.0f}"
    return f"{value:.0e}"


def mebibytes(size_bytes: float | None) -> str:
    """`12.5 MiB`."""
    return UNKNOWN if size_bytes is None else f"{size_bytes / 2**20:.1f} MiB"


def seconds(time_s: float | None) -> str:
    """A measured time: `0.61 s`; below 0.1 s in milliseconds, `61.2 ms`."""
    if time_s is None:
        return UNKNOWN
    return f"{time_s:.2f} s" if time_s >= 0.1 else f"{time_s * 1e3:.1f} ms"


def nanoseconds(time_ns: float | None) -> str:
    """A measured time with three significant digits: `64 µs`, `5.12 ms`, `1.02 s`."""
    if time_ns is None:
        return UNKNOWN
    for unit, size in (("µs", 1e3), ("ms", 1e6)):
        if time_ns < 999.5 * size:
            return f"{time_ns / size:.3g} {unit}"
    return f"{time_ns / 1e9:.3g} s"


def duration(time_s: float) -> str:
    """A chosen time, in full: `0.05 ms`, `5 ms`, `1 s`, `2.5 s`."""
    return f"{time_s * 1e3:g} ms" if time_s < 1 else f"{time_s:g} s"


def ago(age_ns: int) -> str:
    """The age of something: `250 ms`, `3.2 s`."""
    return f"{age_ns / 1e9:.1f} s" if age_ns >= 10**9 else f"{age_ns / 1e6:.0f} ms"


def time_left(time_s: float | None) -> str:
    """`12 s left`, `3 min left`."""
    if time_s is None:
        return f"time left: {UNKNOWN}"
    return f"{time_s:.0f} s left" if time_s < 100 else f"{time_s / 60:.0f} min left"


def version(python: str) -> str:
    """`3.14`, `3.13t` of `3.14.1`, `3.13.5t`."""
    return ".".join(python.split(".")[:2]) + ("t" if python.endswith("t") else "")


def interpreter_names(pythons: Iterable[str]) -> dict[str, str]:
    """The shortest names that distinguish several interpreters: the full version only where two share a short one.

    Empty for a single interpreter, whose name need not be shown.
    """
    known = {python for python in pythons if python}
    count = Counter(map(version, known))
    names = {python: version(python) if count[version(python)] == 1 else python for python in known}
    return names if len(names) > 1 else {}


def position(time_ns: int, decimals: int, longest_ns: int = 0) -> str:
    """A time since the beginning: `1:02.5`, `1:00:02.5`; as wide as that of `longest_ns`."""
    tick_ns = 10 ** (9 - decimals)
    minutes, rest = divmod(time_ns // tick_ns, 60 * 10**decimals)
    seconds, fraction = divmod(rest, 10**decimals)
    hours, minute = divmod(minutes, 60)
    clock = f"{hours}:{minute:02d}" if hours else str(minute)
    width = len(position(longest_ns, decimals)) if longest_ns else 0
    return f"{clock}:{seconds:02d}.{fraction:0{decimals}d}".rjust(width)
