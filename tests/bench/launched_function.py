"""Runs a function in workers as the dashboard does, once a line comes; prints their lanes' times as JSON.

`python -m tests.bench.launched_function PYTHON FILE NAME WORKERS [SOURCE]`; run as another user too, so without pytest.
"""

from __future__ import annotations

import json
import select
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict

from pconc_tui import experiments
from pconc_tui.experiments.user_function import read
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.lane_source import Source
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot


def main(python: str, file: str, name: str, workers: int, source: Source | None) -> None:
    """Run it. `source`: of its lanes; None: the best that the system permits."""
    experiment = read(f"{file}:{name}", python)
    experiments.add(experiment)
    with closing(Monitor(python, history_pieces=None, source=source)) as monitor:
        monitor.open_lab()
        (lab,) = monitor._registry.labs.values()
        is_ready = source is not None
        snapshot = _until(
            monitor,
            lambda each: each.labs[0].state == "ready" and (is_ready or (lab.observer and lab.observer.ready)),
        )
        print(json.dumps({"lab": lab.process.pid}), flush=True)
        sys.stdin.readline()
        for _ in range(workers):
            monitor.launch(Request(experiment.id, experiment.variant, "threads"))
        snapshot = _until(monitor, _ended)
        found = [
            {
                "tid": worker.native_id,
                "is_helper": worker.helper_of is not None,
                "began_ns": worker.started_ns,
                "ended_ns": worker.ended_ns,
                "cpu_s": worker.cpu_s,
                "source": worker.source,
                **asdict(worker.total),
            }
            for worker in (*snapshot.workers, *snapshot.helpers)
        ]
        processes = [[each.helpers_s, each.children_s] for each in snapshot.processes]
        endings = sorted({worker.ending or "" for worker in snapshot.workers})
        print(json.dumps({"workers": found, "processes": processes, "endings": endings}), flush=True)
        sys.stdin.readline()


def _ended(snapshot: Snapshot) -> bool:
    return bool(snapshot.workers) and not any(worker.alive for worker in snapshot.workers)


def _until(monitor: Monitor, condition: Callable[[Snapshot], object]) -> Snapshot:
    while not condition(snapshot := monitor.poll()):
        select.select(monitor.event_fds, [], [], 0.02)
    return snapshot


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), Source(sys.argv[5]) if sys.argv[5:] else None)
