"""The list of this machine's Python programs, one of which is then watched."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pconc_tui.text.numbers import UNKNOWN, percent
from pconc_tui.text.printable import printable
from pconc_tui.text.table import cut_command
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, TEXT
from pconc_tui.ui.hints import links
from pconc_tui.ui.screens.option_list import SafeOptionList
from pconc_tui.ui.screens.overlay import Overlay
from pconc_tui.watched_program import RunningPython

EXPERIMENTS = 0
"""Chosen in place of a process id: the experiments again."""
PERIOD_S = 2.0
"""From one list to the next."""
PADDING = 2
"""Columns beside each line."""


class ProgramPicker(ModalScreen[int | None], Overlay[int | None]):
    """The result is the chosen process id, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss(None)", "close")]

    def __init__(self, running: Callable[[], list[RunningPython]], watches: bool) -> None:
        """`running`: lists the programs; `watches`: whether one is watched already."""
        super().__init__(name="programs")
        self._find = running
        self._watches = watches
        self._pids: list[int] = []
        self._list = SafeOptionList(id="options")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Watch a Python program"
            dialog.border_subtitle = links("Enter watches · Esc closes")
            yield self._list

    def on_mount(self) -> None:
        self._list.add_option(Option(Text("searching ...", DIM), disabled=True))
        self._read()
        self.set_interval(PERIOD_S, self._read)

    def _read(self) -> None:
        self.run_worker(self._read_in_thread, thread=True, exclusive=True)

    def _read_in_thread(self) -> None:
        found = self._find()
        if self.is_attached:
            self.app.call_from_thread(self.show, found)

    def show(self, found: list[RunningPython]) -> None:
        """Show these programs; the highlighted one stays highlighted."""
        if not self.is_attached:
            return
        place = self._list.highlighted
        chosen = self._pids[place] if place is not None and place < len(self._pids) else None
        self._pids = [EXPERIMENTS] * self._watches + [each.pid for each in found]
        lines = [Option(Text("back to the experiments", TEXT))] * self._watches
        width = self._list.scrollable_content_region.width - PADDING
        lines += [Option(line(each, width), disabled=bool(each.problem)) for each in found]
        self._list.clear_options()
        self._list.add_options(lines or [Option(Text("no Python program runs", DIM), disabled=True)])
        if self._pids:
            self._list.highlighted = self._pids.index(chosen) if chosen in self._pids else 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._pids[event.option_index])

    def on_key(self, event: events.Key) -> None:
        if event.key == "A":
            self.dismiss(None)


def line(each: RunningPython, width: int) -> Text:
    """A program: its id, version, CPU use, user and command line; or why it can't be watched."""
    found = Text.assemble(
        (f"{each.pid:>8} ", BRIGHT),
        (f"{each.version or UNKNOWN:<6}", TEXT),
        (f"{percent(each.cpu):>4} %  ", TEXT),
        (f"{printable(each.user):<10.10} ", DIM),
    )
    room = width - found.cell_len
    command = printable(each.command)
    said = printable(each.problem) or (cut_command(command, room) if room > 0 else command)
    return found.append(said, DIM if each.problem else TEXT)
