"""Slow motion: a moment of the timeline that moves slowly, with the lanes around it. Immutable.

Its lanes are those of one snapshot, so that nothing changes while it is on screen. Where they end, it goes on with the
newest snapshot, since measuring has gone on. The clock is passed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pconc_tui.protocol.block import State
from pconc_tui.protocol.lane_source import Source
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.text.numbers import duration
from pconc_tui.timeline.handoffs import Handoff, Lane, handoffs
from pconc_tui.timeline.spans import Span, pieces_between, spans_of
from pconc_tui.timeline.steps import Scene, Step
from pconc_tui.timeline.turns import LaneSpans
from pconc_tui.ui.drawing.timeline_window import TimelineWindow, began, clock, split_ns

SLOWNESS = (10, 20, 50, 100, 200, 500, 1000)
"""How many times slower than in reality: 100 is written 1/100."""
DEFAULT = 200
DEFAULT_SWITCH_S = 0.005
"""CPython's default switch interval."""
INTERVALS = (1, 2, 5, 10, 20)
"""How many switch intervals can be in sight."""
PAST = 0.6
"""The part of them that lies before the moment."""
SLOWEST_HZ = 100
"""The rate of samples where it is not known yet."""
LONGEST_S = 0.25
"""After a longer time without a frame it goes on from where it was: the program was suspended, or the machine busy."""

NO_SCENE = Scene(0, 0, (), {}, [])


@dataclass(frozen=True)
class SlowMotion:
    """The moment, how fast it moves, and what all lanes do around it."""

    snapshot: Snapshot = field(repr=False, compare=False)
    """The lanes that are played."""
    position_ns: int
    scene: Scene = field(repr=False, compare=False)
    """The lanes around the moment, as far as they are in sight, and further."""
    slowness: int = DEFAULT
    intervals: int = 5
    """How many switch intervals are in sight."""
    paused: bool = False
    seen_s: float = 0.0
    """When the moment was last moved, by the clock that is passed in."""

    @classmethod
    def start(cls, snapshot: Snapshot, window: TimelineWindow, now_s: float, slowness: int) -> SlowMotion | None:
        """At the first hand-off that the timeline shows, or at its left end; None: no worker has run."""
        if not any(worker.started_ns for worker in snapshot.workers):
            return None
        first_ns = max(window.start_ns, split_ns(snapshot) or began(snapshot))
        first_ns = max(began(snapshot), min(first_ns, clock(snapshot) - window.span_ns))
        started_ns = max(worker.started_ns or 0 for worker in snapshot.workers)
        if started_ns < min((worker.ended_ns or clock(snapshot)) for worker in snapshot.workers):
            first_ns = max(first_ns, started_ns)
        made = cls(snapshot, first_ns, NO_SCENE, slowness, seen_s=now_s)
        found = handoffs(made._lanes, first_ns, max(first_ns, min(window.end_ns, made.ended_ns)))
        # Its turn is seen from a while before it ends.
        position_ns = found[0].time_ns - made.switch_ns // 2 if found else first_ns
        return made.at(max(made.began_ns, position_ns), now_s)

    @property
    def _lanes(self) -> list[Lane]:
        return [Lane(worker.id, worker.gil, worker.history) for worker in self.snapshot.workers]

    @property
    def began_ns(self) -> int:
        """The first moment."""
        return min((worker.launched_ns for worker in self.snapshot.workers), default=0)

    @property
    def ended_ns(self) -> int:
        """The last moment that the lanes show."""
        return clock(self.snapshot)

    @property
    def switch_ns(self) -> int:
        """The switch interval of the lab in which the workers run."""
        version = self.snapshot.workers[0].python if self.snapshot.workers else ""
        labs = sorted(self.snapshot.labs, key=lambda lab: (lab.version or "") != version.removesuffix("t"))
        return round(next((lab.switch_interval_s for lab in labs if lab.switch_interval_s), DEFAULT_SWITCH_S) * 1e9)

    @property
    def span_ns(self) -> int:
        """How much time is in sight."""
        return self.intervals * self.switch_ns

    @property
    def start_ns(self) -> int:
        """The time at the left end."""
        return self.position_ns - round(PAST * self.span_ns)

    @property
    def is_over(self) -> bool:
        """Whether it has come to the end of what has been measured."""
        return self.position_ns >= self.ended_ns

    @property
    def speed(self) -> str:
        """The speed in words: `1/100: 5 ms take 0.5 s`."""
        return f"1/{self.slowness}: {duration(self.switch_ns / 1e9)} take {self.switch_ns * self.slowness / 1e9:.3g} s"

    def at(self, position_ns: int, now_s: float) -> SlowMotion:
        """At this moment, or the nearest that there is; the scene is made anew where it no longer reaches."""
        moved = replace(self, position_ns=max(self.began_ns, min(position_ns, self.ended_ns)), seen_s=now_s)
        start_ns = moved.start_ns
        if self.scene.start_ns <= start_ns and start_ns + self.span_ns <= self.scene.end_ns:
            return moved
        return replace(moved, scene=moved._scene(start_ns - self.span_ns, start_ns + 3 * self.span_ns))

    def _scene(self, start_ns: int, end_ns: int) -> Scene:
        lanes = [_lane_spans(worker, start_ns - 2 * self.span_ns, end_ns) for worker in self.snapshot.workers]
        return Scene.of(lanes, self.switch_ns, start_ns, end_ns)

    def advanced(self, now_s: float, latest: Snapshot) -> SlowMotion:
        """After the time that has passed; `latest` is where the lanes go on when these end."""
        if self.paused:
            return self
        passed_s = now_s - self.seen_s
        going = self._renewed(latest) if self.start_ns + self.span_ns > self.ended_ns else self
        if not 0 <= passed_s <= LONGEST_S:
            return replace(going, seen_s=now_s)
        return going.at(self.position_ns + round(passed_s * 1e9 / self.slowness), now_s)

    def _renewed(self, latest: Snapshot) -> SlowMotion:
        """With the newest lanes, if these workers are still among them."""
        same = {worker.id for worker in self.snapshot.workers} <= {worker.id for worker in latest.workers}
        if not same or latest.now_ns == self.snapshot.now_ns:
            return self
        return replace(self, snapshot=latest, scene=NO_SCENE)

    def toggled(self, now_s: float) -> SlowMotion:
        """Paused, or playing again."""
        return replace(self, paused=not self.paused, seen_s=now_s)

    def faster(self, by: int) -> SlowMotion:
        """By a step, up (1) or down (-1)."""
        further = [each for each in SLOWNESS if (each < self.slowness if by > 0 else each > self.slowness)]
        return replace(self, slowness=further[-1 if by > 0 else 0]) if further else self

    def zoomed(self, by: int, now_s: float) -> SlowMotion:
        """One step in (-1) or out (1), around the moment."""
        index = max(0, min(INTERVALS.index(self.intervals) + by, len(INTERVALS) - 1))
        return replace(self, intervals=INTERVALS[index]).at(self.position_ns, now_s)

    def stepped(self, by: int, now_s: float) -> SlowMotion:
        """Paused at the next hand-off (1) or the one before (-1); without hand-offs, at the next or the last step."""
        times = self._later() if by > 0 else self._earlier()
        return replace(self.at(next(times, self.position_ns), now_s), paused=True)

    def _later(self) -> Iterator[int]:
        """The times of the hand-offs after the moment, searched in longer and longer periods; then those of steps."""
        start_ns, length_ns = self.position_ns + 1, self.span_ns
        while start_ns < self.ended_ns:
            yield from (each.time_ns for each in self._handoffs(start_ns, start_ns + length_ns))
            start_ns, length_ns = start_ns + length_ns, 2 * length_ns
        yield from (step.time_ns for step in self._steps() if step.time_ns > self.position_ns)

    def _earlier(self) -> Iterator[int]:
        end_ns, length_ns = self.position_ns, self.span_ns
        while end_ns > self.began_ns:
            yield from (each.time_ns for each in reversed(self._handoffs(end_ns - length_ns, end_ns)))
            end_ns, length_ns = end_ns - length_ns, 2 * length_ns
        yield from (step.time_ns for step in reversed(self._steps()) if step.time_ns < self.position_ns)

    def _handoffs(self, start_ns: int, end_ns: int) -> list[Handoff]:
        """Those of this period; lanes are read from further back, so that the giver of the first is known."""
        found = handoffs(self._lanes, start_ns - 4 * self.span_ns, min(end_ns, self.ended_ns))
        return [each for each in found if each.time_ns >= start_ns]

    def _steps(self) -> list[Step]:
        return self.scene.steps


