"""The line that says what runs and what the next launch starts, as much of it as fits, nothing cut in a word."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, product

from pconc_tui.snapshot import Snapshot
from pconc_tui.text.what_runs import briefly, one, running
from pconc_tui.ui.drawing.lines import Line, text, width_of
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, TEXT
from pconc_tui.ui.hints import hint, pressed
from pconc_tui.ui.launch_settings import LaunchSettings


def line(snapshot: Snapshot, settings: LaunchSettings, width: int) -> Line:
    """`running: 4 threads of cpu-bound; next: a process of cpu-bound, Python 3.14`, in the longest form that fits."""
    runs = [((" running: ", DIM), (each, TEXT)) for each in running(snapshot.workers)]
    launches = [*_launches(settings)]
    both = (((*each, ("; next: ", DIM), *launch)) for each, launch in product(runs, launches[:-1]))
    # What runs is in the timeline too, what is chosen nowhere else.
    alone = (((" next: ", DIM), *launch) for launch in launches)
    return next((each for each in chain(both, alone, runs) if width_of(each) <= width), runs[-1])


def what_runs(snapshot: Snapshot, width: int) -> Line:
    """`running: 4 threads of cpu-bound`, in the longest form that fits."""
    runs = [((" running: ", DIM), (each, TEXT)) for each in running(snapshot.workers)]
    return next((each for each in runs if width_of(each) <= width), runs[-1])


def _launches(settings: LaunchSettings) -> Iterator[Line]:
    """What the next launch starts. What is not the default is in every form."""
    measures = (*pressed(text(" · ", DIM), "m"), *hint("m", f" measures {settings.workers} at once"))
    python = f", Python {settings.model_interpreter.short}"
    variant = "" if len(settings.experiment.variants) == 1 else f", {settings.variant}"
    method = f" by {settings.requested_start_method}" if settings.requested_start_method else ""
    pinned = " (pinned)" if settings.model == settings.pinned_model else ""
    worker = one(settings.model) + method
    full, brief = settings.experiment_id, briefly(settings.experiment_id)
    yield (*_launch(worker + pinned, full, variant + python), *measures)
    yield _launch(worker + pinned, full, variant + python)
    if not settings.python:
        python = ""
    yield _launch(worker + pinned, brief, variant + python)
    python = python.replace("Python ", "")
    yield _launch(worker, brief, variant + python)
    yield _launch(settings.model + method, brief, variant + python)


def _launch(worker: str, experiment: str, rest: str) -> Line:
    return ((f"{worker} of ", TEXT), (experiment, BRIGHT), *text(rest))
