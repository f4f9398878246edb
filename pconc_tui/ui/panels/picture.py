"""Every panel's finished lines, title and frame included: all that the dashboard shows, without a terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing import layout
from pconc_tui.ui.drawing.lanes import Lanes
from pconc_tui.ui.drawing.lines import BLANK, Line, centred, fitted, framed, heading, inner_size, text
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, FOCUS, KEY, TEXT, TITLE
from pconc_tui.ui.panels import (
    chart,
    code,
    cores,
    counters,
    footer,
    log,
    projector_figures,
    scoreboard,
    status,
    timeline,
    workers,
)


@dataclass(frozen=True)
class Frame:
    """What one frame is drawn from."""

    live: Snapshot
    """The newest: status, progress, scoreboard."""
    shown: Snapshot
    """The same, or the one at which the picture was frozen."""
    figures: Snapshot
    """The one whose figures are on screen: renewed less often, since nobody reads ten a second."""
    view: DashboardState
    lanes: Lanes
    width: int
    height: int

    @property
    def begun(self) -> bool:
        """Whether there has been a snapshot yet."""
        return self.live.now_ns > 0

    @property
    def wide(self) -> bool:
        return layout.is_wide(self.width, self.height)

    @property
    def boxed(self) -> bool:
        return self.wide and not self.view.projector

    @property
    def frozen(self) -> bool:
        return self.view.window.frozen


Body = tuple[Line, Line, list[Line]]


def _timeline(frame: Frame, width: int, height: int) -> Body:
    snapshot = frame.shown
    selected = frame.view.index(snapshot.workers)
    shelf = timeline.shelved(len(snapshot.workers), selected, height - 2, frame.view.projector)
    figures = frame.figures if not frame.frozen else snapshot
    left, right = timeline.title(frame.view.window, snapshot, figures, shelf, frame.live, width)
    body = timeline.lines(snapshot, frame.view.window, frame.lanes, selected, width, height, frame.view.projector)
    return left, right, body


def _cores(frame: Frame, width: int, height: int) -> Body:
    return heading("Cores"), cores.busy(frame.figures), cores.lines(frame.figures, width, height)


def _workers(frame: Frame, width: int, height: int) -> Body:
    rows = frame.figures.workers
    selected = frame.view.index(rows)
    first = workers.first_row(len(rows), selected, height - 1, frame.view.first)
    living = sum(worker.alive for worker in rows)
    more: list[str] = [f"{living} alive"] if rows else []
    if len(rows) > height - 1:
        more.append(f"{first + 1}-{min(len(rows), first + height - 1)} of {len(rows)}")
    return (
        heading("Workers", *more),
        BLANK,
        workers.lines(rows, frame.figures.processes, selected, first, width, height),
    )


def _counters(frame: Frame, width: int, height: int) -> Body:
    found = counters.lines(frame.figures.counters, frame.view.choices.id, width, height)
    return heading("Counters"), BLANK, _from(found, _back(frame, "counters"), height)


def _scoreboard(frame: Frame, width: int, height: int) -> Body:
    measurements = frame.live.measurements
    rows = scoreboard.chart_rows(height) if measurements else 0
    drawn = chart.lines(measurements, frame.view.choices.id, width, rows) if rows else []
    room = height - len(drawn)
    found = scoreboard.lines(measurements, frame.view.choices.workers, width, room)
    body = _from(found, _back(frame, "scoreboard"), room)
    body += [BLANK] * (room - len(body))
    return heading("Scoreboard"), BLANK, [*body, *drawn]


def _log(frame: Frame, width: int, height: int) -> Body:
    snapshot = frame.figures
    back = -_back(frame, "log")
    return heading("Log"), BLANK, log.lines(snapshot.log, snapshot.log_dropped, back, width, height)


def _code(frame: Frame, width: int, height: int) -> Body:
    choices = frame.view.choices
    # Colours take Pygments, whose import must not delay the first paint.
    source = code.highlighted(choices.id) if frame.begun else code.plain(choices.id)
    right: Line = (("o", KEY), (" all", DIM))
    return (
        heading("Code", choices.variant),
        right,
        code.lines(choices.id, choices.variant, choices.model, source, _back(frame, "code"), width, height),
    )


def _back(frame: Frame, panel: str) -> int:
    return frame.view.back if frame.view.panel == panel else 0


def _from(lines: list[Line], back: int, height: int) -> list[Line]:
    start = max(0, min(back, len(lines) - height))
    return lines[start : start + height]


_PANELS: dict[str, Callable[[Frame, int, int], Body]] = {
    "timeline": _timeline,
    "cores": _cores,
    "workers": _workers,
    "counters": _counters,
    "scoreboard": _scoreboard,
    "log": _log,
    "code": _code,
}


def _tabs(frame: Frame) -> Line:
    """The secondary panels that take turns."""
    line: Line = BLANK
    for name in layout.SECONDARY:
        style = TITLE + FOCUS if name == frame.view.panel else DIM
        mark = "▸" if name == frame.view.panel else " "
        line = (*line, (mark, style), (name.capitalize(), style))
    return line


def tab_at(x: int) -> str | None:
    """The secondary panel whose name is under the mouse in the line of names."""
    at = 2
    for name in layout.SECONDARY:
        if at <= x <= at + len(name):
            return name
        at += len(name) + 1
    return None


def _status(frame: Frame, width: int, height: int) -> list[Line]:
    choices = frame.view.choices
    return [status.status(frame.live, width), status.bench(frame.live, choices, frame.frozen, width)]


_PLAIN: dict[str, Callable[[Frame, int, int], list[Line]]] = {
    "small": lambda frame, width, height: too_small(width, height),
    "status": _status,
    "keys": lambda frame, width, height: [footer.line(width)],
    "big": lambda frame, width, height: projector_figures.lines(frame.figures, width),
}


def inputs(name: str, frame: Frame) -> tuple[object, ...] | None:
    """What a panel's lines depend on besides its size: while that is equal, they are; None: on everything."""
    view = frame.view
    if name in ("timeline", "status"):
        return None
    if name == "keys":
        return ()
    looks = (view.choices, view.panel, view.back, frame.wide)
    if name == "code":
        return *looks, frame.begun
    if name == "scoreboard":
        return *looks, frame.live.measurements
    return *looks, view.selected, view.first, frame.figures


def drawn(name: str, frame: Frame, width: int, height: int) -> list[Line]:
    """A panel's lines."""
    if name in _PLAIN:
        lines = [fitted(line, width) for line in _PLAIN[name](frame, width, height)]
        return [*lines, *[fitted(BLANK, width)] * (height - len(lines))]
    inner = inner_size(width, height, frame.boxed)
    title, right, body = _PANELS[name](frame, *inner)
    focused = name == frame.view.panel
    if name in layout.SECONDARY and not frame.wide:
        more = title[1:]
        title = _tabs(frame)
        right = (*more, (" ", TEXT), ("Tab", KEY)) if more else (("Tab", KEY),)
        focused = False
    return framed(body, title, right, width, height, frame.boxed, focused)


def too_small(width: int, height: int) -> list[Line]:
    least = f"{layout.LEAST[0]}x{layout.LEAST[1]}"
    message = text(f"terminal too small: needs {least}, has {width}x{height}", ALERT)
    if width < 50:
        needs, has = text(f"needs {least}", BRIGHT), text(f"has {width}x{height}", BRIGHT)
        return [text("terminal too small", ALERT), needs, has]
    return [BLANK] * ((height - 1) // 2) + [centred(message, width)]
