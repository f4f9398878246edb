"""The dashboard: puts the panels in their places and draws the newest snapshot into them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Region
from textual.screen import Screen

from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.commands import bindings
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing import layout
from pconc_tui.ui.drawing.lanes import Lanes
from pconc_tui.ui.drawing.lines import inner_size
from pconc_tui.ui.drawing.panel import Panel
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.panels import footer, picture, timeline, workers
from pconc_tui.ui.panels.picture import Frame

PANELS = ("small", "status", "timeline", "cores", "counters", "workers", "scoreboard", "log", "code", "big", "keys")
FIGURES_EVERY = 4
"""Frames between new figures: what changes faster can't be read."""
NOTHING_YET = Snapshot(now_ns=0, core_count=0)


class Dashboard(Screen[None]):
    """Shows snapshots; keys that concern how it shows them end here, the others in the app."""

    AUTO_FOCUS = None
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]

    def __init__(self, choices: LaunchSettings | None = None) -> None:
        super().__init__()
        self._panels = {name: Panel(name) for name in PANELS}
        self.view = DashboardState(choices or LaunchSettings())
        self.live = NOTHING_YET
        self._shown = NOTHING_YET
        self._figures = NOTHING_YET
        self._frames = 0
        self._lanes = Lanes()
        self._places: dict[str, Region] = {}
        self._drawn: dict[str, tuple[Region, tuple[object, ...] | None]] = {}

    def compose(self) -> ComposeResult:
        yield from self._panels.values()

    def on_resize(self) -> None:
        self._arrange()

    def show(self, snapshot: Snapshot) -> None:
        """Draw a new snapshot."""
        self._frames += 1
        changed = _changed(self.live, snapshot)
        self.live = snapshot
        if not self.view.window.frozen:
            self._shown = snapshot
            if changed or self._frames % FIGURES_EVERY == 0:
                self._figures = snapshot
                self._lanes.keep({worker.id for worker in snapshot.workers})
        if self.is_current:
            self.draw()

    def change(self, view: DashboardState) -> None:
        """Look at it in another way from now on."""
        was, self.view = self.view, view
        if was.window.frozen and not view.window.frozen:
            self._shown = self._figures = self.live
        self.set_class(view.projector, "projector")
        if (was.projector, was.panel) != (view.projector, view.panel):
            self._arrange()
        else:
            self.draw()

    def draw(self) -> None:
        """Give every panel in sight its lines."""
        width, height = self.size
        place = self._places.get("timeline")
        if place and self.live is not NOTHING_YET:
            across = timeline.cells_across(self._inner(place)[0], timeline.mixed(self._shown.workers))
            self.view = replace(self.view, window=self.view.window.advanced(self._shown, across))
        frame = Frame(self.live, self._shown, self._figures, self.view, self._lanes, width, height)
        for name, region in self._places.items():
            inputs = region, picture.inputs(name, frame)
            if inputs[1] is not None and self._drawn.get(name) == inputs:
                continue
            self._drawn[name] = inputs
            self._panels[name].show(picture.drawn(name, frame, *region.size), region.width)

    def _arrange(self) -> None:
        width, height = self.size
        self._drawn = {}
        cores = len(self._shown.core_loads or ()) or math.ceil(self._shown.core_count)
        self._places = layout.places(width, height, cores, self.view.panel, self.view.projector)
        for name, panel in self._panels.items():
            region = self._places.get(name)
            panel.display = region is not None
            if region is not None:
                panel.styles.offset = region.offset
                panel.styles.width, panel.styles.height = region.size
        self.draw()

    def _inner(self, region: Region) -> tuple[int, int]:
        boxed = layout.is_wide(*self.size) and not self.view.projector
        return inner_size(region.width, region.height, boxed)

    # What keys and mouse do to the view

    def action_freeze(self) -> None:
        self.change(replace(self.view, window=self.view.window.toggled(self.live)))

    def action_zoom(self, by: int) -> None:
        self.change(replace(self.view, window=self.view.window.zoomed(by, self._shown)))

    def action_scroll(self, share: float) -> None:
        window = self.view.window
        if share > 0 and not window.frozen:
            return
        if share > 0 and window.end_ns >= self._shown.now_ns - window.span_ns:
            self._shown = self.live
        self.change(replace(self.view, window=window.scrolled(share, self._shown)))

    def action_move(self, by: int) -> None:
        view, rows = self.view, self._figures.workers
        if view.panel == "workers" or view.projector:
            self.change(self._kept_in_sight(view.selecting(rows, view.index(rows) + by)))
        else:
            self.change(view.scrolled(by, self._length()))

    def action_page(self, by: int) -> None:
        region = self._places.get(self.view.panel)
        self.action_move(by * max(1, (region.height if region else 8) - 3))

    def action_end(self, by: int) -> None:
        self.action_move(by * 100_000)

    def _length(self) -> int:
        return {"log": len(self.live.log), "scoreboard": 3 * len(self.live.measurements)}.get(self.view.panel, 200)

    def _kept_in_sight(self, view: DashboardState) -> DashboardState:
        region = self._places.get("workers")
        if region is None:
            return view
        rows = self._figures.workers
        room = self._inner(region)[1] - 1
        return replace(view, first=workers.first_row(len(rows), view.index(rows), room, view.first))

    def action_next_panel(self, by: int) -> None:
        wide = layout.is_wide(*self.size)
        shown = tuple(name for name in layout.SECONDARY if name in self._places) if wide else layout.SECONDARY
        self.change(self.view.next_panel(by, shown or layout.SECONDARY))

    def action_projector(self) -> None:
        self.change(replace(self.view, projector=not self.view.projector))

    def on_panel_clicked(self, message: Panel.Clicked) -> None:
        view, rows = self.view, self._figures.workers
        if message.panel == "keys":
            command = footer.command_at(message.x, self.size.width)
            if command:
                self.call_later(self.run_action, command.action)
        elif message.panel == "timeline":
            region = self._places["timeline"]
            shelf = timeline.shelved(
                len(self._shown.workers), view.index(self._shown.workers), self._inner(region)[1] - 2, view.projector
            )
            place = shelf.worker_at(message.y - 1)
            if message.y >= 1 and place < shelf.first + shelf.count:
                self.change(self._kept_in_sight(view.selecting(self._shown.workers, place)))
        elif message.panel in layout.SECONDARY:
            if message.y == 0 and not layout.is_wide(*self.size):
                self.change(view.showing(picture.tab_at(message.x) or view.panel))
            elif message.panel == "workers" and 0 <= message.y - 2 < len(shown := self._table_rows()):
                self.change(view.showing("workers").selecting(rows, shown[message.y - 2].worker))
            else:
                self.change(view.showing(message.panel))

    def _table_rows(self) -> list[workers.TableRow]:
        """The rows of the workers' table that are in sight."""
        view = self._kept_in_sight(self.view)
        room = self._inner(self._places["workers"])[1] - 1
        found = self._figures.workers
        return workers.rows(found, self._figures.processes, view.index(found), view.first, room)

    def on_panel_wheeled(self, message: Panel.Wheeled) -> None:
        if message.panel == "timeline":
            self.action_scroll(message.by * 0.1)
        elif message.panel in layout.SECONDARY:
            if message.panel != self.view.panel:
                self.change(self.view.showing(message.panel))
            self.action_move(message.by * (1 if message.panel == "workers" else 3))

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        self.draw()


def _changed(old: Snapshot, new: Snapshot) -> bool:
    """Whether something happened that must be seen at once."""
    return (
        len(old.workers) != len(new.workers)
        or old.labs != new.labs
        or len(old.measurements) != len(new.measurements)
        or any(a.ending != b.ending or a.id != b.id for a, b in zip(old.workers, new.workers, strict=False))
    )
