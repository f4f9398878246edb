"""What the dashboard has drawn is written to the terminal at once, and no more than that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.drawing.line_view import LineView
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.samples import MS
from tests.ui.screens import shown, until, with_app


def rows(app: PconcApp) -> dict[int, object]:
    """What each row of the screen shows, by its number."""
    found: dict[int, list[object]] = {}
    for view in app.screen.query(LineView):
        if view.display:
            for y, line in enumerate(view.shown_lines, view.region.y):
                found.setdefault(y, []).append(line)
    return {y: tuple(parts) for y, parts in found.items()}


def painted_by(app: PconcApp, draw: Callable[[], None]) -> set[int]:
    """The rows that are written to the terminal while this draws."""
    found: set[int] = set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "_display", lambda screen, update: found.update(y for y, _, _ in update.spans))
        draw()
    return found


def test_what_changes_is_painted_before_drawing_returns() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        dashboard = app._dashboard
        await shown(pilot, app, "Thread-4")
        await until(pilot, lambda: not any(view._repaint_regions for view in app.screen.query(LineView)))
        before = rows(app)
        later = replace(dashboard.latest, now_ns=dashboard.latest.now_ns + 3000 * MS, cores_busy=0.12)
        painted = painted_by(app, lambda: dashboard.show(later))
        after = rows(app)
        changed = {y for y in after if after[y] != before[y]}
        assert changed
        assert painted == changed

    with_app(samples.THREADS, steps)
