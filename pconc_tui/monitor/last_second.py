"""Growth and rates of running totals over the last second."""

from __future__ import annotations

from collections import deque

from pconc_tui.timeline.spans import Times

WINDOW_NS = 1_000_000_000


class LastSecond:
    """Keeps the totals of the last second, added at any pace."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, tuple[float, ...]]] = deque()

    def __bool__(self) -> bool:
        return bool(self._samples)

    def add(self, now_ns: int, *totals: float) -> None:
        """Add the totals as they are now."""
        self._samples.append((now_ns, totals))
        while len(self._samples) > 2 and self._samples[1][0] <= now_ns - WINDOW_NS:
            self._samples.popleft()

    def growth(self) -> tuple[float, ...] | None:
        """How much each total grew in the window; None before there are two samples."""
        if len(self._samples) < 2:
            return None
        (_, first), (_, last) = self._samples[0], self._samples[-1]
        return tuple([new - old for old, new in zip(first, last, strict=True)])

    def rates(self) -> tuple[float, ...] | None:
        """Growth per second of each total; None before there are two samples."""
        growth = self.growth()
        if growth is None:
            return None
        seconds = (self._samples[-1][0] - self._samples[0][0]) / 1e9
        return tuple([each / seconds for each in growth]) if seconds > 0 else None

    @property
    def rate(self) -> float | None:
        """The rate of the first total."""
        rates = self.rates()
        return None if rates is None else rates[0]


def growing(times: Times) -> tuple[float, ...]:
    """The totals of which `recent_times` makes the times of the last second."""
    return (
        times.running,
        times.gil_wait,
        times.core_wait,
        times.io,
        times.lock_wait,
        times.blocked_with_gil,
    )


def recent_times(growth: tuple[float, ...]) -> Times:
    """The times of the last second, of which what is unknown is no part.

    A provisional wait may have turned out to be of another kind since, so a total can shrink.
    """
    running, gil_wait, core_wait, io, lock_wait, blocked_with_gil = (max(0.0, each) for each in growth)
    return Times(running, gil_wait, core_wait, io, lock_wait, blocked_with_gil=blocked_with_gil)
