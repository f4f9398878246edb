"""Takes a tour on the dashboard: keys and snapshots move it on, and it does the typing."""

from __future__ import annotations

from dataclasses import replace

from pconc_tui.pythons import current_interpreter
from pconc_tui.snapshot import Snapshot
from pconc_tui.tours.interpreter_choice import Interpreters, NotFoundError
from pconc_tui.tours.orders import Order, StopAll, send
from pconc_tui.tours.tour import Do, Settings
from pconc_tui.tours.walk import Phase, Walk
from pconc_tui.ui.controller import Controller
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing.timeline_window import WIDTHS_MS
from pconc_tui.ui.launch_settings import LaunchSettings


def entered(state: DashboardState, walk: Walk | None, interpreters: Interpreters) -> DashboardState:
    """The dashboard at this place of the tour, with what its step needs: settings, the timeline live and as wide."""
    if walk is None:
        return replace(state, walk=None, blank=False)
    state, step = replace(state, walk=walk, blank=False), walk.step
    if step.settings is None:
        return state
    return replace(
        state,
        settings=_settings(state.settings, step.settings, interpreters),
        window=replace(
            state.window,
            frozen=False,
            fit=None,
            chosen=step.settings.zoom_ms is not None,
            zoom=state.window.zoom if step.settings.zoom_ms is None else _zoom(step.settings.zoom_ms),
        ),
    )


def advanced(
    state: DashboardState, snapshot: Snapshot, interpreters: Interpreters, controller: Controller
) -> tuple[DashboardState, tuple[Order, ...]]:
    """The dashboard after this snapshot, and the orders that were sent; the same state if nothing has changed."""
    walk = state.walk
    if walk is None:
        return state, ()
    further, orders = walk.advance(snapshot, interpreters)
    if problem := send(orders, controller):
        further = further.refused(problem)
    return (state if further is walk else replace(state, walk=further)), orders


def leaving(state: DashboardState) -> tuple[Order, ...]:
    """What is requested where a step is left while it is being measured."""
    walk = state.walk
    measuring = walk and walk.phase is Phase.RUNNING and walk.run and walk.step.do is Do.MEASURE
    return (StopAll(),) if measuring else ()


def _settings(now: LaunchSettings, wanted: Settings, interpreters: Interpreters) -> LaunchSettings:
    try:
        chosen = interpreters.choose(wanted)
    except NotFoundError:
        chosen = None
    default = chosen is None or chosen.path == current_interpreter().path
    return replace(
        now,
        experiment_id=wanted.experiment,
        variant=wanted.variant,
        model=wanted.model,
        workers=wanted.workers,
        start_method=None,
        chosen_interpreter=None if default else chosen,
    )


def _zoom(width_ms: int) -> int:
    """The index of the width that is at least this wide."""
    return next((index for index, each in enumerate(WIDTHS_MS) if each >= width_ms), len(WIDTHS_MS) - 1)
