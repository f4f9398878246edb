"""The lanes of the timeline, in order: each worker, then the threads that its function has started. Pure."""

from __future__ import annotations

from dataclasses import replace

from pconc_tui.snapshot import Snapshot, Worker

HELPER_MARK = "└ "
"""Before the name of a thread that a worker's function has started."""


def with_helpers(snapshot: Snapshot) -> Snapshot:
    """The snapshot with the helpers among its workers, each after the worker that it belongs to."""
    if not snapshot.helpers:
        return snapshot
    found: list[Worker] = []
    for worker in snapshot.workers:
        found.append(worker)
        found += [
            replace(helper, name=HELPER_MARK + helper.name)
            for helper in snapshot.helpers
            if helper.helper_of == worker.id
        ]
    return replace(snapshot, workers=tuple(found))
