"""Without a command: the dashboard."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from pconc_tui.commands.arguments import experiment_of, misused


def add(commands: Any) -> None:
    """Declare the command."""
    opened = commands.add_parser(
        "dashboard",
        help="open the dashboard, which is also what happens without a command",
        description="Open the dashboard. `pconc-tui FUNCTION` does so too.",
    )
    opened.add_argument(
        "function",
        metavar="FUNCTION",
        nargs="?",
        help="a function of yours, to be chosen there: module:function or path/to/file.py:function",
    )
    opened.set_defaults(command=dashboard)


def dashboard(arguments: argparse.Namespace) -> int:
    """Open it, where there is a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return misused("the dashboard needs a terminal; for figures without it: pconc-tui run ID (see --help)")
    id = arguments.function
    if id is not None:
        try:
            experiment_of(id, lambda: sys.executable)
        except ValueError as error:
            return misused(str(error))
    from pconc_tui.commands.terminal_guard import guarded_terminal
    from pconc_tui.python_discovery import find_sequentially
    from pconc_tui.ui.app import PconcApp

    def open_controller() -> Any:
        from pconc_tui.monitor.monitor import Monitor

        return Monitor()

    app = PconcApp(open_controller, find_sequentially, id)
    with guarded_terminal():
        app.run()
    return app.return_code or 0
