"""Damaged recordings: what is whole is shown as it was, the rest is unknown or refused in one line."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from pconc_tui.recording.file_format import RecordingError
from pconc_tui.recording.reader import Recording
from pconc_tui.snapshot import Snapshot
from tests.recording.damage import DAMAGE, assert_as_it_was, read_damaged, whole_recording

TRIALS = 15
"""For each kind of damage; `tests.bench recording` tries more."""


class Made(NamedTuple):
    """A recording that is whole."""

    data: bytes
    snapshots: dict[int, Snapshot]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A recording of 12 s."""
    path = tmp_path_factory.mktemp("made") / "made.json.gz"
    snapshots = whole_recording(path)
    return Made(path.read_bytes(), snapshots)


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda each: each.__name__)
def test_what_a_damaged_file_shows_is_what_was(damage, made: Made, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path, read = tmp_path / "damaged.json.gz", 0
    for seed in range(TRIALS):
        random = Random(seed)
        path.write_bytes(damage(made.data, random))
        read += not read_damaged(path, made.snapshots, random)
    assert read


def test_a_cut_file_replays_up_to_the_cut(made: Made, tmp_path: Path) -> None:
    path, random = tmp_path / "cut.json.gz", Random(1)
    times_ns = list(made.snapshots)
    last = 0
    for size in sorted(random.randrange(8000, len(made.data)) for _ in range(40)):
        path.write_bytes(made.data[:size])
        with closing(Recording.open(str(path))) as recording:
            count = len(recording.frame_times)
            assert list(recording.frame_times) == times_ns[:count]
            assert count >= last
            assert_as_it_was(recording.at(recording.ended_ns), made.snapshots[recording.ended_ns])
        # A flush comes each second, and what was compressed before it can be read.
        assert count >= len(times_ns) * size / len(made.data) - 15
        last = count
    path.write_bytes(made.data[:100])
    with pytest.raises(RecordingError, match="can't read"):
        Recording.open(str(path))


def test_where_a_segment_is_missing_the_histories_before_it_are_unknown(made: Made, tmp_path: Path) -> None:
    path = tmp_path / "without.json.gz"
    path.write_bytes(made.data)
    with closing(Recording.open(str(path))) as recording:
        starts = [head.offset for head in recording._heads]
    assert len(starts) == 3
    path.write_bytes(made.data[: starts[1]] + made.data[starts[2] :])
    with closing(Recording.open(str(path))) as recording:
        shown, was = recording.at(recording.ended_ns), made.snapshots[recording.ended_ns]
        assert_as_it_was(shown, was)
        unknown = [span for span in shown.workers[0].history[0] if span.state.name == "UNKNOWN"]
        assert unknown[0].start_ns == was.workers[0].launched_ns
        # The frames before it are as they were.
        assert_as_it_was(recording.at(recording.began_ns), made.snapshots[recording.began_ns])
