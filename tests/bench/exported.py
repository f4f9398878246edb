"""Spans that are lost or changed from the lanes through a recording to `export --csv-spans`, in every model."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from pconc_tui.commands.recording_report import write_spans
from pconc_tui.experiments import load
from pconc_tui.models import all_models, interpreter_problem
from pconc_tui.python_discovery import find
from pconc_tui.recording.reader import Recording
from pconc_tui.requests import Request
from pconc_tui.timeline.spans import Span
from tests.bench.figures import Figure
from tests.recording.watch import Watch, from_csv
from tests.support import ended

WORKERS = 4
SWITCH_S = 0.0002
"""Short, so that there are many spans."""
PIECES = 4
"""Of each lane a snapshot has so many pieces, so that most spans are in earlier frames."""


class Extent(NamedTuple):
    """How much is recorded."""

    seconds: float
    """In each model of each interpreter."""
    newest: bool
    """Only the newest interpreter."""


FULL, SMOKE = Extent(8, False), Extent(0.1, True)


def figures(extent: Extent) -> Iterator[Figure]:
    """One interpreter after another, in each of its models."""
    found = {python.short: python for python in find()}
    count = wrong = 0
    for version, python in list(found.items())[-1 if extent.newest else 0 :]:
        for model in all_models(load("cpu-bound").models):
            if interpreter_problem(model, python) is None:
                shown, exported = _through(python.path, model, extent.seconds)
                differing = len(shown ^ exported)
                count, wrong = count + len(shown), wrong + differing
                yield Figure(f"{version}, {model}", f"{differing} of {len(shown):,}", "0")
    yield Figure("all", f"{wrong} of {count:,}", "0")


def _through(python: str, model: str, seconds: float) -> tuple[set[tuple[int, Span]], set[tuple[int, Span]]]:
    """The spans that the lanes had, and those that were exported, each with its worker's id."""
    with tempfile.TemporaryDirectory() as folder:
        watch = Watch(Path(folder) / "recording.json.gz", python, PIECES)
        with closing(watch.monitor) as monitor:
            monitor.set_switch_interval(SWITCH_S)
            for _ in range(WORKERS):
                monitor.launch(Request("cpu-bound", "calls", model))
            watch.until(lambda snapshot: any(worker.total.wall > seconds for worker in snapshot.workers))
            monitor.stop_all()
            watch.until(ended)
        text = io.StringIO(newline="")
        with closing(Recording.open(str(watch.path))) as recording:
            write_spans(recording, text)
    shown = {(id, span) for id, spans in watch.spans.items() for span in spans.values()}
    return shown, {(id, span) for id, spans in from_csv(text.getvalue()).items() for span in spans}
