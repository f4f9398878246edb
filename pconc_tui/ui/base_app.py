"""What the app's modules of commands rest on: the settings, requests, messages, and screens over the dashboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from pconc_tui.models import STARTING_PROCESSES
from pconc_tui.requests import RequestError
from pconc_tui.text.printable import printable
from pconc_tui.ui import hints
from pconc_tui.ui.controller import Controller
from pconc_tui.ui.ending_app import EndingApp
from pconc_tui.ui.launch_settings import LaunchSettings

if TYPE_CHECKING:
    from pconc_tui.ui.screens.overlay import Overlay

Value = TypeVar("Value")
DEFAULT_SWITCH_S = 0.005
"""CPython's default switch interval."""


class BaseApp(EndingApp):
    """An app with a dashboard, which the subclass makes."""

    searching: bool
    """Whether the search for interpreters is still running."""
    switch_interval_s = DEFAULT_SWITCH_S

    def request(self, send: Callable[[Controller], object]) -> bool:
        """Send a request to the controller and draw its effect; False if it was refused or is sent later."""
        raise NotImplementedError

    def refusal(self, action: str) -> str | None:
        """Why what is shown does not allow this action; None: it does."""
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether what is shown allows it. Where it does not, its keys say why."""
        if action == "refuse":
            return self.refusal(str(parameters[0])) is not None
        return self.refusal(action) is None and super().check_action(action, parameters)

    def action_refuse(self, action: str) -> None:
        reason = self.refusal(action) or ""
        self.notify(reason, severity="warning")

    @contextmanager
    def _notify_refusal(self) -> Iterator[None]:
        """Show why a request was refused."""
        try:
            yield
        except RequestError as error:
            self.notify(str(error), severity="warning")

    def notify(self, message: str, **options: Any) -> None:
        """Show a message for a while, the keys that it says to press as links; one that is shown already stays."""
        message = printable(message)
        marked = hints.markup(message)
        if all(each.message != (marked or message) for each in self._notifications):
            super().notify(marked or message, **{**options, "markup": marked is not None})

    @property
    def settings(self) -> LaunchSettings:
        """What the next launch or measurement runs."""
        return self._dashboard.state.settings

    def _change_settings(self, change: Callable[[LaunchSettings], LaunchSettings]) -> bool:
        """Change the settings, or show why they can't be changed like this."""
        before = self.settings
        with self._notify_refusal():
            self._dashboard.change(replace(self._dashboard.state, settings=change(before)))
            self._notify_pinned(before)
            method = self.settings.start_method
            if method not in (None, before.start_method) and self.settings.model not in STARTING_PROCESSES:
                self.notify(f"The start method for processes is now {method}.")
            return True
        return False

    def _notify_pinned(self, before: LaunchSettings) -> None:
        """Say what a pin means when there is a new one, and when the chosen experiment can't run as pinned."""
        now, pinned = self.settings, self.settings.pinned_model
        if pinned and pinned != now.model and now.experiment_id != before.experiment_id:
            self.notify(f"{now.experiment_id} runs as {now.model}: it can't run as {pinned}, which stays pinned.")
        elif pinned and not before.pinned_model:
            self.notify(f"Experiments run as {pinned} from now on. Press D to choose or unpin a model.")

    def _show_over(self, screen: Overlay[Value], picked: Callable[[Value | None], None] | None = None) -> None:
        """Show a screen over the dashboard, unless one of its kind is open: a double click opens it once."""
        kind = type(screen), screen.name
        if all((type(each), each.name) != kind for each in self.screen_stack):
            self.push_screen(screen, picked)
