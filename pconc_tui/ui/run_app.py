"""The app's commands that run: launch, measure, stop, clear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pconc_tui.ui.base_app import DEFAULT_SWITCH_S, BaseApp
from pconc_tui.ui.controller import Controller
from pconc_tui.ui.launch_settings import SWITCH_MS, next_step
from pconc_tui.ui.quit_question import ASKED_S


class RunApp(BaseApp):
    """Launches, measures and stops workers."""

    def action_launch(self, model: str) -> None:
        if self._change_settings(lambda settings: settings.with_model(model)):
            self._dashboard.unfreeze()
            request = self.settings.request
            self._run(lambda controller: controller.launch(request))

    def action_launch_chosen(self) -> None:
        self.action_launch(self.settings.model)

    def action_measure(self) -> None:
        if self._change_settings(lambda settings: settings.with_model(settings.model)):
            self._dashboard.await_result()
            request = self.settings.request
            self._run(lambda controller: controller.measure(request))

    def _run(self, send: Callable[[Controller], object]) -> None:
        """Send a request to run something. Keys that come before the next snapshot find that it has."""
        self.request(send)
        self._dashboard.change(replace(self._dashboard.state, has_run=True))

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

    def action_reset(self) -> None:
        """Go back to the start; where workers run or a result would be lost, ask for the key once more."""
        self.tick()
        if question := self._quit_question.ask(self._dashboard.latest, "R", "reset everything to the start"):
            self.notify(question, severity="warning", timeout=ASKED_S)
            return
        self.clear_notifications()
        if self.switch_interval_s != DEFAULT_SWITCH_S:
            self._set_switch_interval(DEFAULT_SWITCH_S)
        self.request(lambda controller: controller.reset())
        self._dashboard.reset()

    def action_switch(self, by: int) -> None:
        self._set_switch_interval(next_step(SWITCH_MS, round(self.switch_interval_s * 1e3, 3), by) / 1e3)

    def _set_switch_interval(self, seconds: float) -> None:
        self.switch_interval_s = seconds
        self.request(lambda controller: controller.set_switch_interval(seconds))
