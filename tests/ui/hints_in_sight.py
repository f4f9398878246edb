"""The hints that a running app shows on its dashboard, and which of them name a key that does something else."""

from __future__ import annotations

from collections.abc import Iterator

from pconc_tui.ui.acting_keys import keys_of
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.hints import is_hint
from pconc_tui.ui.key_bindings import ALL_COMMANDS, COMMANDS, FIRST_COMMAND, key_name
from pconc_tui.ui.panels.panel import Panel

_USUAL = {key: command.action for command in (*COMMANDS, FIRST_COMMAND) for key in command.keys}


def hints_in_sight(app: PconcApp) -> list[str]:
    """`t to start a thread` for each hint outside the footer."""
    return [f"{key}{words}" for panel, key, words in _hints(app) if keys_of(ALL_COMMANDS) != panel.own_keys]


def wrong_hints(app: PconcApp) -> list[str]:
    """The hints of keys that do nothing now, or not what they usually do, where the panel does not say what."""
    found = []
    for panel, key, words in _hints(app):
        action = action_of(app, key)
        usual = key in panel.own_keys or action == _USUAL.get(key)
        if action is None or action.startswith("app.refuse") or not usual:
            found.append(f"{panel.name}: {key}{words} is {action}")
    return found


def action_of(app: PconcApp, key: str) -> str | None:
    """What the key does on the dashboard now, as Textual finds it; None: nothing."""
    for binding in app._dashboard._bindings.get_bindings_for_key(key):
        name, _, given = binding.action.partition("(")
        owner = app if name.startswith("app.") else app._dashboard
        parameters = (given.rstrip(")").strip("'"),) if given else ()
        if owner.check_action(name.removeprefix("app."), parameters):
            return binding.action
    return None


def _hints(app: PconcApp) -> Iterator[tuple[Panel, str, str]]:
    """Panel, key and words of each."""
    for panel in app._dashboard._in_sight:
        for line in app._dashboard._views[panel].shown_lines:
            for content, style in line:
                for key in str(style.meta["keys"]).split() if is_hint(style) else ():
                    yield panel, key, "" if content.strip() == key_name(key) else content
