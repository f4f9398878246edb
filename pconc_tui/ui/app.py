"""The app: opens the bench after the first paint, asks it for ten pictures a second, and passes commands on to it."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from pconc_tui.models import STARTING_PROCESSES
from pconc_tui.pythons import Interpreter, oldest_first
from pconc_tui.requests import RequestError
from pconc_tui.ui.commands import COMMANDS
from pconc_tui.ui.controller import Controller
from pconc_tui.ui.launch_settings import SWITCH_MS, LaunchSettings, stepped
from pconc_tui.ui.screens.dashboard import Dashboard
from pconc_tui.ui.screens.reader import LiveReader

if TYPE_CHECKING:
    from pconc_tui.ui.screens.picker import Picker

FRAME_S = 0.1
Value = TypeVar("Value")


class PconcApp(App[None]):
    """A bench on which threads and processes are launched and watched."""

    TITLE = "pconc-tui"
    CSS_PATH = "pconc.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c,ctrl+q", "quit", "quit", show=False, priority=True)]

    def __init__(
        self,
        open_controller: Callable[[], Controller],
        look: Callable[[], Iterable[Interpreter]] = tuple,
        experiment: str | None = None,
    ) -> None:
        # With the terminal's own colours and NO_COLOR, Textual sends no colour at all.
        super().__init__(ansi_color="NO_COLOR" in os.environ)
        self._open_controller = open_controller
        self._look = look
        self.looking = True
        """Whether interpreters are still being looked for."""
        self._controller: Controller | None = None
        self._early: list[Callable[[Controller], object]] = []
        self._dashboard = Dashboard(
            LaunchSettings() if experiment is None else LaunchSettings().with_experiment(experiment)
        )
        self._switch_s = 0.005

    def get_default_screen(self) -> Screen[None]:
        return self._dashboard

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            with suppress(NotImplementedError, RuntimeError):
                loop.add_signal_handler(number, self._end, 128 + number)
        self.call_after_refresh(self._open)

    def _end(self, status: int) -> None:
        self.exit(return_code=status)

    def _open(self) -> None:
        try:
            self._controller = self._open_controller()
        except RequestError as error:
            self.notify(str(error), severity="error", timeout=3600)
            return
        for request in (lambda controller: controller.open_lab(), *self._early):
            self.ask(request)
        self.set_interval(FRAME_S, self.tick)
        # A daemon: on the way out nobody waits for an interpreter that is slow to answer.
        threading.Thread(target=self._look_for_interpreters, daemon=True).start()

    def _look_for_interpreters(self) -> None:
        found = []
        for each in self._look():
            if not self.is_running:
                return
            found.append(each)
        with suppress(RuntimeError):
            self.call_from_thread(self._have_found, oldest_first(found))

    def _have_found(self, found: tuple[Interpreter, ...]) -> None:
        from pconc_tui.ui.screens.picker import Picker

        self.looking = False
        self._choose(lambda choices: replace(choices, found=found))
        for screen in self.screen_stack:
            if isinstance(screen, Picker):
                screen.choose_from(self.choices, self.looking)

    def on_unmount(self) -> None:
        if self._controller:
            self._controller.close()

    def tick(self) -> None:
        """One frame."""
        if self._controller and self._dashboard.is_attached:
            snapshot = self._controller.poll()
            self._dashboard.show(snapshot)
            if isinstance(self.screen, LiveReader):
                self.screen.show(snapshot)

    def ask(self, request: Callable[[Controller], object]) -> bool:
        """Ask something of the bench; say why if it can't be. What comes of it is shown at once."""
        if self._controller is None:
            self._early.append(request)
            return False
        with self._refusals_shown():
            request(self._controller)
            self.tick()
            return True
        return False

    @contextmanager
    def _refusals_shown(self) -> Iterator[None]:
        """Say why something can't be done."""
        try:
            yield
        except RequestError as error:
            self.notify(str(error), severity="warning")

    @property
    def choices(self) -> LaunchSettings:
        return self._dashboard.view.choices

    def _choose(self, change: Callable[[LaunchSettings], LaunchSettings]) -> bool:
        """Other choices, or a message why not."""
        before = self.choices
        with self._refusals_shown():
            self._dashboard.change(replace(self._dashboard.view, choices=change(before)))
            method = self.choices.start_method
            if method not in (None, before.start_method) and self.choices.model not in STARTING_PROCESSES:
                self.notify(f"Processes are started by {method} from now on.")
            return True
        return False

    # Commands

    def action_launch(self, model: str) -> None:
        if self._choose(lambda choices: choices.with_model(model)):
            self._thaw()
            request = self.choices.request
            self.ask(lambda controller: controller.launch(request))

    def action_launch_chosen(self) -> None:
        self.action_launch(self.choices.model)

    def action_measure(self) -> None:
        if self._choose(lambda choices: choices.with_model(choices.model)):
            self._thaw()
            request = self.choices.request
            self.ask(lambda controller: controller.measure(request))

    def action_compare(self) -> None:
        from pconc_tui.ui.screens.compare import CompareScreen

        if self.looking:
            self.notify("Still looking for interpreters; try again in a moment.", severity="warning")
            return
        last = self._dashboard.live.comparison
        same = last and (last.plan.experiment, last.plan.variant) == (self.choices.id, self.choices.variant)
        if same or self._compare():
            self.push_screen(CompareScreen(self._compare, self.action_stop_all))
            self.tick()

    def _compare(self) -> bool:
        """Begin to compare what has been chosen in all models and interpreters."""
        with self._refusals_shown():
            plan = self.choices.plan(self._dashboard.live.core_count)
            self._thaw()
            return self.ask(lambda controller: controller.compare(plan))
        return False

    def _thaw(self) -> None:
        if self._dashboard.view.window.frozen:
            self._dashboard.action_freeze()

    def action_stop(self) -> None:
        self._end_selected("stop", lambda controller, id: controller.stop(id))

    def action_kill(self) -> None:
        self._end_selected("kill", lambda controller, id: controller.kill(id))

    def _end_selected(self, verb: str, end: Callable[[Controller, int], object]) -> None:
        dashboard = self._dashboard
        with self._refusals_shown():
            worker = dashboard.view.living(dashboard.live.workers, verb)
            if self.ask(lambda controller: end(controller, worker.id)):
                dashboard.change(dashboard.view.after_stopping(dashboard.live.workers, worker.id))

    def action_stop_all(self) -> None:
        self.ask(lambda controller: controller.stop_all())

    def action_clear(self) -> None:
        self._thaw()
        self.ask(lambda controller: controller.clear())

    def action_clear_scoreboard(self) -> None:
        self.ask(lambda controller: controller.clear_scoreboard())

    def action_choose(self, key: str) -> None:
        self._choose(lambda choices: choices.with_key(key))

    def _pick(self, picker: Picker[Value], change: Callable[[LaunchSettings, Value], LaunchSettings]) -> None:
        """Choose what the person picks, if anything."""

        def picked(value: Value | None) -> None:
            if value is not None:
                self._choose(lambda choices: change(choices, value))

        self.push_screen(picker, picked)

    def action_pick(self) -> None:
        from pconc_tui.ui.screens.experiment_picker import ExperimentPicker

        self._pick(ExperimentPicker(self.choices), LaunchSettings.with_experiment)

    def action_pick_model(self) -> None:
        from pconc_tui.ui.screens.pickers import ModelPicker

        self._pick(ModelPicker(self.choices, self.looking), LaunchSettings.with_model)

    def action_pick_method(self) -> None:
        from pconc_tui.ui.screens.pickers import MethodPicker

        self._pick(MethodPicker(self.choices), LaunchSettings.with_method)

    def action_pick_interpreter(self) -> None:
        from pconc_tui.ui.screens.pickers import InterpreterPicker

        self._pick(InterpreterPicker(self.choices, self.looking), LaunchSettings.with_interpreter)

    def action_toggle_lock(self) -> None:
        self._choose(LaunchSettings.toggle_lock)

    def action_next_variant(self) -> None:
        self._choose(LaunchSettings.next_variant)

    def action_next_model(self) -> None:
        self._choose(LaunchSettings.next_model)

    def action_next_method(self) -> None:
        self._choose(LaunchSettings.next_method)

    def action_workers(self, by: int) -> None:
        self._choose(lambda choices: choices.stepped_workers(by))

    def action_switch(self, by: int) -> None:
        seconds = self._switch_s = stepped(SWITCH_MS, round(self._switch_s * 1e3, 3), by) / 1e3
        self.ask(lambda controller: controller.set_switch_interval(seconds))

    def action_code(self) -> None:
        from pconc_tui.ui.screens.pages import code_page

        self.push_screen(code_page(self.choices.id, self.choices.variant, self.choices.model))

    def action_labs(self) -> None:
        from pconc_tui.ui.screens.labs import LabsPage

        self.push_screen(LabsPage())
        self.tick()

    def action_help(self) -> None:
        from pconc_tui.ui.screens.pages import help_page

        # Kept once made: it never changes, and opening it must not wait for busy cores twice.
        if not self.is_screen_installed("help"):
            self.install_screen(help_page(), "help")
        self.push_screen("help")

    def action_save(self) -> None:
        from pconc_tui.ui.screenshot import save

        try:
            path, trouble = save(self.export_screenshot(title=self.TITLE), datetime.now())
        except OSError as error:
            self.notify(f"The screenshot could not be written: {error}", severity="error")
        else:
            self.notify(f"{trouble}Screenshot saved: {path}", severity="warning" if trouble else "information")

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """All commands, for the palette."""
        for command in COMMANDS:
            yield SystemCommand(command.help, f"Key {command.key}", self._runner(command.action))

    def _runner(self, action: str) -> Callable[[], object]:
        async def run() -> None:
            await self._dashboard.run_action(action)

        return run
