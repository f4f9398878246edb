"""`pconc-tui dashboard`, or `pconc-tui` without a command: opens the dashboard."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from pconc_tui.commands.arguments import catch_interrupts, check_system, experiment_of, filled, usage_error


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
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return usage_error("the dashboard needs a terminal; without one, use pconc-tui run ID (see --help)")
    id = arguments.function
    if id is not None:
        try:
            experiment_of(id, lambda: [sys.executable])
        except ValueError as error:
            return usage_error(str(error))
    check_system()
    from pconc_tui.commands.ending import Ending
    from pconc_tui.commands.terminal_guard import terminal_guard
    from pconc_tui.python_discovery import find_sequentially
    from pconc_tui.ui.app import PconcApp

    def open_controller() -> Any:
        from pconc_tui.monitor.monitor import Monitor

        return Monitor()

    catch_interrupts()
    with terminal_guard() as report_restored:
        app = PconcApp(open_controller, find_sequentially, id, report_restored)
        with Ending(app.end, app.close_controller).on_signals_and_hang_up():
            app.run()
    return app.return_code or 0
