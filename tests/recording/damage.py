"""Recordings that are damaged at random, and what reading them must keep to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from itertools import chain
from pathlib import Path
from random import Random

from pconc_tui.protocol.block import State
from pconc_tui.recording.file_format import RecordingError
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.recorder import Recorder
from pconc_tui.snapshot import Snapshot, Worker
from tests.recording.made_snapshots import made_snapshots


def whole_recording(path: Path, workers: int = 4, seconds: float = 12) -> dict[int, Snapshot]:
    """Record there; the Snapshots by time."""
    recorder = Recorder(str(path), False, "made")
    recorder.began_ns = 0
    kept = {}
    for snapshot in made_snapshots(workers, seconds):
        recorder.add(snapshot)
        kept[snapshot.now_ns] = snapshot
    recorder.close()
    return kept


def cut(data: bytes, random: Random) -> bytes:
    """The first part of it."""
    return data[: random.randrange(len(data))]


def flipped_bits(data: bytes, random: Random) -> bytes:
    """It with some bits changed."""
    found = bytearray(data)
    for _ in range(random.choice((1, 1, 3, 30))):
        found[random.randrange(len(found))] ^= 1 << random.randrange(8)
    return bytes(found)


def zeroed(data: bytes, random: Random) -> bytes:
    """It with a stretch of zeros, as a file system leaves after a crash."""
    start = random.randrange(len(data))
    length = min(random.choice((1, 100, 5000, 50_000)), len(data) - start)
    return data[:start] + bytes(length) + data[start + length :]


def without_a_part(data: bytes, random: Random) -> bytes:
    """It without a part in the middle."""
    start = random.randrange(len(data))
    return data[:start] + data[start + random.choice((1, 100, 5000, 50_000)) :]


def repeated(data: bytes, random: Random) -> bytes:
    """A part of it is there twice."""
    start, end = sorted((random.randrange(len(data)), random.randrange(len(data))))
    return data[:end] + data[start:]


def noise(data: bytes, random: Random) -> bytes:
    """A stretch of it is random."""
    start = random.randrange(len(data))
    length = min(random.choice((1, 100, 5000)), len(data) - start)
    return data[:start] + random.randbytes(length) + data[start + length :]


DAMAGE: tuple[Callable[[bytes, Random], bytes], ...] = (cut, flipped_bits, zeroed, without_a_part, repeated, noise)


def read_damaged(path: Path, original: Mapping[int, Snapshot], random: Random) -> str:
    """Read a damaged recording as a replay does; what is shown must be what was, or of unknown state.

    Returns the reason why it can't be read at all, or else an empty text. Raises AssertionError.
    """
    try:
        recording = Recording.open(str(path))
    except RecordingError as error:
        return _one_line(error)
    with closing(recording):
        times_ns = list(recording.frame_times)
        assert set(times_ns) <= original.keys()
        assert times_ns == sorted(times_ns)
        for time_ns in (times_ns[0], times_ns[-1], *random.choices(times_ns, k=3)):
            try:
                shown = recording.at(time_ns)
            except RecordingError as error:
                _one_line(error)
                continue
            assert_as_it_was(shown, original[shown.now_ns])
            recording.next_handoff(time_ns)
            recording.previous_handoff(time_ns)
    return ""


def _one_line(error: RecordingError) -> str:
    text = str(error)
    assert text
    assert "\n" not in text
    return text


def assert_as_it_was(shown: Snapshot, was: Snapshot) -> None:
    """All figures are those that were; so are all spans but those of unknown state."""
    assert _without_histories(shown) == _without_histories(was)
    for worker, before in zip(shown.workers, was.workers, strict=True):
        spans = set(chain.from_iterable(before.history))
        end_ns = worker.launched_ns
        for span in chain.from_iterable(worker.history):
            assert span.start_ns == end_ns
            assert span in spans or span.state is State.UNKNOWN
            end_ns = span.end_ns
        assert end_ns == max(span.end_ns for span in spans)


def _without_histories(snapshot: Snapshot) -> Snapshot:
    def without(worker: Worker) -> Worker:
        return replace(worker, history=())

    return replace(snapshot, workers=tuple(map(without, snapshot.workers)))
