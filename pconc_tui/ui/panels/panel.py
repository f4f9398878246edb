"""What all panels have in common: the data that they are drawn from, titles, tabs, and what mouse events mean."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.message import Message

from pconc_tui.snapshot import Snapshot
from pconc_tui.text.glossary import Entry
from pconc_tui.tours.walk import Walk
from pconc_tui.ui.drawing.lanes import LaneCache
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import BLANK, Line, add_title, fit, heading, inner_size
from pconc_tui.ui.drawing.palette import DIM, FOCUS, TEXT, TITLE
from pconc_tui.ui.drawing.slow_motion import SlowMotion
from pconc_tui.ui.drawing.timeline_window import TimelineWindow
from pconc_tui.ui.explanations import Explained
from pconc_tui.ui.hints import hint
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.replay_view import ReplayView
from pconc_tui.ui.selection import Selection


@dataclass(frozen=True)
class Frame:
    """Everything that the panels are drawn from."""

    latest: Snapshot
    """The newest snapshot, for status, progress and scoreboard."""
    timeline: Snapshot
    """The newest snapshot, or the one at which the timeline was frozen."""
    figures: Snapshot
    """The snapshot whose figures are shown. It changes less often: ten changes a second can't be read."""
    lanes: LaneCache
    settings: LaunchSettings
    window: TimelineWindow
    selection: Selection
    tabs: tuple[type[TabPanel], ...]
    """The secondary panels, in the order of Tab."""
    focused: type[TabPanel]
    """The secondary panel that the arrow keys apply to."""
    scroll: int
    """Rows by which the focused panel is scrolled."""
    first_row: int
    """Index of the first worker in sight in the table."""
    wide: bool
    """Whether the panels stand side by side."""
    projector: bool
    has_run: bool = False
    """Whether anything has run since the start."""
    walk: Walk | None = None
    """The tour that is taken; None: none is."""
    blank: bool = False
    """Whether the presenter of a tour has blanked the screen."""
    replay: ReplayView | None = None
    """Where in a recording the screen is; None: it is live."""
    slow: SlowMotion | None = None
    """What plays in slow motion; None: nothing does."""

    @property
    def boxed(self) -> bool:
        """Whether each panel has a box around it."""
        return self.wide and not self.projector

    def inner_size(self, width: int, height: int) -> tuple[int, int]:
        """The size of the body in a titled panel of this size."""
        return inner_size(width, height, self.boxed)

    @property
    def has_snapshot(self) -> bool:
        """Whether a first snapshot has arrived."""
        return self.latest.now_ns > 0


class Panel(ABC):
    """A rectangle of the dashboard. It has no state: all its methods are pure."""

    area: ClassVar[Area]
    name: ClassVar[str] = ""
    """As its title, its tab and the help call it."""
    topics: ClassVar[tuple[str, ...]] = ()
    """The topics of the glossary that explain what it shows besides that of its name."""
    own_keys: ClassVar[frozenset[str]] = frozenset()
    """Keys of which it says itself what they do now."""

    @abstractmethod
    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        """At most `height` lines, each at most `width` cells wide."""

    @abstractmethod
    def depends_on(self, frame: Frame) -> object:
        """The part of the frame that decides what is shown, besides size, focus, scroll and mode.

        The panel is drawn again only if this has changed. None: draw it in every frame.
        """

    def lines(self, frame: Frame, width: int, height: int) -> list[Line]:
        """Exactly `height` lines, each exactly `width` cells wide."""
        body = [fit(line, width) for line in self.body(frame, width, height)]
        return [*body, *[fit(BLANK, width)] * (height - len(body))]

    def clicked(self, frame: Frame, width: int, height: int, x: int, y: int) -> Iterable[Message]:
        """What a click on this cell means."""
        return ()

    def explained(self, frame: Frame, lines: Sequence[Line], x: int, y: int) -> Entry | None:
        """What the sign at this cell of the lines that are shown means."""
        shown = Explained((self.name, *self.topics), lines)
        return shown.sign_at(x, y) or shown.title_above(x, y) or shown.sign_near(x, y)

    def scrolled(self, by: int) -> Iterable[Message]:
        """What the mouse wheel means, turned up (-1) or down (+1)."""
        return ()


