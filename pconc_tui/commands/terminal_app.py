"""Runs an app on the terminal, which is restored at every end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from pconc_tui.commands.arguments import catch_interrupts

if TYPE_CHECKING:
    from pconc_tui.ui.terminal_app import TerminalApp


def has_terminal() -> bool:
    """Whether there is a terminal to show an app on."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def run_app(
    make: Callable[[Callable[[bool], object]], TerminalApp],
    close: Callable[[TerminalApp], object] = lambda app: app.close(),
) -> int:
    """Run the app until it ends, and return the exit status.

    `make` makes it, and is given a function to report that the terminal has been restored meanwhile, or no longer is.
    `close` ends what the app has started, where it does not do so itself in time.
    """
    if not hasattr(os, "fork"):  # On Windows, Textual restores the terminal, and nothing else is to be ended.
        app = make(lambda restored: None)
        app.run()
        return app.return_code or 0
    from pconc_tui.commands.exit_signals import Ending
    from pconc_tui.commands.terminal_guard import terminal_guard

    catch_interrupts()
    with terminal_guard() as report_restored:
        app = make(report_restored)
        with Ending(app.end, lambda: close(app)).on_signals_and_hang_up():
            app.run()
    return app.return_code or 0
