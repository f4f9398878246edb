"""The app: opens the controller after the first paint, polls it ten times a second and passes commands on to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from pconc_tui.pythons import Interpreter, oldest_first
from pconc_tui.recording.recorder import Recorder
from pconc_tui.requests import RequestError
from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.choose_app import ChooseApp
from pconc_tui.ui.compare_app import CompareApp
from pconc_tui.ui.controller import Controller, Programs
from pconc_tui.ui.held_key import HeldKey
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.quit_question import ShowsResults
from pconc_tui.ui.record_app import RecordApp
from pconc_tui.ui.run_app import RunApp
from pconc_tui.ui.screens.dashboard import Dashboard
from pconc_tui.ui.screens.scroll_screen import LiveScreen
from pconc_tui.ui.terminal_title import title
from pconc_tui.ui.watch_app import WatchApp

FRAME_S = 0.1


class PconcApp(RunApp, ChooseApp, CompareApp, RecordApp, WatchApp):
    """Launches threads and processes, and shows when each of them runs."""

    TITLE = "pconc-tui"
    CSS_PATH = "pconc.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", "quit", show=False, priority=True),
        Binding("ctrl+q", "quit", "quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "suspend", show=False, priority=True),
    ]

    def __init__(
        self,
        open_controller: Callable[[], Controller],
        find_interpreters: Callable[[], Iterable[Interpreter]] = tuple,
        experiment_id: str | None = None,
        report_restored: Callable[[bool], object] = lambda restored: None,
        first: Callable[[PconcApp], object] = lambda app: None,
        recorder: Recorder | None = None,
        programs: Programs | None = None,
        before: Snapshot | None = None,
    ) -> None:
        """`open_controller` is called after the first paint, `find_interpreters` then in a thread.

        `experiment_id` is the experiment that is chosen first. `report_restored` is called when the app is suspended,
        with True: the terminal has been restored, and when it goes on, with False. `first` is called with the app once
        the controller is open. `recorder` records each snapshot. `programs` lists the Python programs that can be
        watched; None: none can be. `before` is shown until the controller is open; None: how to start.
        """
        super().__init__()
        self._open_controller = open_controller
        self._find_interpreters = find_interpreters
        self.searching = True
        self._report_restored = report_restored
        self._first = first
        self.recorder = recorder
        self._programs = programs
        self._early_requests: list[Callable[[Controller], object]] = []
        self._draws_soon = False
        self._screenshot_key = HeldKey()
        self._dashboard = Dashboard(
            LaunchSettings() if experiment_id is None else LaunchSettings().with_experiment(experiment_id)
        )

        if before is not None:
            self._dashboard.start_anew(before)

    def get_default_screen(self) -> Screen[None]:
        return self._dashboard

    def on_mount(self) -> None:
        self.call_after_refresh(self._open)

    def _open(self) -> None:
        try:
            self._controller = self._open_controller()
        except RequestError as error:
            self.notify(str(error), severity="error", timeout=3600)
            return
        for send in (lambda controller: controller.open_lab(), *self._early_requests):
            self.request(send)
        self.set_interval(FRAME_S, self.tick)
        self._first(self)
        # What is compared depends on the number of cores, so a snapshot comes before the interpreters.
        self.tick()
        # A daemon thread, so that quitting does not wait for an interpreter that is slow to answer.
        threading.Thread(target=self._search, daemon=True).start()

    def _search(self) -> None:
        found = []
        for interpreter in self._find_interpreters():
            if not self.is_running:
                return
            found.append(interpreter)
        with suppress(RuntimeError):
            self.call_from_thread(self.search_done, oldest_first(found))

    def search_done(self, interpreters: tuple[Interpreter, ...]) -> None:
        """Offer these interpreters from now on, also in a picker that is open."""
        from pconc_tui.ui.screens.picker import Picker

        self.searching = False
        self._change_settings(lambda settings: replace(settings, interpreters=interpreters))
        for screen in self.screen_stack:
            if isinstance(screen, Picker):
                screen.update(self.settings, self.searching)

    def tick(self) -> None:
        self._draws_soon = False
        if self._controller and self._dashboard.is_attached:
            snapshot = self._controller.poll()
            self.record(snapshot)
            self.advance_tour(snapshot, self._controller)
            snapshot = self.show_frame(snapshot)
            self._terminal_title.show(title(snapshot, self.is_recorded))
            if isinstance(self.screen, LiveScreen):
                self.screen.recorded = self.is_recorded
                self.screen.show(snapshot)

    def _draw_soon(self) -> None:
        """Draw once the keys that wait have been handled: a key that is held sends more of them than can be drawn."""
        if not self._draws_soon:
            self._draws_soon = True
            self.call_later(self.tick)

    def request(self, send: Callable[[Controller], object]) -> bool:
        if self._controller is None:
            self._early_requests.append(send)
            return False
        with self._notify_refusal():
            send(self._controller)
            self._draw_soon()
            return True
        return False

    # Commands

    def action_code(self) -> None:
        from pconc_tui.ui.screens.code_page import CodePage

        self._show_over(CodePage(self.settings.experiment_id, self.settings.variant, self.settings.model))

    def action_labs(self) -> None:
        from pconc_tui.ui.screens.labs import LabsPage

        self._show_over(LabsPage(self.recording_lines))
        self.tick()

    action_processes = action_labs

    def action_help(self) -> None:
        from pconc_tui.ui.screens.help_page import HelpPage

        # Installed once: it never changes, and making it again would delay it while all cores are busy.
        if not self.is_screen_installed("help"):
            self.install_screen(HelpPage(), "help")
        page = self.get_screen("help", HelpPage)
        page.open_at(getattr(self.screen, "topic", ""))
        self._show_over(page)

    def action_save(self) -> None:
        from pconc_tui.ui.screenshot import save

        if self._screenshot_key.is_repeat():
            return
        try:
            path, problem = save(self.export_screenshot(title=self.TITLE), datetime.now())
        except OSError as error:
            self.notify(f"The screenshot could not be written: {error}", severity="error")
        else:
            if isinstance(self.screen, ShowsResults):
                self.results_saved(self.screen.results(self._dashboard.latest))
            self.notify(f"{problem}Screenshot saved: {path}", severity="warning" if problem else "information")
        self._screenshot_key.handled()

    def action_command_palette(self) -> None:
        from pconc_tui.ui.screens.command_palette import Palette

        self._show_over(Palette())
