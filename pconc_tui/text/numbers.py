"""Numbers as text that keeps its width: what is not known is a dash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

UNKNOWN = "-"


def percent(share: float | None) -> str:
    """A share of one as a whole number, without the sign."""
    return UNKNOWN if share is None else f"{share * 100:.0f}"


def decimal(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f}"


def whole(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.0f}"


def short(value: float | None) -> str:
    """At most six characters, three digits of which count."""
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


def ungrouped(value: float | None) -> str:
    """A whole number without separators: `1204551`."""
    return UNKNOWN if value is None else f"{value:.0f}"


def latency(nanoseconds: float | None) -> str:
    """A time with three significant digits: `64 µs`, `5.12 ms`, `1.02 s`."""
    if nanoseconds is None:
        return UNKNOWN
    for unit, size in (("µs", 1e3), ("ms", 1e6)):
        if nanoseconds < 999.5 * size:
            return f"{nanoseconds / size:.3g} {unit}"
    return f"{nanoseconds / 1e9:.3g} s"


def version(python: str) -> str:
    """`3.14`, `3.13t` of `3.14.1`, `3.13.5t`."""
    return ".".join(python.split(".")[:2]) + ("t" if python.endswith("t") else "")


def interpreter_names(pythons: Iterable[str]) -> dict[str, str]:
    """What to call each of several interpreters: by its whole version where another has the same short one.

    Nothing of one alone, which needs no mention.
    """
    known = {python for python in pythons if python}
    alike = Counter(map(version, known))
    names = {python: version(python) if alike[version(python)] == 1 else python for python in known}
    return names if len(names) > 1 else {}


def duration(seconds: float) -> str:
    """`0.05 ms`, `5 ms`, `1 s`, `2.5 s`."""
    return f"{seconds * 1e3:g} ms" if seconds < 1 else f"{seconds:g} s"


def ago(nanoseconds: int) -> str:
    """How long ago, with what matters of it."""
    return f"{nanoseconds / 1e9:.1f} s" if nanoseconds >= 10**9 else f"{nanoseconds / 1e6:.0f} ms"
