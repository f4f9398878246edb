"""`pconc-tui doctor`: says what this machine allows, and what to do where that limits the program."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from pconc_tui.commands.arguments import output_width
from pconc_tui.text.printable import printable

if TYPE_CHECKING:
    from pconc_tui.monitor.machine_checks import Check

NAME_WIDTH = 22


def add(commands: Any) -> None:
    """Add the command to the command line."""
    doctor = commands.add_parser(
        "doctor",
        help="say what this machine allows",
        description="Say what this machine allows: scheduling records, other processes, quota, interpreters, cores, "
        "terminal; and what to do where something is limited.",
    )
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    doctor.set_defaults(command=_doctor)


def _doctor(arguments: argparse.Namespace) -> int:
    from pconc_tui.commands import environment_checks as around
    from pconc_tui.monitor.machine_checks import checks

    found = [*checks(), *around.interpreters(), around.stacks(), *around.terminal()]
    if arguments.json:
        print(json.dumps({"checks": [asdict(each) for each in found]}, indent=2))
    else:
        print("\n".join(line for each in found for line in _lines(each, output_width() or 100)))
    return 0


def _lines(check: Check, width: int) -> Iterator[str]:
    """What was found, and below it what to do."""
    room = max(20, width - NAME_WIDTH - 2)
    first, *others = wrap(printable(check.found), room) or [""]
    yield f"{'✓' if check.ok else '!'} {check.name:<{NAME_WIDTH}}{first}"
    for line in (*others, *wrap(f"→ {check.advice}" * bool(check.advice), room)):
        yield f"{'':<{NAME_WIDTH + 2}}{line}"
