"""Recordings of real workers in the real viewers: every slice, thread, hand-off and counter is there; cut files too."""

from __future__ import annotations

import gzip
import json
import os
import select
from collections import Counter
from collections.abc import Callable
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pconc_tui.commands.recorded_monitor import RecordedMonitor
from pconc_tui.commands.recorded_results import gather, spans
from pconc_tui.recording.clean_copy import clean_copy
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.recorder import Recorder
from pconc_tui.recording.trace_events import STATE_NAMES
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from tests.support import ended, running
from tests.viewers import firefox_profiler, perfetto, profiler_pages, speedscope

Lane = tuple[int, int]
"""The process id and the worker's id, as which viewers see a thread."""


class Recorded(NamedTuple):
    """A recording, and what is in it by our own reader and as plain JSON."""

    path: Path
    slices: dict[Lane, list[tuple[str, int, int]]]
    """Name, start and end in ns of each span, by lane."""
    names: dict[Lane, str]
    events: list[dict[str, Any]]
    """The file as any JSON parser reads it."""

    def count(self, phase: str) -> int:
        return sum(event["ph"] == phase for event in self.events)


def record(path: Path) -> None:
    """Three threads that take turns, a process, lost updates, and lines in the log."""
    monitor = RecordedMonitor(Recorder(str(path), False, "test"))

    def until(condition: Callable[[Snapshot], object]) -> None:
        while not condition(monitor.poll()):
            select.select(monitor.event_fds, [], [], 0.02)

    for _ in range(3):
        monitor.launch(Request("cpu-bound", "calls", "threads"))
    monitor.launch(Request("cpu-bound", "calls", "processes"))
    until(lambda snapshot: running(snapshot) and all(each.total.wall > 1 for each in snapshot.workers))
    monitor.stop_all()
    until(ended)
    monitor.measure(Request("lost-update", "call", "threads", 2, 0.2))
    until(lambda snapshot: snapshot.measurements)
    monitor.close()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    path = tmp_path_factory.mktemp("recorded") / "recording.json.gz"
    record(path)
    recording = Recording.open(str(path))
    slices: dict[Lane, list[tuple[str, int, int]]] = {}
    for last_ns, worker in gather(recording).workers.values():
        for span in spans(recording, last_ns, worker):
            lane = slices.setdefault((worker.pid or 0, worker.id), [])
            lane.append((STATE_NAMES[span.state], span.start_ns, span.end_ns))
    events = json.loads(gzip.decompress(path.read_bytes()))
    names = {(each["pid"], each["tid"]): each["args"]["name"] for each in events if each["name"] == "thread_name"}
    recording.close()
    assert len(slices) >= 6
    return Recorded(path, slices, names, events)


def by_name(slices: list[tuple[str, int, int]]) -> Counter[str]:
    return Counter(name for name, _, _ in slices)


@pytest.mark.usefixtures("browser")
def test_perfetto_has_every_slice_to_the_ns(recorded: Recorded, perfetto_ui: Path) -> None:
    with perfetto.opened(perfetto_ui, recorded.path.read_bytes()) as found:
        rows = found.rows(
            "select pid, tid, slice.name, ts, dur from slice join thread_track on thread_track.id = track_id"
            " join thread using (utid) join process using (upid) order by ts"
        )
        first_ns = min(start for lane in recorded.slices.values() for _, start, _ in lane)
        shift_ns = first_ns - min(row[3] for row in rows if row[4])
        theirs: dict[Lane, list[tuple[str, int, int]]] = {}
        for pid, tid, name, start, duration in rows:
            if duration:
                theirs.setdefault((pid, tid), []).append((name, start + shift_ns, start + duration + shift_ns))
        assert theirs == recorded.slices
        assert found.rows("select count(*) from flow") == [[recorded.count("s")]]
        assert recorded.count("s") == recorded.count("f") > 10
        assert found.rows("select count(*) from counter") == [[recorded.count("C")]]
        assert recorded.count("C") > 0
        instants = "select count(*) from slice where dur = 0"
        assert found.rows(instants) == [[recorded.count("i")]]
        named = found.dict("select tid, thread.name from thread where thread.name is not null")
        assert {tid: name for (_, tid), name in recorded.names.items() if tid} == {
            tid: name for tid, name in named.items() if tid
        }
        assert found.rows("select name, value from stats where severity != 'info' and value > 0") == []
        flows = (
            "select count(*) from flow join slice a on a.id = slice_out join slice b on b.id = slice_in"
            " where a.name like 'running%' and b.name like 'running%' and a.track_id != b.track_id"
        )
        assert found.rows(flows) == [[recorded.count("s")]]


