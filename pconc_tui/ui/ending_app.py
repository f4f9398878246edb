"""The app's part that suspends and ends it: asks before it quits, closes the controller, restores the title."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

from pconc_tui.snapshot import Snapshot
from pconc_tui.text.headline_values import plural
from pconc_tui.ui.controller import Controller
from pconc_tui.ui.quit_question import ASKED_S, QuitQuestion
from pconc_tui.ui.screens.dashboard import Dashboard
from pconc_tui.ui.suspension import Suspension
from pconc_tui.ui.terminal_app import TerminalApp
from pconc_tui.ui.terminal_title import TerminalTitle


class EndingApp(TerminalApp):
    """Ends when a person, a signal or another program asks it to. The subclass makes the dashboard and polls."""

    _dashboard: Dashboard
    _report_restored: Callable[[bool], object]

    def __init__(self) -> None:
        super().__init__()
        self._controller: Controller | None = None
        self._close_lock = threading.Lock()
        self._quit_question = QuitQuestion()
        self._terminal_title = TerminalTitle(lambda data: self._driver and self._driver.write(data))

    def tick(self) -> None:
        """Poll the controller and draw its snapshot."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.app_suspend_signal.subscribe(self, lambda _: self._terminal_title.restore(), immediate=True)
        if self._driver and self._driver.can_suspend:
            self._suspension = Suspension(self, self._report_restored, lambda: self.ending)

    def on_unmount(self) -> None:
        self._terminal_title.restore()
        self.close()

    def close(self) -> None:
        """End the labs and their workers, and wait until they are gone. May be called by any thread."""
        with self._close_lock:
            controller, self._controller = self._controller, None
            if controller:
                controller.close()

    def results_saved(self, snapshot: Snapshot) -> None:
        """Quit from now on without asking about the measurements or the comparison of this snapshot."""
        self._quit_question.saved(snapshot)

    @property
    def at_stake(self) -> Snapshot:
        """The workers and results that would be lost."""
        return self._dashboard.latest

    def quit_or_ask(self, key: str) -> None:
        """Quit; where workers run or a result would be lost, ask for this key once more."""
        self.tick()
        if question := self._quit_question.ask(self.at_stake, key):
            self.notify(question, severity="warning", timeout=ASKED_S)
        else:
            self.exit()

    # Keys

    async def action_quit(self) -> None:
        self.quit_or_ask("q" if self.screen is self._dashboard else "Ctrl+Q")

    def action_interrupt(self) -> None:
        """Copy the selected text; without one, quit, but cancel or close an open comparison first."""
        from pconc_tui.ui.screens.compare import CompareScreen

        if selected := self.screen.get_selected_text() or getattr(self.focused, "selected_text", ""):
            self.copy_to_clipboard(selected)
            self.screen.clear_selection()
            self.notify(f"Copied {plural(selected.count(chr(10)) + 1, 'line')}.")
        elif isinstance(self.screen, CompareScreen):
            self.screen.action_leave()
        elif any(isinstance(each, CompareScreen) for each in self.screen_stack):
            self.screen.dismiss(None)
        else:
            self.quit_or_ask("Ctrl+C")

    def action_suspend_process(self) -> None:
        if self._driver and self._driver.can_suspend:
            # The whole process group, as the terminal would: a program such as `uv run` may have started this one.
            os.kill(0, signal.SIGTSTP)
