"""The recorder: the file as other programs read it, the last minute, and what ends a recording."""

from __future__ import annotations

import gzip
import json
import os
import resource
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from pconc_tui.measurement import Counters, Wait
from pconc_tui.protocol.block import State
from pconc_tui.recording import last_minute
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.recorder import Recorder
from pconc_tui.recording.trace_events import STATE_NAMES
from pconc_tui.snapshot import LogLine, Snapshot
from pconc_tui.timeline.handoffs import Lane, handoffs
from tests.recording.damage import assert_as_it_was
from tests.recording.made_snapshots import made_snapshots

S = 1_000_000_000


def recorded(path: Path, snapshots: Iterator[Snapshot]) -> list[Snapshot]:
    """Record these Snapshots into the file."""
    recorder, kept = Recorder(str(path), False, "made"), list(snapshots)
    recorder.began_ns = S
    for snapshot in kept:
        recorder.add(snapshot)
    recorder.close()
    return kept


def test_a_file_is_plain_gzip_with_one_json_array_of_trace_events(tmp_path: Path) -> None:
    path = tmp_path / "made.json.gz"
    *_, before_last, last = recorded(path, made_snapshots(3, 7))
    events = json.loads(gzip.decompress(path.read_bytes()))
    assert all({"name", "ph", "pid", "tid"} <= event.keys() for event in events)
    kinds = Counter(event["ph"] for event in events)
    spans = [span for worker in last.workers for piece in worker.history for span in piece]
    slices = [event for event in events if event["ph"] == "X"]
    # The last few spans of each lane are provisional; the last frame has them.
    assert len(spans) - 3 * 3 <= len(slices) <= len(spans)
    assert {(round(event["ts"] * 1000), round(event["dur"] * 1000)) for event in slices} <= {
        (span.start_ns - S, span.end_ns - span.start_ns) for span in spans
    }
    found = handoffs([Lane(each.id, each.gil, each.history) for each in last.workers], 0, last.now_ns)
    arrows = [event for event in events if event["name"] == "hand-off"]
    taken = [(event["ts"], event["tid"]) for event in arrows if event["ph"] == "f"]
    # What only the last frame has may still change.
    assert len(taken) >= sum(each.time_ns < before_last.now_ns for each in found)
    found = found[: len(taken)]
    assert taken == [((each.time_ns - S) / 1000, each.taker) for each in found]
    givers = {event["id"]: (event["ts"], event["tid"]) for event in arrows if event["ph"] == "s"}
    assert [givers[event["id"]][1] for event in arrows if event["ph"] == "f"] == [each.giver for each in found]
    assert kinds["s"] == kinds["f"] == len(found) > 1000
    names = {event["args"]["name"] for event in events if event["name"] == "thread_name"}
    assert names == {"launches and results", *(f"Thread-{n} cpu-bound calls" for n in (1, 2, 3))}


def test_every_state_has_a_name() -> None:
    assert STATE_NAMES.keys() == set(State)
    assert len(set(STATE_NAMES.values())) == len(State)


def test_marks_counters_and_log_lines_are_found_again(tmp_path: Path) -> None:
    path = tmp_path / "made.json.gz"
    deadlock = (Wait("Thread-1", "A", "Thread-2"), Wait("Thread-2", "B", "Thread-1"))

    def snapshots() -> Iterator[Snapshot]:
        for number, each in enumerate(made_snapshots(2, 12)):
            lines = tuple(LogLine(0.1 * n, "Thread-1", f"line {n} \u2028 \udc80") for n in range(number))
            stuck = deadlock if number >= 70 else ()
            counted = Counters("lost-update", "no lock", "threads", 2, False, value=number, expected=2 * number)
            yield replace(each, log=lines, log_began_ns=S, counters=(replace(counted, deadlock=stuck),))

    kept = recorded(path, snapshots())
    events = json.loads(gzip.decompress(path.read_bytes()))
    with closing(Recording.open(str(path))) as recording:
        assert [(mark.kind, mark.time_ns) for mark in recording.marks] == [
            ("launch", kept[0].now_ns),
            ("deadlock", kept[70].now_ns),
        ]
        assert recording.at(kept[90].now_ns).log == kept[90].log
        assert recording.sources(kept[90].now_ns)["lost-update"].text
        assert recording.about["what"] == "made"
        handoff_ns = recording.next_handoff(kept[60].now_ns)
        assert handoff_ns is not None
        assert recording.previous_handoff(handoff_ns + 1) == handoff_ns
        assert recording.next_handoff(kept[-1].now_ns) is None
        assert recording.previous_handoff(S) is None
    lost = [event["args"]["value"] for event in events if event["name"].startswith("lost updates")]
    assert lost == list(range(120))
    lines = [event for event in events if event["name"].startswith("line ")]
    assert [event["ts"] for event in lines] == pytest.approx([1e5 * n for n in range(119)])
    assert {event["tid"] for event in lines} == {1}


