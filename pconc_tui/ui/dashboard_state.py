"""How the person looks at it: window of time, selected worker, panel in front, scroll. Immutable and pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pconc_tui.requests import RequestError
from pconc_tui.snapshot import Worker
from pconc_tui.ui.drawing.layout import SECONDARY
from pconc_tui.ui.drawing.timeline_window import TimelineWindow
from pconc_tui.ui.launch_settings import LaunchSettings


@dataclass(frozen=True)
class DashboardState:
    """All that keys and mouse change on the dashboard."""

    choices: LaunchSettings = field(default_factory=LaunchSettings)
    window: TimelineWindow = field(default_factory=TimelineWindow)
    selected: int | None = None
    """The id of the worker that the person selected; None: the newest that lives."""
    panel: str = SECONDARY[0]
    """The secondary panel that the arrow keys belong to, and that is shown where there is room for one only."""
    back: int = 0
    """How far that panel has been scrolled from where it opens."""
    first: int = 0
    """The first worker in sight in the table."""
    projector: bool = False

    def index(self, workers: tuple[Worker, ...]) -> int:
        """The place of the selected worker; -1 if there are none."""
        for place, worker in enumerate(workers):
            if worker.id == self.selected:
                return place
        living = [place for place, worker in enumerate(workers) if worker.alive]
        return living[-1] if living else len(workers) - 1

    def worker(self, workers: tuple[Worker, ...]) -> Worker | None:
        return workers[self.index(workers)] if workers else None

    def living(self, workers: tuple[Worker, ...], verb: str) -> Worker:
        """The selected worker, where it lives; BenchError says that there is none to do something with."""
        worker = self.worker(workers)
        if worker is None:
            raise RequestError(f"Nothing to {verb}: no worker runs. Press t or p to start one.")
        if not worker.alive:
            raise RequestError(f"{worker.name} has ended already ({worker.ending}).")
        return worker

    def selecting(self, workers: tuple[Worker, ...], place: int) -> DashboardState:
        """The worker at this place, or the nearest one."""
        if not workers:
            return self
        return replace(self, selected=workers[max(0, min(place, len(workers) - 1))].id)

    def after_stopping(self, workers: tuple[Worker, ...], stopped: int) -> DashboardState:
        """The next one that lives, where one was selected, so that the key can be pressed again."""
        if self.selected is None:
            return self
        here = self.index(workers)
        living = [place for place, worker in enumerate(workers) if worker.alive and worker.id != stopped]
        if not living:
            return self
        return self.selecting(workers, min(living, key=lambda place: (abs(place - here), place)))

    def showing(self, panel: str) -> DashboardState:
        return self if panel == self.panel else replace(self, panel=panel, back=0)

    def next_panel(self, by: int, shown: tuple[str, ...] = SECONDARY) -> DashboardState:
        """The next of the panels that can be had; the first if the present one can't be."""
        if self.panel not in shown:
            return self.showing(shown[0])
        return self.showing(shown[(shown.index(self.panel) + by) % len(shown)])

    def scrolled(self, by: int, most: int) -> DashboardState:
        return replace(self, back=max(-most, min(most, self.back + by)))
