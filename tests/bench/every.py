"""The timeline's GIL holder and hand-offs under every interpreter and in every model whose workers take turns."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from pconc_tui.experiments import load
from pconc_tui.models import interpreter_problem
from pconc_tui.monitor.cpu_quota import usable_cores
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.python_discovery import find
from pconc_tui.pythons import Interpreter
from pconc_tui.requests import Request
from pconc_tui.snapshot import Worker
from tests.bench.figures import Figure
from tests.bench.truth import Sample, agreement, counted, handoffs, holdings, verdict
from tests.support import ended, running, until

WORKERS = 4


class Extent(NamedTuple):
    """How much is measured."""

    seconds: float
    """For each interpreter and model."""
    newest: bool
    """Only the newest interpreter."""


FULL, SMOKE = Extent(3, False), Extent(0.1, True)


def figures(extent: Extent) -> Iterator[Figure]:
    """One interpreter after another, in each of its models."""
    found = {python.short: python for python in find()}
    for version, python in list(found.items())[-1 if extent.newest else 0 :]:
        if not python.gil_enabled:
            yield Figure(f"{version}", "-", "", "no GIL, so no thread holds it and nothing is handed over")
            continue
        for model in load("cpu-bound").models:
            if interpreter_problem(model, python) is None and model != "asyncio":
                yield from _judged(f"{version}, {model}", python, model, extent.seconds)


def _judged(what: str, python: Interpreter, model: str, seconds: float) -> Iterator[Figure]:
    workers, gils = observe(python, model, seconds)
    verdicts: Counter[str] = Counter()
    ours = theirs = unknown = 0
    for gil in gils:
        holders = {holder for _, _, holder in gil["samples"]}
        sharing = [worker for worker in workers if worker.native_id in holders]
        timeline = holdings(sharing)
        for before, after, holder in gil["samples"] if sharing else ():
            if holder is None:
                unknown += 1
            else:
                verdicts[verdict(timeline, Sample(before, after, (holder,) if holder else ()))] += 1
        if len(sharing) > 1:
            more = counted(timeline, gil["switches"])
            ours, theirs = ours + more[0], theirs + more[1]
    yield agreement(what, verdicts, unknown)
    if theirs:
        yield handoffs(what, ours, theirs)


def observe(python: Interpreter, model: str, seconds: float) -> tuple[tuple[Worker, ...], list[dict[str, Any]]]:
    """Run workers and sample their GILs from another process: the workers with all they did, and what was sampled."""
    with closing(Monitor(python.path, history_pieces=None)) as monitor, tempfile.TemporaryFile() as output:
        # A pool has as many workers as there are cores; more tasks would wait until others end.
        for _ in range(math.ceil(usable_cores()) if model.endswith("-pool") else WORKERS):
            monitor.launch(Request("cpu-bound", "calls", model))
        pids = {str(worker.pid) for worker in until(monitor, running).workers}
        watcher = Path(__file__).with_name("watcher.py")
        command = [sys.executable, "-m", f"tests.bench.{watcher.stem}", str(seconds), *pids]
        with subprocess.Popen(command, stdout=output, cwd=watcher.parents[2]) as process:
            until(monitor, lambda _: process.poll() is not None)
        assert process.returncode == 0, "the watcher failed"
        monitor.stop_all()
        output.seek(0)
        return until(monitor, ended).workers, json.load(output)