def test_the_last_minute_is_kept_and_no_more(tmp_path: Path) -> None:
    recorder, kept = Recorder(None, True, "made"), list(made_snapshots(2, 75))
    for snapshot in kept:
        recorder.add(snapshot)
    memory = recorder.last_minute_bytes
    path = tmp_path / "minute.json.gz"
    recorder.save_last_minute(str(path))
    json.loads(gzip.decompress(path.read_bytes()))
    assert 0.5 * path.stat().st_size < memory < 1.1 * path.stat().st_size
    with closing(Recording.open(str(path))) as recording:
        assert recording.ended_ns == kept[-1].now_ns
        assert 60 * S <= recording.ended_ns - recording.began_ns <= 66 * S
        shown = recording.at(recording.ended_ns)
        assert_as_it_was(shown, kept[-1])
        # What was before that minute is no longer known.
        assert shown.workers[0].history[0][0].state.name == "UNKNOWN"
    # Recording goes on, and can be saved again.
    more = replace(kept[-1], now_ns=kept[-1].now_ns + S)
    recorder.add(more)
    recorder.save_last_minute(str(tmp_path / "again.json.gz"))
    with closing(Recording.open(str(tmp_path / "again.json.gz"))) as recording:
        assert recording.at(more.now_ns).now_ns == more.now_ns
    with pytest.raises(FileExistsError):
        recorder.save_last_minute(str(path))


def test_the_memory_of_the_last_minute_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_minute, "MAX_BYTES", 100_000)
    recorder = Recorder(None, True, "made")
    for snapshot in made_snapshots(4, 30):
        recorder.add(snapshot)
        # One segment more than the limit, which is about 60 kB.
        assert recorder.last_minute_bytes < 200_000


def test_a_full_disk_ends_the_recording_and_nothing_else() -> None:
    recorder = Recorder("/dev/full", True, "made")
    for snapshot in made_snapshots(4, 12):
        recorder.add(snapshot)
    assert recorder.problem == "the recording has ended: /dev/full: No space left on device"
    assert recorder.path is None
    assert recorder.last_minute_bytes
    recorder.close()


def test_a_file_that_grows_no_further_can_be_read_up_to_there(tmp_path: Path) -> None:
    path, limits = tmp_path / "limited.json.gz", resource.getrlimit(resource.RLIMIT_FSIZE)
    recorder, kept = Recorder(str(path), False, "made"), list(made_snapshots(4, 12))
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (80_000, limits[1]))
    try:
        for snapshot in kept:
            recorder.add(snapshot)
        recorder.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert recorder.problem == f"the recording has ended: {path}: File too large"
    assert path.stat().st_size == 80_000
    with closing(Recording.open(str(path))) as recording:
        assert_as_it_was(recording.at(recording.ended_ns), kept[len(recording.frame_times) - 1])
        assert len(recording.frame_times) > len(kept) / 3


def test_snapshots_in_quick_succession_are_all_recorded(tmp_path: Path) -> None:
    path = tmp_path / "quick.json.gz"
    (first,) = islice(made_snapshots(2, 1), 1)
    quick = [replace(first, now_ns=first.now_ns + n * 1_000_000) for n in range(30)]
    recorded(path, iter(quick))
    with closing(Recording.open(str(path))) as recording:
        assert [*recording.frame_times] == [each.now_ns for each in quick]


def test_no_file_without_permission(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Is a directory"):
        Recorder(str(tmp_path), False, "made")
    assert os.listdir(tmp_path) == []
