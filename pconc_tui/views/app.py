"""The app: opens the bench after the first paint, asks it for ten pictures a second, and passes commands on to it."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from pconc_tui.bench import Bench, BenchError
from pconc_tui.interpreters import Interpreter, ordered
from pconc_tui.models import STARTING_PROCESSES
from pconc_tui.snapshot import Worker
from pconc_tui.views.choices import SWITCH_MS, Choices, stepped
from pconc_tui.views.commands import COMMANDS
from pconc_tui.views.dashboard import Dashboard
from pconc_tui.views.reader import LiveReader

FRAME_S = 0.1


class PconcApp(App[None]):
    """A bench on which threads and processes are launched and watched."""

    TITLE = "pconc-tui"
    CSS_PATH = "pconc.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c,ctrl+q", "quit", "quit", show=False, priority=True)]

    def __init__(
        self,
        open_bench: Callable[[], Bench],
        look: Callable[[], Iterable[Interpreter]] = tuple,
        experiment: str | None = None,
    ) -> None:
        # With the terminal's own colours and NO_COLOR, Textual sends no colour at all.
        super().__init__(ansi_color="NO_COLOR" in os.environ)
        self._open_bench = open_bench
        self._look = look
        self.looking = True
        """Whether interpreters are still being looked for."""
        self._bench: Bench | None = None
        self._early: list[tuple[str, tuple[object, ...]]] = []
        self._dashboard = Dashboard(Choices() if experiment is None else Choices().with_experiment(experiment))
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
            self._bench = self._open_bench()
        except BenchError as error:
            self.notify(str(error), severity="error", timeout=3600)
            return
        self.ask("open_lab")
        for request, arguments in self._early:
            self.ask(request, *arguments)
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
            self.call_from_thread(self._have_found, ordered(found))

    def _have_found(self, found: tuple[Interpreter, ...]) -> None:
        self.looking = False
        self._dashboard.change(replace(self._dashboard.view, choices=replace(self.choices, found=found)))
        self._refresh_pickers()

    def on_unmount(self) -> None:
        if self._bench:
            self._bench.close()

    def tick(self) -> None:
        """One frame."""
        if self._bench and self._dashboard.is_attached:
            snapshot = self._bench.poll()
            self._dashboard.show(snapshot)
            if isinstance(self.screen, LiveReader):
                self.screen.show(snapshot)

    def ask(self, request: str, *arguments: object) -> bool:
        """Ask something of the bench; say why if it can't be. What comes of it is shown at once."""
        if self._bench is None:
            self._early.append((request, arguments))
            return False
        try:
            getattr(self._bench, request)(*arguments)
        except BenchError as error:
            self.notify(str(error), severity="warning")
            return False
        self.tick()
        return True

    @property
    def choices(self) -> Choices:
        return self._dashboard.view.choices

    def _choose(self, choose: Callable[[], Choices]) -> bool:
        """Other choices, or a message why not."""
        try:
            choices = choose()
        except BenchError as error:
            self.notify(str(error), severity="warning")
            return False
        self._dashboard.change(replace(self._dashboard.view, choices=choices))
        return True

    # Commands

    def action_launch(self, model: str) -> None:
        if self._choose(lambda: self.choices.with_model(model)):
            self._thaw()
            chosen = self.choices
            self.ask("launch", chosen.id, chosen.variant, model, chosen.python, chosen.asked_method)

    def action_launch_chosen(self) -> None:
        self.action_launch(self.choices.model)

    def action_measure(self) -> None:
        if self._choose(lambda: self.choices.with_model(self.choices.model)):
            self._thaw()
            chosen = self.choices
            self.ask(
                "measure",
                chosen.id,
                chosen.variant,
                chosen.model,
                chosen.workers,
                1.0,
                chosen.python,
                chosen.asked_method,
            )

    def action_compare(self) -> None:
        from pconc_tui.views.compare_screen import CompareScreen

        if self.looking:
            self.notify("Still looking for interpreters; try again in a moment.", severity="warning")
            return
        last = self._dashboard.live.comparison
        same = last and (last.plan.experiment, last.plan.variant) == (self.choices.id, self.choices.variant)
        if same or self._compare():
            self.push_screen(CompareScreen(self._compare, lambda: self.ask("stop_all")))
            self.tick()

    def _compare(self) -> bool:
        """Begin to compare what has been chosen in all models and interpreters."""
        from pconc_tui.plan import REPEAT, newest_each, planned, usual_workers

        chosen, cores = self.choices, self._dashboard.live.core_count
        try:
            plan = planned(
                chosen.experiment, chosen.variant, newest_each(chosen.found or (chosen.interpreter,)), None,
                usual_workers(cores), REPEAT, None, cores,
            )  # fmt: skip
        except ValueError as error:
            self.notify(str(error), severity="warning")
            return False
        self._thaw()
        return self.ask("compare", plan)

    def _thaw(self) -> None:
        if self._dashboard.view.window.frozen:
            self._dashboard.action_freeze()

    def _living(self, verb: str) -> Worker | None:
        workers = self._dashboard.live.workers
        worker = self._dashboard.view.worker(workers)
        if worker is None:
            self.notify(f"Nothing to {verb}: no worker runs. Press t or p to start one.", severity="warning")
        elif not worker.alive:
            self.notify(f"{worker.name} has ended already ({worker.ending}).", severity="warning")
        else:
            return worker
        return None

    def action_stop(self) -> None:
        worker = self._living("stop")
        if worker and self.ask("stop", worker.id):
            self._select_next(worker)

    def action_kill(self) -> None:
        worker = self._living("kill")
        if worker and self.ask("kill", worker.id):
            self._select_next(worker)

    def _select_next(self, worker: Worker) -> None:
        dashboard = self._dashboard
        if dashboard.view.selected is not None:
            dashboard.change(dashboard.view.after_stopping(dashboard.live.workers, worker.id))

    def action_stop_all(self) -> None:
        self.ask("stop_all")

    def action_clear(self) -> None:
        self._thaw()
        self.ask("clear")

    def action_clear_scoreboard(self) -> None:
        self.ask("clear_scoreboard")

    def action_choose(self, key: str) -> None:
        self._choose(lambda: self.choices.with_key(key))

    def action_pick(self) -> None:
        from pconc_tui.views.dialogs import ExperimentPicker

        def picked(id: str | None) -> None:
            if id:
                self._choose(lambda: self.choices.with_experiment(id))

        self.push_screen(ExperimentPicker(self.choices.id), picked)

    def action_pick_model(self) -> None:
        from pconc_tui.views.pickers import ModelPicker

        def picked(model: str | None) -> None:
            if model:
                self._choose(lambda: self.choices.with_model(model))

        self.push_screen(ModelPicker(self.choices), picked)

    def action_next_method(self) -> None:
        self._choose_method(lambda: self.choices.next_method())

    def action_pick_method(self) -> None:
        from pconc_tui.views.pickers import MethodPicker

        def picked(method: str | None) -> None:
            if method:
                self._choose_method(lambda: self.choices.with_method(method))

        self.push_screen(MethodPicker(self.choices), picked)

    def _choose_method(self, choose: Callable[[], Choices]) -> None:
        if self._choose(choose) and self.choices.model not in STARTING_PROCESSES:
            self.notify(f"Processes are started by {self.choices.start_method} from now on.")

    def action_pick_interpreter(self) -> None:
        from pconc_tui.views.pickers import InterpreterPicker

        def picked(interpreter: Interpreter | None) -> None:
            if interpreter:
                self._choose(lambda: self.choices.with_interpreter(interpreter))

        self.push_screen(InterpreterPicker(self.choices, self.looking), picked)

    def _refresh_pickers(self) -> None:
        """What was being looked for has been found."""
        from pconc_tui.views.pickers import Picker

        for screen in self.screen_stack:
            if isinstance(screen, Picker):
                screen.choose_from(self.choices, self.looking)

    def action_toggle_lock(self) -> None:
        self._choose(lambda: self.choices.toggled_lock())

    def action_next_variant(self) -> None:
        self._choose(lambda: self.choices.next_variant())

    def action_next_model(self) -> None:
        self._choose(lambda: self.choices.next_model())

    def action_workers(self, by: int) -> None:
        self._choose(lambda: self.choices.stepped_workers(by))

    def action_switch(self, by: int) -> None:
        self._switch_s = stepped(SWITCH_MS, round(self._switch_s * 1e3, 3), by) / 1e3
        self.ask("set_switch_interval", self._switch_s)

    def action_code(self) -> None:
        from pconc_tui.views.pages import code_page

        self.push_screen(code_page(self.choices.id, self.choices.variant, self.choices.model))

    def action_labs(self) -> None:
        from pconc_tui.views.labs import LabsPage

        self.push_screen(LabsPage())
        self.tick()

    def action_help(self) -> None:
        from pconc_tui.views.pages import help_page

        # Kept once made: it never changes, and opening it must not wait for busy cores twice.
        if not self.is_screen_installed("help"):
            self.install_screen(help_page(), "help")
        self.push_screen("help")

    def action_save(self) -> None:
        from pconc_tui.views.screenshot import save

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
