"""The command line. Each command imports what it needs when it runs, and only the dashboard imports Textual."""

from __future__ import annotations

import argparse
import signal
import sys
from typing import NoReturn

from pconc_tui import __version__
from pconc_tui.commands import compare, dashboard, listing, run
from pconc_tui.commands.arguments import EXIT_FAILURE, EXIT_USAGE
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.text.printable import printable


def main(argv: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with status 0 (done), 1 (the experiment failed) or 2 (usage error)."""
    given = sys.argv[1:] if argv is None else argv
    if given and names_function(given[0]) and not given[0].startswith("-"):
        given = ["dashboard", *given]
    arguments = _parser().parse_args(given)
    try:
        sys.exit(arguments.command(arguments))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(EXIT_FAILURE)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


class _Parser(argparse.ArgumentParser):
    """Reports a usage error in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_USAGE, f"{self.prog}: {printable(message)} (see {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="pconc-tui",
        description="Watch the GIL serialize CPU work. Without a command, opens the dashboard; with a function of "
        "yours, module:function or path/to/file.py:function, opens the dashboard with that function chosen.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.set_defaults(command=dashboard.dashboard, function=None)
    commands = parser.add_subparsers(metavar="COMMAND")
    for command in (listing, run, compare, dashboard):
        command.add(commands)
    return parser
