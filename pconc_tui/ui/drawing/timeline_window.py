"""The period that the timeline shows: live, held like the trace of an oscilloscope, or frozen. Immutable."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pconc_tui.snapshot import Snapshot
from pconc_tui.text.numbers import ago, duration

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


def clock(snapshot: Snapshot) -> int:
    """The newest time that the timeline can show. It stops when the last worker has ended, to keep that in sight."""
    if not snapshot.workers or any(worker.alive for worker in snapshot.workers):
        return snapshot.now_ns - LAG_NS
    ended = max(worker.ended_ns or worker.launched_ns for worker in snapshot.workers)
    return min(snapshot.now_ns, ended + MS)


@dataclass(frozen=True)
class TimelineWindow:
    """A number of cells of equal length, on a grid of absolute time, so that a cell never changes as time passes."""

    zoom: int = DEFAULT
    """Index into `WIDTHS_MS`."""
    cells: int = 1
    """How many cells are shown."""
    last: int = 0
    """The number of the last cell shown, plus 1."""
    moved_ns: int = 0
    """When the window was last moved to the newest time."""
    frozen: bool = False
    chosen: bool = False
    """Whether the user has chosen the width."""

    @property
    def span_ns(self) -> int:
        return WIDTHS_MS[self.zoom] * MS

    @property
    def cell_ns(self) -> int:
        return max(1, self.span_ns // self.cells)

    @property
    def end_ns(self) -> int:
        return self.last * self.cell_ns

    @property
    def start_ns(self) -> int:
        return (self.last - self.cells) * self.cell_ns

    @property
    def held(self) -> bool:
        """Whether the window moves only once a second."""
        return WIDTHS_MS[self.zoom] < HELD_BELOW_MS

    def suited(self, width_ms: int, snapshot: Snapshot) -> TimelineWindow:
        """With this width, unless the user has chosen one; 0: with all that the workers have done in sight."""
        if self.chosen or self.frozen:
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
            return resized.ending_at(self.end_ns) if self.frozen else resized.at_newest(snapshot)
        if self.frozen:
            return self
        if self.held:
            newest = max((worker.launched_ns for worker in snapshot.workers), default=0)
            period = RENEWED_EARLY_NS if snapshot.now_ns - newest < RENEWED_NS else RENEWED_NS
            if 0 <= snapshot.now_ns - self.moved_ns < period:
                return self
        return self.at_newest(snapshot)

    def at_newest(self, snapshot: Snapshot) -> TimelineWindow:
        """The window that ends at the newest time."""
        last = -(-clock(snapshot) // self.cell_ns)
        if not self.held and last == self.last:
            return self
        return replace(self, last=last, moved_ns=snapshot.now_ns)

    def ending_at(self, end_ns: int) -> TimelineWindow:
        """The window that ends at this time, rounded up to a cell."""
        return replace(self, last=-(-end_ns // self.cell_ns))

    def zoomed(self, by: int, snapshot: Snapshot) -> TimelineWindow:
        """One step in (-1) or out (+1): around the middle if frozen, else up to the newest time."""
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
        return replace(self, last=self.last + step, frozen=True)._within(snapshot)

    def _within(self, snapshot: Snapshot) -> TimelineWindow:
        first_ns = min((worker.launched_ns for worker in snapshot.workers), default=snapshot.now_ns)
        latest = -(-clock(snapshot) // self.cell_ns)
        earliest = min(latest, first_ns // self.cell_ns + self.cells)
        return replace(self, last=max(earliest, min(self.last, latest)))

    def toggled(self, snapshot: Snapshot) -> TimelineWindow:
        """Frozen, or live again."""
        return replace(self, frozen=False).at_newest(snapshot) if self.frozen else replace(self, frozen=True)

    def described(self, now_ns: int) -> tuple[str, str]:
        """Its width and its mode, in words."""
        width = duration(self.span_ns / 1e9)
        if self.frozen:
            return width, f"frozen, {ago(max(0, now_ns - self.end_ns))} ago"
        return width, "held, renewed every second" if self.held else "live"
