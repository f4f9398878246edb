"""The app's commands that choose what the next launch or measurement runs."""

from __future__ import annotations

from typing import Any

from pconc_tui.ui.base_app import BaseApp
from pconc_tui.ui.launch_settings import LaunchSettings


class ChooseApp(BaseApp):
    """Changes the settings."""

    def action_choose(self, key: str) -> None:
        self._change_settings(lambda settings: settings.with_key(key))

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