@pytest.mark.usefixtures("browser")
def test_speedscope_has_every_slice(recorded: Recorded, node_modules: Path, tmp_path: Path) -> None:
    with speedscope.opened(node_modules, recorded.path, tmp_path) as found:
        profiles = found.profiles()
        complaints = found.complaints
    assert len(profiles) == len(recorded.slices)
    for (pid, id), slices in recorded.slices.items():
        (name,) = (each for each in profiles if f"(pid {pid})" in each and each.endswith(f"(tid {id})"))
        assert [each for each, _, _ in profiles[name]] == [each for each, _, _ in slices]
        first_ns = slices[0][1]
        for (_, start_us, end_us), (_, start_ns, end_ns) in zip(profiles[name], slices, strict=True):
            assert round(start_us * 1000) == start_ns - first_ns
            assert round(end_us * 1000) == end_ns - first_ns
    assert complaints == []


def test_firefox_profiler_has_every_slice(recorded: Recorded, node_modules: Path, tmp_path: Path) -> None:
    with firefox_profiler.opened(node_modules, recorded.path, tmp_path) as found:
        threads = {each["tid"]: each for each in found.threads()}
        for (pid, id), slices in recorded.slices.items():
            thread = threads[f"{pid}:{id}"]
            assert thread["name"] == recorded.names[pid, id]
            assert thread["markerCount"] == len(slices)
            assert found.counts(thread["threadHandle"]) == by_name(slices)
        assert len([tid for tid in threads if not tid.endswith(":0")]) == len(recorded.slices)


@pytest.mark.skipif(profiler_pages.FOLDER not in os.environ, reason=f"needs {profiler_pages.FOLDER}")
def test_firefox_profilers_pages_have_every_slice_to_the_ns(recorded: Recorded) -> None:
    with profiler_pages.opened(Path(os.environ[profiler_pages.FOLDER]), recorded.path.read_bytes()) as found:
        theirs = {tid: markers for tid, markers in found.markers().items() if not tid.endswith(":0")}
    first_ms = min(start for markers in theirs.values() for _, start, _ in markers)
    first_ns = min(start for lane in recorded.slices.values() for _, start, _ in lane)

    def in_ns(time_ms: float) -> int:
        return round((time_ms - first_ms) * 1e6) + first_ns

    assert {
        tid: sorted(((name, in_ns(start), in_ns(end)) for name, start, end in markers), key=itemgetter(1))
        for tid, markers in theirs.items()
    } == {f"{pid}:{id}": slices for (pid, id), slices in recorded.slices.items()}


@pytest.fixture(scope="module")
def cut(recorded: Recorded, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first half of the recording, as a broken download leaves it."""
    path = tmp_path_factory.mktemp("cut") / "cut.json.gz"
    data = recorded.path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


@pytest.mark.usefixtures("browser")
def test_a_file_that_was_cut_opens_once_it_is_exported_as_trace(
    cut: Path, perfetto_ui: Path, node_modules: Path, tmp_path: Path
) -> None:
    """docs/recordings.md says that the viewers refuse it as it is."""
    with pytest.raises(perfetto.RefusedError), perfetto.opened(perfetto_ui, cut.read_bytes()):
        pass
    with pytest.raises(speedscope.RefusedError), speedscope.opened(node_modules, cut, tmp_path):
        pass
    with pytest.raises(firefox_profiler.RefusedError), firefox_profiler.opened(node_modules, cut, tmp_path):
        pass
    with open(cut, "rb") as file:
        whole = tmp_path / "whole.json.gz"
        whole.write_bytes(b"".join(clean_copy(file)))
    count = sum(event["ph"] == "X" for event in json.loads(gzip.decompress(whole.read_bytes())))
    assert count > 50
    with perfetto.opened(perfetto_ui, whole.read_bytes()) as in_perfetto:
        assert in_perfetto.rows("select count(*) from slice where dur > 0") == [[count]]
    with speedscope.opened(node_modules, whole, tmp_path) as in_speedscope:
        assert sum(map(len, in_speedscope.profiles().values())) == count
    again = tmp_path / "again"
    again.mkdir()
    with firefox_profiler.opened(node_modules, whole, again) as in_firefox:
        lanes = (each for each in in_firefox.threads() if not each["tid"].endswith(":0"))
        assert sum(sum(in_firefox.counts(each["threadHandle"]).values()) for each in lanes) >= count
