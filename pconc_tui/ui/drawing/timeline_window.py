"""The period that the timeline shows: live, held like the trace of an oscilloscope, or frozen. Immutable.

When a measurement ends, the window is *fitted* to it: it shows the whole of it, and can be zoomed and scrolled within
it, until workers start again or the user goes back to live.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pconc_tui.protocol.lane_source import RECORDS, RECORDS_LAG_NS
from pconc_tui.snapshot import Snapshot
from pconc_tui.text.numbers import ago, duration, nanoseconds

MS = 10**6
WIDTHS_MS = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
DEFAULT = WIDTHS_MS.index(100)

HELD_BELOW_MS = 1000
"""A shorter window is held: it moves once a second, since it could not be read if it moved all the time."""
RENEWED_NS = 1000 * MS
RENEWED_EARLY_NS = 250 * MS
"""The period in the first second after a launch, so that the worker is seen at once."""
LAG_NS = 30 * MS
"""The latest spans are incomplete: the cause of a gap is known only when the gap ends."""


def _lag_ns(snapshot: Snapshot) -> int:
    # The moment that is shown of a program that is watched lies as far back already.
    recorded = snapshot.program is None and any(each.alive and each.source in RECORDS for each in snapshot.workers)
    return RECORDS_LAG_NS if recorded else LAG_NS


def clock(snapshot: Snapshot, lag_ns: int | None = None) -> int:
    """The newest time that the timeline can show. It stops when the last worker has ended, to keep that in sight.

    `lag_ns`: how far it is behind the snapshot while workers live; None: until all is known.
    """
    if not snapshot.workers or any(worker.alive for worker in snapshot.workers):
        return snapshot.now_ns - (_lag_ns(snapshot) if lag_ns is None else lag_ns)
    ended = max(worker.ended_ns or worker.launched_ns for worker in snapshot.workers)
    return min(snapshot.now_ns, ended + MS)


def _held_at(snapshot: Snapshot) -> int:
    """The time at which a held window ends: that of the last renewal.

    Renewals are at round times of the clock, so that a recording shows the same window, however one comes to a time.
    """
    launched_ns = max((worker.launched_ns for worker in snapshot.workers), default=0)
    early_ns = min(snapshot.now_ns, launched_ns + RENEWED_NS)
    renewed_ns = snapshot.now_ns - snapshot.now_ns % RENEWED_NS, early_ns - early_ns % RENEWED_EARLY_NS
    return max(renewed_ns) - _lag_ns(snapshot)


def began(snapshot: Snapshot) -> int:
    """The time of the first launch, that of the one run of a measurement included; now if there was none."""
    workers = (*((snapshot.one_run,) if snapshot.one_run else ()), *snapshot.workers)
    return min((worker.launched_ns for worker in workers), default=snapshot.now_ns)


def split_ns(snapshot: Snapshot) -> int | None:
    """When the N runs of a measurement began, after its one run; None: there was none."""
    return min(worker.launched_ns for worker in snapshot.workers) if snapshot.one_run and snapshot.workers else None


@dataclass(frozen=True)
class Fit:
    """A measurement that has ended, and what is shown of it."""

    began_ns: int
    ended_ns: int
    span_ns: int
    """The width that is shown."""
    middle_ns: int
    """Zooming keeps this time in the middle: that of the N runs, or where the user has scrolled to."""

    @property
    def spans_ns(self) -> tuple[int, ...]:
        """The widths that can be shown, in order; the last is the whole measurement."""
        whole_ns = self.ended_ns - self.began_ns
        return (*(each * MS for each in WIDTHS_MS if each * MS < whole_ns), whole_ns)

    @property
    def is_whole(self) -> bool:
        return self.span_ns == self.spans_ns[-1]


@dataclass(frozen=True)
class TimelineWindow:
    """A number of cells of equal length, on a grid of absolute time, so that a cell never changes as time passes."""

    zoom: int = DEFAULT
    """Index into `WIDTHS_MS`."""
    cells: int = 1
    """How many cells are shown."""
    last: int = 0
    """The number of the last cell shown, plus 1."""
    frozen: bool = False
    """Whether the user has stopped it."""
    chosen: bool = False
    """Whether the user has chosen the width."""
    fit: Fit | None = None
    """The measurement that is shown; None: the window is not fitted to one."""
    exact: bool = False
    """Whether it ends at the snapshot's time: a recording is paused there, or played slowly."""

    @property
    def still(self) -> bool:
        """Whether it stays where it is as time passes."""
        return self.frozen or self.fit is not None

    @property
    def span_ns(self) -> int:
        return self.fit.span_ns if self.fit else WIDTHS_MS[self.zoom] * MS

    @property
    def cell_ns(self) -> int:
        # Cells lie on a grid, so that a whole measurement may begin and end within one.
        return -(-self.span_ns // max(1, self.cells - 1)) if self.fit else max(1, self.span_ns // self.cells)

    @property
    def end_ns(self) -> int:
        return self.last * self.cell_ns

    @property
    def start_ns(self) -> int:
        return (self.last - self.cells) * self.cell_ns

    @property
    def held(self) -> bool:
        """Whether the window moves only once a second."""
        return WIDTHS_MS[self.zoom] < HELD_BELOW_MS and not self.exact

    def suited(self, width_ms: int, snapshot: Snapshot) -> TimelineWindow:
        """With this width, unless the user has chosen one; 0: with all that the workers have done in sight."""
        if self.chosen or self.still:
            return self
        if not width_ms:
            first_ns = min((worker.launched_ns for worker in snapshot.workers), default=0)
            lasted_ms = (clock(snapshot) - first_ns) / MS if first_ns else 0
            width_ms = next((each for each in WIDTHS_MS if each >= 1.05 * lasted_ms), WIDTHS_MS[-1])
        zoom = WIDTHS_MS.index(width_ms)
        return self if zoom == self.zoom else replace(self, zoom=zoom).at_newest(snapshot)

    def advanced(self, snapshot: Snapshot, cells: int) -> TimelineWindow:
        """The window for this snapshot and this many cells; the same object if it has not changed."""
        if cells != self.cells:
            resized = replace(self, cells=max(1, cells))
            return resized.ending_at(self.end_ns)._within(snapshot) if self.still else resized.at_newest(snapshot)
        return self if self.still else self.at_newest(snapshot)

    def at_newest(self, snapshot: Snapshot) -> TimelineWindow:
        """The window that ends at the newest time, or was held at it."""
        end_ns = clock(snapshot, 0 if self.exact else None)
        last = -(-(min(end_ns, _held_at(snapshot)) if self.held else end_ns) // self.cell_ns)
        return self if last == self.last else replace(self, last=last)

    def ending_at(self, end_ns: int) -> TimelineWindow:
        """The window that ends at this time, rounded up to a cell."""
        return replace(self, last=-(-end_ns // self.cell_ns))

    def following(self, before: Snapshot, snapshot: Snapshot) -> TimelineWindow:
        """Fitted if a measurement has ended between these, unless it is frozen; live again once anything starts."""
        ended = snapshot.workers and not snapshot.progress and not any(worker.alive for worker in snapshot.workers)
        if self.fit:
            return self if ended else self.live(snapshot)
        if ended and not self.frozen and len(snapshot.measurements) > len(before.measurements):
            return self._fitted(snapshot)
        return self

    def _fitted(self, snapshot: Snapshot) -> TimelineWindow:
        began_ns, ended_ns = began(snapshot), clock(snapshot)
        middle_ns = ((split_ns(snapshot) or began_ns) + ended_ns) // 2
        fit = Fit(began_ns, ended_ns, ended_ns - began_ns, middle_ns)
        return replace(self, fit=fit).ending_at(ended_ns)

    def zoomed(self, by: int, snapshot: Snapshot) -> TimelineWindow:
        """One step in (-1) or out (+1): around the middle if frozen, else up to the newest time."""
        if self.fit:
            spans = self.fit.spans_ns
            span_ns = spans[max(0, min(spans.index(self.fit.span_ns) + by, len(spans) - 1))]
            closer = replace(self, fit=replace(self.fit, span_ns=span_ns))
            return closer.ending_at(self.fit.middle_ns + span_ns // 2)._within(snapshot)
        zoom = max(0, min(self.zoom + by, len(WIDTHS_MS) - 1))
        if zoom == self.zoom:
            return self
        closer = replace(self, zoom=zoom, chosen=True)
        if not self.frozen:
            return closer.at_newest(snapshot)
        middle = (self.start_ns + self.end_ns) // 2
        return closer.ending_at(middle + closer.span_ns // 2)._within(snapshot)

    def scrolled(self, share: float, snapshot: Snapshot) -> TimelineWindow:
        """The window frozen and moved by a share of its width, within the time that there are spans for."""
        step = max(1, round(abs(share) * self.cells)) * (1 if share > 0 else -1)
        moved = replace(self, last=self.last + step, frozen=self.fit is None)._within(snapshot)
        middle_ns = (moved.start_ns + moved.end_ns) // 2
        return replace(moved, fit=replace(self.fit, middle_ns=middle_ns)) if self.fit else moved

    def _within(self, snapshot: Snapshot) -> TimelineWindow:
        latest = -(-clock(snapshot) // self.cell_ns)
        earliest = min(latest, began(snapshot) // self.cell_ns + self.cells)
        return replace(self, last=max(earliest, min(self.last, latest)))

    def live(self, snapshot: Snapshot) -> TimelineWindow:
        """The window that moves with time, in the width that it has then."""
        return replace(self, frozen=False, fit=None).at_newest(snapshot)

    def toggled(self, snapshot: Snapshot) -> TimelineWindow:
        """Frozen, or live again."""
        return self.live(snapshot) if self.still else replace(self, frozen=True)

    def described(self, now_ns: int) -> tuple[str, str]:
        """Its width and its mode, in words."""
        if self.fit:
            width = nanoseconds(self.span_ns)
            at = nanoseconds(max(0, self.start_ns - self.fit.began_ns))
            return width, "the whole measurement" if self.fit.is_whole else f"of the measurement, from {at}"
        width = duration(self.span_ns / 1e9)
        if self.exact:
            return width, "up to this moment"
        if self.frozen:
            return width, f"frozen, {ago(max(0, now_ns - self.end_ns))} ago"
        return width, "held, renewed every second" if self.held else "live"