def _lane_spans(worker: Worker, start_ns: int, end_ns: int) -> LaneSpans:
    """What a worker did in this period."""
    spans: list[Span] = []
    while not spans or (spans[0].state is State.CORE_WAIT and spans[0].start_ns > worker.launched_ns):
        # Whether a worker that waits for a core holds the GIL is known from what it did before.
        start_ns = spans[0].start_ns - 1 if spans else start_ns
        pieces = pieces_between(worker.history, start_ns, end_ns)
        spans = [span for piece in pieces for span in spans_of(piece, start_ns, end_ns)]
        if not spans:
            break
    thread = worker.pid if worker.model == "asyncio" else None
    asked = [span.start_ns for span in spans if span.state is State.ASKING]
    measured = asked if asked or worker.source == Source.KERNEL else None
    return LaneSpans(worker.id, worker.gil, _waits_joined(spans), thread, _blur_ns(worker), worker.ended_ns, measured)


def _waits_joined(spans: list[Span]) -> list[Span]:
    """The spans with each wait for the GIL in one: a moment in which it asks for the GIL is part of the wait."""
    found: list[Span] = []
    for span in spans:
        state = State.GIL_WAIT if span.state is State.ASKING else span.state
        if found and state is State.GIL_WAIT is found[-1].state and not (span.mixed or found[-1].mixed):
            found[-1] = found[-1]._replace(end_ns=span.end_ns)
        else:
            found.append(span._replace(state=state))
    return found


def _blur_ns(worker: Worker) -> int:
    """From one sample to the next of a sampled lane; 0: the worker reported itself."""
    if worker.source != Source.SAMPLED:
        return 0
    return round(1e9 / ((worker.sampling and worker.sampling.rate_hz) or SLOWEST_HZ))
