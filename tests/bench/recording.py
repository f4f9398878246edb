"""Recordings: spans in and out, size, what recording costs, how fast they open and seek, and damaged files."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import NamedTuple

import psutil

from pconc_tui.experiments import load
from pconc_tui.models import all_models, interpreter_problem
from pconc_tui.python_discovery import find
from pconc_tui.pythons import Interpreter, newest_first
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.recorder import Recorder
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from pconc_tui.timeline.spans import pieces_between, spans_of
from tests.bench.figures import Figure, percentile
from tests.recording.damage import DAMAGE, read_damaged, whole_recording
from tests.recording.exact import KeepingMonitor, assert_exact, keeping
from tests.recording.made_snapshots import made_snapshots
from tests.support import ended, running, until

FRAME_S = 0.1


class Extent(NamedTuple):
    """How much is measured."""

    interpreters: int
    """The newest of them."""
    spans: int
    """For each interpreter and model, or as many as come in `seconds`."""
    seconds: float
    """How long real workers run."""
    minutes: float
    """The length of the recording that is opened."""
    seeks: int
    trials: int
    """The number of damaged files."""
    seed: int = 0


FULL = Extent(4, 10_000, 20, 10, 100, 1200)
SMOKE = Extent(1, 10, 0.3, 0.1, 2, 6)


def figures(extent: Extent) -> Iterator[Figure]:
    """One after another."""
    with tempfile.TemporaryDirectory(prefix="pconc-bench-") as name:
        folder = Path(name)
        yield from _exactness(folder / "exact.json.gz", extent)
        for workers, target_mb, target_percent in ((4, 1, "1 %"), (64, 10, "")):
            yield from _cost(folder / "cost.json.gz", workers, extent.seconds, target_mb, target_percent)
        yield from _opening(folder / "long.json.gz", extent)
        yield from _damaged(folder, extent)


def _exactness(path: Path, extent: Extent) -> Iterator[Figure]:
    """Real workers of all models under several interpreters, with short switch intervals."""
    total = 0
    kinds: set[tuple[str, str]] = set()
    for python in newest_first(find())[: extent.interpreters]:
        for experiment in ("cpu-bound", "queue"):
            models = [
                model for model in all_models(load(experiment).models) if interpreter_problem(model, python) is None
            ]
            spans = {model: _exact_spans(path, python, experiment, model, extent) for model in models}
            total, kinds = total + sum(spans.values()), kinds | {(python.short, model) for model in models}
            counts = ", ".join(f"{model} {count:,}" for model, count in spans.items())
            what = f"spans lost or changed, {python.short}, {experiment}"
            yield Figure(what, f"0 of {sum(spans.values()):,}", "0", counts)
    remark = f"{len(kinds)} pairs of model and interpreter; each frame is equal"
    yield Figure("all spans", f"{total:,}", "100,000", remark)


def _exact_spans(path: Path, python: Interpreter, experiment: str, model: str, extent: Extent) -> int:
    """The number of spans that came back as they were, in every frame. Raises AssertionError."""

    def enough(snapshot: Snapshot) -> bool:
        count = sum(len(piece) for worker in snapshot.workers for piece in worker.history)
        return count >= extent.spans or snapshot.now_ns - began_ns > extent.seconds * 1e9

    with keeping(path, python.path, history_pieces=None) as monitor:
        monitor.set_switch_interval(0.0002)
        request = Request(experiment, load(experiment).variant, model, 4, scale=100, single_run=False)
        monitor.measure(request)
        began_ns = until(monitor, lambda snapshot: any(worker.started_ns for worker in snapshot.workers)).now_ns
        until(monitor, enough)
        monitor.stop_all()
        until(monitor, ended)
    return assert_exact(monitor.kept, path)


def _cost(path: Path, workers: int, seconds: float, target_mb: float, target_percent: str) -> Iterator[Figure]:
    """Threads at a switch interval of 5 ms, polled as by the dashboard; then the same made without them."""
    recorder = Recorder(str(path), True, "bench")
    with closing(KeepingMonitor(recorder)) as monitor:
        for _ in range(workers):
            monitor.launch(Request("cpu-bound", "calls", "threads"))
        until(monitor, running)
        size, began_s = path.stat().st_size, time.monotonic()
        while time.monotonic() - began_s < seconds:
            alive = sum(worker.alive for worker in monitor.kept[-1].workers)
            for _ in range(workers - alive):
                monitor.launch(Request("cpu-bound", "calls", "threads"))
            snapshot = monitor.poll()
            time.sleep(FRAME_S)
        took_s, grown = time.monotonic() - began_s, path.stat().st_size - size
    remark = f"real ones on this machine: {snapshot.handoffs_per_s or 0:.0f} hand-offs/s"
    what = f"size of a minute, {workers} threads"
    yield Figure(what, f"{grown / took_s * 60 / 1e6:.2f} MB", f"{target_mb} MB", remark)
    yield from _made_cost(path, workers, seconds, target_percent)


def _made_cost(path: Path, workers: int, seconds: float, target_percent: str) -> Iterator[Figure]:
    """The CPU time of recording alone, of Snapshots as of an idle machine: about 200 hand-offs a second."""
    recorder = Recorder(str(path), True, "bench")
    recorder.began_ns = 0
    spent_s, frames = [], 0
    for snapshot in made_snapshots(workers, max(seconds, 1)):
        before_s = time.thread_time()
        recorder.add(snapshot)
        spent_s.append(time.thread_time() - before_s)
        frames += 1
    recorder.close()
    share = sum(spent_s) / (frames * FRAME_S)
    size_mb = path.stat().st_size / (frames * FRAME_S) * 60 / 1e6
    yield Figure(
        f"CPU of recording, {workers} workers",
        f"{share:.2%}",
        target_percent,
        f"of a core, at 10 frames/s; 200 hand-offs/s, {size_mb:.2f} MB a minute",
    )
    memory_mb = recorder.last_minute_bytes / 1e6
    yield Figure(f"memory of the last minute, {workers} workers", f"{memory_mb:.2f} MB", "16.8 MB", "the limit")


def _opening(path: Path, extent: Extent) -> Iterator[Figure]:
    """A recording of 16 workers: opened, sought in, played."""
    recorder = Recorder(str(path), False, "bench")
    recorder.began_ns = 0
    for snapshot in made_snapshots(16, extent.minutes * 60):
        recorder.add(snapshot)
    recorder.close()
    process, random = psutil.Process(), Random(extent.seed)
    before_mb = process.memory_info().rss / 1e6
    began_s = time.process_time()
    with closing(Recording.open(str(path))) as recording:
        recording.at(recording.began_ns)
        opened_s = time.process_time() - began_s
        sought_s = []
        for _ in range(extent.seeks):
            began_s = time.process_time()
            _read_window(recording.at(random.randint(recording.began_ns, recording.ended_ns)))
            sought_s.append(time.process_time() - began_s)
        began_s, frames = time.process_time(), recording.frame_times[: 10 * extent.seeks]
        for time_ns in frames:
            recording.at(time_ns)
        played_ms = (time.process_time() - began_s) / len(frames) * 1e3
        grown_mb = process.memory_info().rss / 1e6 - before_mb
    size = f"{extent.minutes:g} min, 16 workers, {path.stat().st_size / 1e6:.1f} MB"
    yield Figure("to open, to the first Snapshot", f"{opened_s:.2f} s", "2 s", f"CPU time; {size}")
    slowest = f"CPU time; with 10 s of lanes; slowest {max(sought_s):.2f} s"
    yield Figure("to seek, median", f"{percentile(sought_s, 50):.2f} s", "0.3 s", slowest)
    yield Figure("to play a frame", f"{played_ms:.1f} ms", "", "CPU time")
    yield Figure("memory grown meanwhile", f"{grown_mb:.0f} MB", "300 MB", "")


def _read_window(snapshot: Snapshot) -> None:
    """Read what a timeline of 10 s shows."""
    start_ns = snapshot.now_ns - 10_000_000_000
    for worker in snapshot.workers:
        for piece in pieces_between(worker.history, start_ns, snapshot.now_ns):
            for _ in spans_of(piece, start_ns, snapshot.now_ns):
                pass


def _damaged(folder: Path, extent: Extent) -> Iterator[Figure]:
    """Files damaged at random: each is read as a replay does."""
    path, damaged = folder / "whole.json.gz", folder / "damaged.json.gz"
    original = whole_recording(path)
    data, refused = path.read_bytes(), 0
    for seed in range(extent.seed, extent.seed + extent.trials):
        random = Random(seed)
        damaged.write_bytes(DAMAGE[seed % len(DAMAGE)](data, random))
        refused += bool(read_damaged(damaged, original, random))
    remark = f"{refused} refused in a line, of the others what is whole was shown; seeds from {extent.seed}"
    yield Figure("damaged files that were handled", f"{extent.trials:,}", "all", remark)
