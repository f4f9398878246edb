"""The safety net of a tour: the recorded run of a step, for when its real one does not bear out what it claims."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import NamedTuple

from pconc_tui import experiments
from pconc_tui.recording.file_format import RecordingError
from pconc_tui.recording.marks import Mark
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.replay import Replay
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from pconc_tui.text.headline import Kind, kind_of
from pconc_tui.tours import values
from pconc_tui.tours.claim import Samples
from pconc_tui.tours.step_run import SAMPLE_NS, SETTLED_NS, StepRun
from pconc_tui.tours.tour import Do, Settings, Tour, note
from pconc_tui.tours.walk import Phase, Walk

BEFORE_NS = 300_000_000
"""The recorded run is shown from this long before it begins."""


class Part(NamedTuple):
    """The part of a recording that shows a step."""

    start_ns: int
    end_ns: int


def is_offered(walk: Walk | None) -> bool:
    """Whether there is a recorded run, and a reason to show it."""
    if walk is None or not walk.step.recording:
        return False
    return walk.phase is Phase.SKIPPED or (walk.phase is Phase.REVEALED and not walk.claims_hold)


def open_run(walk: Walk, clock: Callable[[], int]) -> tuple[Replay, Walk]:
    """The recorded run of the present step, and the tour with its figures. Raises RecordingError."""
    recording = Recording.open(walk.step.recording)
    part = part_of(recording, walk.tour, walk.index)
    return Replay(recording, clock, part), recorded(walk, recording, part)


def problem(walk: Walk) -> str:
    """Why the present step's recording can't stand in for its run; empty: it can."""
    try:
        with closing(Recording.open(walk.step.recording)) as recording:
            part = _part_of(recording, walk.tour, walk.index)
            return "" if part else f"{walk.step.recording} does not show this step"
    except RecordingError as error:
        return str(error)


def part_of(recording: Recording, tour: Tour, index: int) -> Part:
    """The part that shows this step, or the whole."""
    return _part_of(recording, tour, index) or Part(recording.began_ns, recording.ended_ns)


def _part_of(recording: Recording, tour: Tour, index: int) -> Part | None:
    """From the note of this step to the next one; without such a note, from the first run that is the step's."""
    step = tour.steps[index]
    notes = [each for each in recording.marks if each.kind == "note"]
    own = next((each for each in reversed(notes) if each.text == note(tour, step)), None)
    runs = [each for each in recording.marks if each.kind in ("launch", "measurement")]
    if own is not None:
        end_ns = next((each.time_ns for each in notes if each.time_ns > own.time_ns), recording.ended_ns)
        first = next((each for each in runs if own.time_ns <= each.time_ns < end_ns), own)
        return Part(max(own.time_ns, first.time_ns - BEFORE_NS), end_ns)
    found = (each for each in runs if step.settings and _runs(recording, each, step.settings))
    start_ns = next((each.time_ns - BEFORE_NS for each in found), None)
    return None if start_ns is None else Part(max(recording.began_ns, start_ns), recording.ended_ns)


def _runs(recording: Recording, mark: Mark, settings: Settings) -> bool:
    """Whether what began at this mark is what a step with these settings runs."""
    snapshot = recording.at(mark.time_ns)
    wanted = settings.experiment, settings.variant, settings.model
    if (progress := snapshot.progress) is not None:
        return (progress.experiment, progress.variant, progress.model) == wanted
    return any(kind_of(each)[:3] == wanted for each in snapshot.workers if each.alive)


def recorded(walk: Walk, recording: Recording, part: Part) -> Walk:
    """The tour revealing the figures of the recorded run, as far as the recording has them."""
    settings = walk.step.settings
    if settings is None or walk.step.do not in (Do.LAUNCH, Do.MEASURE):
        return walk
    variant = settings.variant or experiments.load(settings.experiment).variant
    kind = Kind(settings.experiment, variant, settings.model, "")
    frame = recording.at(part.end_ns)
    samples = _measured(frame, kind, part) if walk.step.do is Do.MEASURE else _observed(recording, walk, kind, part)
    if not samples:
        return walk
    request = Request(settings.experiment, variant, settings.model, settings.workers, settings.scale)
    run = StepRun(walk.step, request, kind, samples=samples, done=True)
    return replace(walk, run=run, phase=Phase.REVEALED)


def _measured(frame: Snapshot, kind: Kind, part: Part) -> Samples:
    return tuple(
        values.of_measurement(each)
        for each in frame.measurements
        if kind_of(each)[:3] == kind[:3] and part.start_ns <= each.ended_ns <= part.end_ns and not each.problem
    )


def _observed(recording: Recording, walk: Walk, kind: Kind, part: Part) -> Samples:
    """A sample a second, as of a real run."""
    if not experiments.load(kind.experiment).endless:
        frame = recording.at(part.end_ns)
        return (values.of_now(frame, kind),) if values.of_kind(frame, kind) else ()
    return tuple(values.of_now(recording.at(time_ns), kind) for time_ns in _sampled_ns(recording, walk, kind, part))


def _sampled_ns(recording: Recording, walk: Walk, kind: Kind, part: Part) -> Iterator[int]:
    started = [
        each.started_ns
        for each in values.of_kind(recording.at(min(part.end_ns, part.start_ns + 2 * SETTLED_NS)), kind)
        if each.started_ns is not None
    ]
    for number in range(walk.step.times if started else 0):
        time_ns = max(started) + SETTLED_NS + number * SAMPLE_NS
        if time_ns <= part.end_ns:
            yield time_ns
