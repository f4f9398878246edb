"""The app's part that watches running programs: the list of them, and what keys do meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable

from pconc_tui.ui.base_app import BaseApp
from pconc_tui.ui.controller import Controller, Programs
from pconc_tui.ui.key_bindings import RUNNING
from pconc_tui.ui.quit_question import ASKED_S

ONLY_WATCHED = "This program is only watched: nothing is started, stopped or changed in it."

NO_CODE = "A program that is watched has no code here: Thread shows the functions that each of its threads is in."

NO_PROGRAMS = "Programs that run can't be listed here."


class WatchApp(BaseApp):
    """Watches programs."""

    _programs: Programs | None = None

    @property
    def watches(self) -> bool:
        """Whether a program is watched."""
        return self._dashboard.latest.program is not None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key that has a meaning while a program is watched has it now."""
        if action in ("native_threads", "processes"):
            return self.watches
        if action == "labs" and self.watches:
            return False
        return super().check_action(action, parameters)

    def refusal(self, action: str) -> str | None:
        if action == "programs" and self._programs is None:
            return NO_PROGRAMS
        if action == "code" and self.watches:
            return NO_CODE
        return ONLY_WATCHED if self.watches and action in RUNNING - {"clear"} else super().refusal(action)

    def action_native_threads(self) -> None:
        self._dashboard.toggle_native()
        self.tick()

    def action_programs(self) -> None:
        """Show the list of Python programs; where workers run or a result would be lost, ask for the key once more."""
        from pconc_tui.ui.screens.program_picker import EXPERIMENTS, ProgramPicker

        programs = self._programs
        if programs is None:
            return
        self.tick()
        if question := self._quit_question.ask(self._dashboard.latest, "A", "watch another program"):
            self.notify(question, severity="warning", timeout=ASKED_S)
            return

        def picked(pid: int | None) -> None:
            if pid == EXPERIMENTS:
                self._switch(programs.experiments)
            elif pid is not None:
                self._switch(lambda: programs.watch(pid))

        self._show_over(ProgramPicker(programs.running, self.watches), picked)

    def _switch(self, open_controller: Callable[[], Controller]) -> None:
        """Show another controller; what the present one has started ends."""
        with self._notify_refusal():
            controller = open_controller()
            before, self._controller = self._controller, controller
            if before is not None:
                threading.Thread(target=before.close).start()  # It waits for what it ends.
            self._dashboard.reset()
            self.tick()
