"""The app's commands that run: launch, measure, stop, clear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pconc_tui.ui.base_app import BaseApp
from pconc_tui.ui.controller import Controller
from pconc_tui.ui.launch_settings import SWITCH_MS, next_step


class RunApp(BaseApp):
    """Launches, measures and stops workers."""

    def action_launch(self, model: str) -> None:
        if self._change_settings(lambda settings: settings.with_model(model)):
            self._unfreeze()
            request = self.settings.request
            self._run(lambda controller: controller.launch(request))

    def action_launch_chosen(self) -> None:
        self.action_launch(self.settings.model)

    def action_measure(self) -> None:
        if self._change_settings(lambda settings: settings.with_model(settings.model)):
            self._unfreeze()
            request = self.settings.request
            self._run(lambda controller: controller.measure(request))

    def _run(self, send: Callable[[Controller], object]) -> None:
        """Send a request after which something has run, whatever key comes before the next snapshot."""
        if self.request(send):
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

    def action_stop_all(self) -> None:
        self.request(lambda controller: controller.stop_all())

    def action_clear(self) -> None:
        self._unfreeze()
        self.request(lambda controller: controller.clear())

    def action_clear_scoreboard(self) -> None:
        self.request(lambda controller: controller.clear_scoreboard())

    def action_switch(self, by: int) -> None:
        seconds = self.switch_interval_s = next_step(SWITCH_MS, round(self.switch_interval_s * 1e3, 3), by) / 1e3
        self.request(lambda controller: controller.set_switch_interval(seconds))
