"""A recording as CSV and as JSON, in the fields that `run` and `compare` print. Pure: from frames to text."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import IO, Any

from pconc_tui.commands import run_json
from pconc_tui.commands.json_fields import MEASUREMENT_COLUMNS, RECORDED_SPAN_FIELDS
from pconc_tui.commands.outcome import Outcome
from pconc_tui.commands.recorded_results import Frames, Results, gather, spans
from pconc_tui.comparison import report
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.timeline.spans import TIMED


def write_spans(recording: Frames, file: IO[str]) -> None:
    """Write a line for each span of each worker, worker by worker, after a line with the names of the fields."""
    table = csv.DictWriter(file, [*RECORDED_SPAN_FIELDS], lineterminator="\n")
    table.writeheader()
    for last_ns, worker in gather(recording).workers.values():
        for span in spans(recording, last_ns, worker):
            if span.state in TIMED:
                table.writerow({**_kind(worker), **run_json.span_fields(worker, span)})


def write_measurements(recording: Frames, file: IO[str]) -> None:
    """Write a line for each measurement, after a line with the names of the fields."""
    table = csv.DictWriter(file, MEASUREMENT_COLUMNS, lineterminator="\n", extrasaction="ignore")
    table.writeheader()
    table.writerows(_measurements(recording, gather(recording)))


def as_json(recording: Frames) -> dict[str, Any]:
    """The object that `export --json` prints."""
    found = gather(recording)
    last = recording.at(recording.frame_times[-1])
    return {
        "duration_s": (recording.frame_times[-1] - recording.frame_times[0]) / 1e9,
        "frames": len(recording.frame_times),
        "labs": [_lab(last, index) for index in range(len(last.labs))],
        "machine": {"cores": last.core_count},
        "measurements": list(_measurements(recording, found)),
        "comparisons": [report.as_json(each) for each in found.comparisons],
        "workers_detail": [{**_kind(worker), **run_json.detail(worker)} for _, worker in found.workers.values()],
        "log": [{"t_s": line.t_s, "worker": line.worker, "text": line.text} for line in found.log],
    }


def _measurements(recording: Frames, found: Results) -> Iterator[dict[str, Any]]:
    for time_ns, outcome in found.outcomes:
        yield _measurement((time_ns - recording.frame_times[0]) / 1e9, outcome)


def _measurement(at_s: float, outcome: Outcome) -> dict[str, Any]:
    measurement = outcome.measurement
    return {
        "at_s": at_s,
        "experiment": measurement.experiment,
        **run_json.figures(outcome),
        "model": measurement.model,
        "workers": measurement.workers,
        "python": measurement.python,
        "start_method": measurement.start_method,
        "cores": measurement.cores,
    }


def _kind(worker: Worker) -> dict[str, Any]:
    return {
        "id": worker.id,
        "experiment": worker.experiment,
        "variant": worker.variant,
        "model": worker.model,
        "python": worker.python,
    }


def _lab(snapshot: Snapshot, index: int) -> dict[str, Any]:
    lab = snapshot.labs[index]
    return {
        "version": lab.version,
        "executable": lab.executable,
        "gil_enabled": lab.gil_enabled,
        "switch_interval_s": lab.switch_interval_s,
        "free_threaded_build": lab.free_threaded_build,
    }
