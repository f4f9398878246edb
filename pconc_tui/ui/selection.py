"""Which worker is selected. Immutable; each change gives a new selection."""

from __future__ import annotations

from dataclasses import dataclass

from pconc_tui.requests import RequestError
from pconc_tui.snapshot import Worker


@dataclass(frozen=True)
class Selection:
    """The worker that keys such as `s` apply to."""

    worker_id: int | None = None
    """None: the newest worker that is alive, or the first such thread of a watched program."""

    def place(self, workers: tuple[Worker, ...]) -> int:
        """The index of the selected worker; -1 if there are no workers."""
        for place, worker in enumerate(workers):
            if worker.id == self.worker_id:
                return place
        alive = [place for place, worker in enumerate(workers) if worker.alive] or range(len(workers))
        watched = any(worker.thread is not None for worker in workers)
        return alive[0 if watched else -1] if alive else -1

    def alive_worker(self, workers: tuple[Worker, ...], verb: str) -> Worker:
        """The selected worker if it is alive; RequestError says why there is none to `verb`."""
        if not workers:
            raise RequestError(f"Nothing to {verb}: no worker runs. Press t or p to start one.")
        worker = workers[self.place(workers)]
        if not worker.alive:
            raise RequestError(f"{worker.name} has already ended ({worker.ending}).")
        return worker

    def at(self, workers: tuple[Worker, ...], place: int) -> Selection:
        """The worker at this index, or the one nearest to it."""
        if not workers:
            return self
        return Selection(workers[max(0, min(place, len(workers) - 1))].id)

    def after_stopping(self, workers: tuple[Worker, ...], stopped_id: int) -> Selection:
        """The nearest worker that is still alive, so that the same key can stop it next."""
        if self.worker_id is None:
            return self
        here = self.place(workers)
        alive = [place for place, worker in enumerate(workers) if worker.alive and worker.id != stopped_id]
        if not alive:
            return self
        return self.at(workers, min(alive, key=lambda place: (abs(place - here), place)))
