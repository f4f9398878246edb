"""`pconc-tui dashboard`, or `pconc-tui` without a command: opens the dashboard."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pconc_tui.commands.arguments import (
    add_record_option,
    check_system,
    complain,
    experiment_of,
    filled,
    usage_error,
)
from pconc_tui.commands.programs import MachinePrograms
from pconc_tui.commands.terminal_app import has_terminal, run_app

if TYPE_CHECKING:
    from pconc_tui.snapshot import Snapshot
    from pconc_tui.ui.app import PconcApp
    from pconc_tui.ui.controller import Controller
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
    add_record_option(parser)
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
    return open_dashboard(id, record=arguments.record)


def open_dashboard(
    id: str | None = None,
    first: Callable[[PconcApp], object] = lambda app: None,
    record: str | None = None,
    open_controller: Callable[[], Controller] | None = None,
    before: Snapshot | None = None,
) -> int:
    """Show the dashboard until it is closed, and return the exit status.

    `id` and `first` are arguments of `PconcApp`; so is `before`, None: nothing but the number of cores is known before;
    `record`: the file into which all is recorded; `open_controller`: None opens what launches experiments. Raises
    CommandError.
    """
    from pconc_tui.commands.open_recorder import open_recorder
    from pconc_tui.monitor.cpu_quota import usable_cores
    from pconc_tui.snapshot import Snapshot

    check_system()
    recorder = open_recorder(record, last_minute=True)
    from pconc_tui.python_discovery import end_queries, find_sequentially
    from pconc_tui.ui.app import PconcApp

    programs = MachinePrograms()
    known = before or Snapshot(now_ns=0, core_count=usable_cores(), core_loads=())

    def close(app: TerminalApp) -> None:
        recorder.close()
        end_queries()
        app.close()

    def app(report: Callable[[bool], object]) -> TerminalApp:
        return PconcApp(
            open_controller or programs.experiments, find_sequentially, id, report, first, recorder, programs, known
        )

    status = run_app(app, close)
    recorder.close()
    if recorder.problem:
        complain(recorder.problem)
    return status
