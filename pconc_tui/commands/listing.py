"""`pconc-tui list`: prints the experiments and this machine's interpreters."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from pconc_tui import experiments
from pconc_tui.commands.arguments import CommandError
from pconc_tui.models import all_models
from pconc_tui.text.printable import printable


def add(commands: Any) -> None:
    """Add the command to the command line."""
    listing = commands.add_parser(
        "list",
        help="list the experiments and interpreters",
        description="List the experiments and this machine's interpreters.",
    )
    listing.add_argument("--json", action="store_true", help="print one JSON object")
    listing.set_defaults(command=_list)


def _list(arguments: argparse.Namespace) -> int:
    from pconc_tui.python_discovery import find

    found, interpreters = experiments.catalogue(), find()
    if not interpreters:
        raise CommandError("no interpreter could be started")
    if arguments.json:
        rows = [
            {
                "id": each.id,
                "key": each.key,
                "title": each.title,
                "models": list(all_models(each.models)),
                "variants": list(each.variants),
                "endless": each.endless,
                "watch": each.watch,
                "sharing": each.sharing,
            }
            for each in found
        ]
        pythons = [{**asdict(each), "name": each.short} for each in interpreters]
        print(json.dumps({"experiments": rows, "interpreters": pythons}, indent=2))
        return 0
    for each in found:
        print(f"{each.id:<13} {each.title}")
        print(f"{'':<13} models: {', '.join(all_models(each.models))} · variants: {', '.join(each.variants)}")
        for model, sentence in each.sharing.items():
            print(f"{'':<15} {model}: {sentence}")
    print()
    for python in interpreters:
        build = "free-threaded build" if python.free_threaded_build else "GIL build"
        gil = "GIL on" if python.gil_enabled else "GIL off"
        sub = "subinterpreters" if python.subinterpreters else "no subinterpreters"
        print(f"{python.short:<13} {python.version:<8} {build:<19} · {gil:<7} · {sub:<18} {printable(python.path)}")
    return 0