class TitledPanel(Panel):
    """A panel with a title, in a box where there is room for one."""

    def title(self, frame: Frame, width: int, height: int) -> tuple[Line, Line]:
        """The title, and the text at the right; `width` and `height` are the body's."""
        return heading(self.name), BLANK

    def lines(self, frame: Frame, width: int, height: int) -> list[Line]:
        inner = frame.inner_size(width, height)
        title, right = self.title(frame, *inner)
        return add_title(self.body(frame, *inner), title, right, width, height, frame.boxed, self.has_focus(frame))

    def has_focus(self, frame: Frame) -> bool:
        """Whether the arrow keys apply to this panel."""
        return frame.focused is type(self)


class TabPanel(TitledPanel):
    """A secondary panel. On a small screen these share one area: Tab or a click shows the next one.

    The tabs are part of the title line. `TabbedContent` takes two more lines, and a screen with it 57 ms of CPU time to
    open, instead of 13 ms.
    """

    wheel_rows: ClassVar[int] = 3

    @classmethod
    def tab(cls, snapshot: Snapshot) -> str:
        """What its tab says."""
        return cls.name

    def belongs(self, snapshot: Snapshot) -> bool:
        """Whether it is for what is shown: what is launched here, or a program that is watched."""
        return snapshot.program is None

    def has_content(self, snapshot: Snapshot) -> bool:
        """Whether it has something to say, or will have when what runs has run."""
        return True

    def lines(self, frame: Frame, width: int, height: int) -> list[Line]:
        if frame.wide:
            return super().lines(frame, width, height)
        inner = frame.inner_size(width, height)
        title, right = self.title(frame, *inner)
        details = "".join(content for content, _ in title[1:]).removeprefix(" · ")
        right = ((details, DIM), (" ", TEXT), *hint("tab")) if details else hint("tab")
        return add_title(self.body(frame, *inner), _tab_line(frame), right, width, height, frame.boxed)

    def scroll(self, frame: Frame) -> int:
        """Rows by which this panel is scrolled."""
        return frame.scroll if self.has_focus(frame) else 0

    def scroll_limits(self, frame: Frame, width: int, height: int) -> tuple[int, int]:
        """The least and the greatest scroll of a body of this size; 0 lies between them."""
        return 0, 0

    def clicked(self, frame: Frame, width: int, height: int, x: int, y: int) -> Iterable[Message]:
        on_tabs = y == 0 and not frame.wide
        yield PanelChosen((_tab_at(frame, x) if on_tabs else None) or type(self))

    def scrolled(self, by: int) -> Iterable[Message]:
        yield PanelScrolled(type(self), by * self.wheel_rows)


@dataclass
class WorkerClicked(Message):
    """A row of the table or a lane of the timeline was clicked."""

    worker_id: int


@dataclass
class PanelChosen(Message):
    """A secondary panel, or its tab, was clicked."""

    panel: type[TabPanel]


@dataclass
class PanelScrolled(Message):
    """The mouse wheel was turned on a secondary panel."""

    panel: type[TabPanel]
    by: int
    """Rows, down if positive."""


@dataclass
class TimelineScrolled(Message):
    """The mouse wheel was turned on the timeline."""

    share: float
    """The part of the window's width, forward in time if positive."""


def _tab_line(frame: Frame) -> Line:
    line: Line = BLANK
    for panel in frame.tabs:
        focused = panel is frame.focused
        style = TITLE + FOCUS if focused else DIM
        line = (*line, ("▸" if focused else " ", style), (panel.tab(frame.latest), style))
    return line


def _tab_at(frame: Frame, x: int) -> type[TabPanel] | None:
    """The panel whose tab is at this column."""
    start = 2
    for panel in frame.tabs:
        width = len(panel.tab(frame.latest))
        if start <= x <= start + width:
            return panel
        start += width + 1
    return None


def rows_from(lines: list[Line], scroll: int, height: int) -> list[Line]:
    """The rows in sight of a body scrolled by this many rows."""
    start = max(0, min(scroll, len(lines) - height))
    return lines[start : start + height]
