"""The app's part that takes tours: its keys, and what the present step requests of the controller."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from pconc_tui import experiments
from pconc_tui.pythons import current_interpreter
from pconc_tui.recording.file_format import RecordingError
from pconc_tui.snapshot import Snapshot
from pconc_tui.tours.interpreter_choice import Interpreters
from pconc_tui.tours.orders import SwitchInterval
from pconc_tui.tours.tour import Tour
from pconc_tui.tours.walk import Phase, Walk
from pconc_tui.ui import tour_guide, tour_net
from pconc_tui.ui.controller import Controller
from pconc_tui.ui.key_bindings import TOUR_COMMANDS
from pconc_tui.ui.replay_app import ReplayApp
from pconc_tui.ui.tour_notes import TourNotes

if TYPE_CHECKING:
    from pconc_tui.experiments import Experiment

FIRST_TOUR = "one-minute"
_ACTIONS = {each.label: each.action for each in TOUR_COMMANDS}
"""What each key of the presenter's notes does."""


class TourApp(ReplayApp):
    """Takes tours."""

    def __init__(self) -> None:
        super().__init__()
        self._notes = TourNotes(time.monotonic, lambda problem: self.notify(problem, severity="warning"))

    def close(self) -> None:
        self._notes.close()
        super().close()

    @property
    def walk(self) -> Walk | None:
        """The tour that is taken; None: none is."""
        return self._dashboard.state.walk

    @property
    def _interpreters(self) -> Interpreters:
        return Interpreters(current_interpreter(), self.settings.interpreters, self.searching)

    def take_tour(self, tour: Tour) -> None:
        """Start this tour, after asking for a function if it runs one."""
        if tour.needs_function:
            from pconc_tui.ui.screens.function_prompt import FunctionPrompt

            self._show_over(FunctionPrompt(), lambda id: self._read_function(tour, id) if id else None)
        else:
            self.go(Walk.start(tour))

    def _read_function(self, tour: Tour, id: str) -> None:
        """Read the function in a thread, since that starts an interpreter, and take the tour with it."""
        from pconc_tui.experiments.user_function import FunctionError, read

        def read_it() -> None:
            try:
                found = read(id, sys.executable)
            except FunctionError as error:
                self.call_from_thread(self.notify, str(error), severity="error")
            else:
                self.call_from_thread(self._take_with, tour, found)

        threading.Thread(target=read_it, daemon=True).start()

    def _take_with(self, tour: Tour, found: Experiment) -> None:
        experiments.add(found)
        self.take_tour(tour.with_function(found.id, found.variant, found.models[0]))

    def go(self, walk: Walk | None) -> None:
        """Go to this place of the tour; None: leave it. Workers go on."""
        state = self._dashboard.state
        if walk is not None and walk is state.walk:
            return
        self.end_recording()
        for order in tour_guide.leaving(state):
            self.request(order.send)
        self._dashboard.change(tour_guide.entered(self._dashboard.state, walk, self._interpreters))

    def advance_tour(self, snapshot: Snapshot, controller: Controller) -> None:
        """Do what the presenter's keys say, and what the present step needs after this snapshot."""
        for key in self._notes.exchange(self.walk, self._dashboard.state.blank):
            self.call_later(self.run_action, _ACTIONS[key])
        before = self._dashboard.state
        state, orders = tour_guide.advanced(before, snapshot, self._interpreters, controller)
        for order in orders:
            if isinstance(order, SwitchInterval):
                self.switch_interval_s = order.seconds
        if state is not before:
            self._dashboard.change(state)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key that has a meaning during a tour has it now."""
        walk = self.walk
        if not action.startswith("tour_"):
            return super().check_action(action, parameters)
        if action == "tour_first":
            return walk is None and not self._dashboard.state.has_run and not self.is_recorded
        if walk is None:
            return False
        if action == "tour_recorded":
            return self.is_recorded or tour_net.is_offered(walk)
        if action == "tour_answer":
            return walk.phase is Phase.ASKED
        return action != "tour_again" or (walk.phase is Phase.REVEALED and walk.run is not None)

    def action_tour(self) -> None:
        from pconc_tui.ui.screens.tour_picker import tour_picker

        if self.walk is not None:
            self.go(None)
        else:
            picker = tour_picker(self.settings, self.searching)
            self._show_over(picker, lambda tour: self.take_tour(tour) if tour else None)

    def action_tour_first(self) -> None:
        from pconc_tui.tours import library

        self.take_tour(library.load(FIRST_TOUR))

    def action_tour_on(self) -> None:
        if self._dashboard.state.blank:
            self.action_tour_blank()
        elif self.walk and (further := self.walk.on()):
            # After the last step it stays: one more press of a clicker would be a key of the dashboard.
            self.go(further)

    def action_tour_back(self) -> None:
        if self.walk:
            self.go(self.walk.back())

    def action_tour_answer(self, answer: int) -> None:
        if self.walk:
            self.go(self.walk.choose(answer))

    def action_tour_again(self) -> None:
        if self.walk:
            self.go(self.walk.again())

    def action_tour_recorded(self) -> None:
        """Show the recorded run of the step, or what is live again."""
        if self.is_recorded:
            self.end_recording()
        elif self.walk:
            try:
                replay, walk = tour_net.open_run(self.walk, time.perf_counter_ns)
            except RecordingError as error:
                self.notify(str(error), severity="error")
            else:
                self.show_recording(replay, walk)

    def action_tour_blank(self) -> None:
        state = self._dashboard.state
        self._dashboard.change(replace(state, blank=not state.blank))
