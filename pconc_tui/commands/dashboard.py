"""Without a command: the dashboard."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from pconc_tui.commands.arguments import misused


def dashboard(_: argparse.Namespace) -> int:
    """Open it, where there is a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return misused("the dashboard needs a terminal; for figures without it: pconc-tui run ID (see --help)")
    from pconc_tui.guard import guarded_terminal
    from pconc_tui.interpreters import find_gently
    from pconc_tui.views.app import PconcApp

    def open_bench() -> Any:
        from pconc_tui.monitor.monitor import Monitor

        return Monitor()

    app = PconcApp(open_bench, find_gently)
    with guarded_terminal():
        app.run()
    return app.return_code or 0
