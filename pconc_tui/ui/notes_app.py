"""The app of the presenter's notes, in a terminal of its own. Its keys drive the tour in the other one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pconc_tui.presenter.client import NotesClient
from pconc_tui.ui import notes_lines
from pconc_tui.ui.drawing.line_view import LineView
from pconc_tui.ui.drawing.lines import BLANK, text
from pconc_tui.ui.drawing.palette import ALERT
from pconc_tui.ui.key_bindings import TOUR_COMMANDS
from pconc_tui.ui.terminal_app import TerminalApp

POLL_S = 0.1
NO_TOUR = "No tour runs. Start one in another terminal: pconc-tui tour"
ENDED = "The tour has ended. Start another: pconc-tui tour"
SILENT = "No answer from the tour: it may be suspended."


class NotesApp(TerminalApp):
    """Shows what the presenter of a tour needs to know."""

    TITLE = "pconc-tui notes"
    CSS_PATH = "pconc.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"send('{each.label}')", each.label, show=False) for each in TOUR_COMMANDS for key in each.keys),
        Binding("up", "scroll(-1)", "up", show=False),
        Binding("down", "scroll(1)", "down", show=False),
        Binding("tab", "next_tour", "other tour", show=False, priority=True),
        Binding("q,ctrl+q,ctrl+c", "quit", "quit", show=False, priority=True),
    ]

    def __init__(self, client: NotesClient, now: Callable[[], datetime] = datetime.now) -> None:
        super().__init__()
        self._client, self._now = client, now
        self._view = LineView("notes")
        self._scroll = 0

    def compose(self) -> ComposeResult:
        yield self._view

    def on_mount(self) -> None:
        self.set_interval(POLL_S, self.tick)

    def on_resize(self, event: events.Resize) -> None:
        self._view.styles.width, self._view.styles.height = event.size
        self.draw()

    def on_unmount(self) -> None:
        self._client.close()

    def tick(self) -> None:
        """Receive what has arrived, and draw it."""
        before = self._client.page
        problem = ""
        try:
            self._client.poll()
        except OSError as error:
            where = f"{error.filename} " if error.filename else ""
            problem = f"{where}{error.strerror or error}"
        page = self._client.page
        if page and before and (page.tour, page.number) != (before.tour, before.number):
            self._scroll = 0
        self.draw(problem)

    def draw(self, problem: str = "") -> None:
        """Draw the newest page, or why there is none."""
        width, height = self.size
        page = self._client.page
        room, rows = notes_lines.body_size(width, height)
        if page is None:
            body = notes_lines.message_lines(problem or (ENDED if self._client.ended else NO_TOUR), room, rows)
        else:
            body = [text(SILENT, ALERT), BLANK] if self._client.silent else []
            body += notes_lines.page_lines(page, room)
        self._scroll = max(0, min(self._scroll, len(body) - rows))
        clock = self._now().strftime("%H:%M")
        lines = notes_lines.screen(body[self._scroll :], page, clock, len(self._client.tours), width, height)
        self._view.show(lines, width)

    def action_send(self, key: str) -> None:
        """Have the tour do what this key does."""
        self._client.send(key)

    def action_next_tour(self) -> None:
        """Show another of the tours that are taken."""
        self._client.next()

    def action_scroll(self, by: int) -> None:
        """Scroll the notes by rows."""
        self._scroll += by
        self.draw()
