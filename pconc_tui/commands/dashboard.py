"""`pconc-tui dashboard`, or `pconc-tui` without a command: opens the dashboard."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pconc_tui.commands.arguments import check_system, experiment_of, filled, usage_error
from pconc_tui.commands.terminal_app import has_terminal, run_app

if TYPE_CHECKING:
    from pconc_tui.ui.app import PconcApp
    from pconc_tui.ui.terminal_app import TerminalApp


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "dashboard",
        help="open the dashboard; the default without a command",
        description="Open the dashboard. `pconc-tui FUNCTION` is short for `pconc-tui dashboard FUNCTION`.",
    )
    parser.add_argument(
        "function",
        metavar="FUNCTION",
        nargs="?",
        type=filled,
        help="your own function, which is then chosen: module:function or path/to/file.py:function",
    )
    parser.set_defaults(command=dashboard)


def dashboard(arguments: argparse.Namespace) -> int:
    """Open the dashboard; a usage error without a terminal."""
    if not has_terminal():
        return usage_error("the dashboard needs a terminal; without one, use pconc-tui run ID (see --help)")
    id = arguments.function
    if id is not None:
        try:
            experiment_of(id, lambda: [sys.executable])
        except ValueError as error:
            return usage_error(str(error))
    return open_dashboard(id)


def open_dashboard(id: str | None = None, first: Callable[[PconcApp], object] = lambda app: None) -> int:
    """Show the dashboard until it is closed, and return the exit status; the arguments are those of `PconcApp`."""
    check_system()
    from pconc_tui.python_discovery import end_queries, find_sequentially
    from pconc_tui.ui.app import PconcApp

    def open_controller() -> Any:
        from pconc_tui.monitor.monitor import Monitor

        return Monitor()

    def close(app: TerminalApp) -> None:
        end_queries()
        app.close()

    return run_app(lambda report: PconcApp(open_controller, find_sequentially, id, report, first), close)
