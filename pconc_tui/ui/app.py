"""The app: opens the controller after the first paint, polls it ten times a second and passes commands on to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from pconc_tui.models import STARTING_PROCESSES
from pconc_tui.pythons import Interpreter, oldest_first
from pconc_tui.requests import RequestError
from pconc_tui.text.printable import printable
from pconc_tui.ui.compare_app import CompareApp
from pconc_tui.ui.controller import Controller
from pconc_tui.ui.launch_settings import SWITCH_MS, LaunchSettings, next_step
from pconc_tui.ui.screens.dashboard import Dashboard
from pconc_tui.ui.screens.scroll_screen import LiveScreen
from pconc_tui.ui.terminal_title import title

if TYPE_CHECKING:
    from pconc_tui.ui.screens.overlay import Overlay

FRAME_S = 0.1
Value = TypeVar("Value")


class PconcApp(CompareApp):
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
    ) -> None:
        """`open_controller` is called after the first paint, `find_interpreters` then in a thread.

        `experiment_id` is the experiment that is chosen first. `report_restored` is called when the app is suspended,
        with True: the terminal has been restored, and when it goes on, with False. `first` is called with the app once
        the controller is open.
        """
        super().__init__()
        self._open_controller = open_controller
        self._find_interpreters = find_interpreters
        self.searching = True
        """Whether the search for interpreters is still running."""
        self._report_restored = report_restored
        self._first = first
        self._early_requests: list[Callable[[Controller], object]] = []
        self._draws_soon = False
        self._dashboard = Dashboard(
            LaunchSettings() if experiment_id is None else LaunchSettings().with_experiment(experiment_id)
        )
        self.switch_interval_s = 0.005

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
        """Poll the controller and draw its snapshot."""
        self._draws_soon = False
        if self._controller and self._dashboard.is_attached:
            snapshot = self._controller.poll()
            self.advance_tour(snapshot, self._controller)
            self._dashboard.show(snapshot)
            self._terminal_title.show(title(snapshot))
            if isinstance(self.screen, LiveScreen):
                self.screen.show(snapshot)

    def _draw_soon(self) -> None:
        """Draw once the keys that wait have been handled: a key that is held sends more of them than can be drawn."""
        if not self._draws_soon:
            self._draws_soon = True
            self.call_later(self.tick)

    def request(self, send: Callable[[Controller], object]) -> bool:
        """Send a request to the controller and draw its effect; False if it was refused or is sent later."""
        if self._controller is None:
            self._early_requests.append(send)
            return False
        with self._notify_refusal():
            send(self._controller)
            self._draw_soon()
            return True
        return False

    @contextmanager
    def _notify_refusal(self) -> Iterator[None]:
        """Show why a request was refused."""
        try:
            yield
        except RequestError as error:
            self.notify(str(error), severity="warning")

    def notify(self, message: str, **options: Any) -> None:
        """Show a message for a while. It may contain what a function printed or raised, so it is no markup."""
        super().notify(printable(message), **{**options, "markup": False})

    @property
    def settings(self) -> LaunchSettings:
        """What the next launch or measurement runs."""
        return self._dashboard.state.settings

    def _change_settings(self, change: Callable[[LaunchSettings], LaunchSettings]) -> bool:
        """Change the settings, or show why they can't be changed like this."""
        before = self.settings
        with self._notify_refusal():
            self._dashboard.change(replace(self._dashboard.state, settings=change(before)))
            method = self.settings.start_method
            if method not in (None, before.start_method) and self.settings.model not in STARTING_PROCESSES:
                self.notify(f"The start method for processes is now {method}.")
            return True
        return False

    # Commands

    def action_launch(self, model: str) -> None:
        if self._change_settings(lambda settings: settings.with_model(model)):
            self._dashboard.unfreeze()
            request = self.settings.request
            self.request(lambda controller: controller.launch(request))

    def action_launch_chosen(self) -> None:
        self.action_launch(self.settings.model)

    def action_measure(self) -> None:
        if self._change_settings(lambda settings: settings.with_model(settings.model)):
            self._dashboard.await_result()
            request = self.settings.request
            self.request(lambda controller: controller.measure(request))

    def action_stop(self) -> None:
        self._end_selected("stop", lambda controller, id: controller.stop(id))

    def action_kill(self) -> None:
        self._end_selected("kill", lambda controller, id: controller.kill(id))

    def _end_selected(self, verb: str, end: Callable[[Controller, int], object]) -> None:
        dashboard = self._dashboard
        with self._notify_refusal():
            worker = dashboard.state.selection.alive_worker(dashboard.latest.workers, verb)
            if self.request(lambda controller: end(controller, worker.id)):
                selection = dashboard.state.selection.after_stopping(dashboard.latest.workers, worker.id)
                dashboard.change(replace(dashboard.state, selection=selection))

    def action_clear(self) -> None:
        self._dashboard.unfreeze()
        self.request(lambda controller: controller.clear())

    def action_clear_scoreboard(self) -> None:
        self.request(lambda controller: controller.clear_scoreboard())

    def action_choose(self, key: str) -> None:
        self._change_settings(lambda settings: settings.with_key(key))

    def _show_over(self, screen: Overlay[Value], picked: Callable[[Value | None], None] | None = None) -> None:
        """Show a screen over the dashboard, unless one of its kind is open: a double click opens it once."""
        kind = type(screen), screen.name
        if all((type(each), each.name) != kind for each in self.screen_stack):
            self.push_screen(screen, picked)

    def action_pick(self, what: str) -> None:
        """Open the picker of this, and change the settings by what is picked, if anything."""
        from pconc_tui.ui.screens.pickers import PICKERS

        picker = PICKERS[what](self.settings, self.searching)

        def picked(value: Any) -> None:
            if value is not None:
                self._change_settings(lambda settings: picker.change(settings, value))

        self._show_over(picker, picked)

    def action_toggle_lock(self) -> None:
        self._change_settings(LaunchSettings.with_lock_toggled)

    def action_next_variant(self) -> None:
        self._change_settings(LaunchSettings.next_variant)

    def action_next_model(self) -> None:
        self._change_settings(LaunchSettings.next_model)

    def action_next_method(self) -> None:
        self._change_settings(LaunchSettings.next_start_method)

    def action_workers(self, by: int) -> None:
        self._change_settings(lambda settings: settings.with_more_workers(by))

    def action_switch(self, by: int) -> None:
        seconds = self.switch_interval_s = next_step(SWITCH_MS, round(self.switch_interval_s * 1e3, 3), by) / 1e3
        self.request(lambda controller: controller.set_switch_interval(seconds))

    def action_code(self) -> None:
        from pconc_tui.ui.screens.code_page import CodePage

        self._show_over(CodePage(self.settings.experiment_id, self.settings.variant, self.settings.model))

    def action_labs(self) -> None:
        from pconc_tui.ui.screens.labs import LabsPage

        self._show_over(LabsPage())
        self.tick()

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

        try:
            path, problem = save(self.export_screenshot(title=self.TITLE), datetime.now())
        except OSError as error:
            self.notify(f"The screenshot could not be written: {error}", severity="error")
        else:
            self.results_saved(self._dashboard.latest)
            self.notify(f"{problem}Screenshot saved: {path}", severity="warning" if problem else "information")

    def action_command_palette(self) -> None:
        from pconc_tui.ui.screens.command_palette import Palette

        self._show_over(Palette())
