"""`pconc-tui notes`: shows the presenter's notes of a tour that is taken in another terminal."""

from __future__ import annotations

import argparse
import time
from typing import Any

from pconc_tui.commands.arguments import usage_error
from pconc_tui.commands.terminal_app import has_terminal, run_app


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "notes",
        help="show the presenter's notes of a tour that is taken in another terminal",
        description="Show the presenter's notes of a tour that is taken in another terminal of this machine: the "
        "present step, the next one, the clock and the time used. Its keys drive the tour.",
    )
    parser.set_defaults(command=_notes)


def _notes(arguments: argparse.Namespace) -> int:
    if not has_terminal():
        return usage_error("presenter's notes need a terminal")
    from pconc_tui.presenter.client import NotesClient
    from pconc_tui.ui.notes_app import NotesApp

    return run_app(lambda report_restored: NotesApp(NotesClient(time.monotonic)))
