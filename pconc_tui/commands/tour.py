"""`pconc-tui tour`: takes a guided tour on the dashboard, lists the tours, or checks one without the dashboard."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from pconc_tui.commands.arguments import add_record_option, check_system, experiment_of, filled, usage_error
from pconc_tui.commands.dashboard import open_dashboard
from pconc_tui.commands.terminal_app import has_terminal
from pconc_tui.text.printable import printable

if TYPE_CHECKING:
    from pconc_tui.tours.tour import Tour


def add(commands: Any) -> None:
    """Add the command to the command line."""
    tour = commands.add_parser(
        "tour",
        help="take a guided tour, or list or check the tours",
        description="Take a guided tour on the dashboard: it asks what will happen, runs it, and shows what did. "
        "`pconc-tui notes` shows the presenter's notes in a second terminal.",
        epilog="exit status of --check: 0 all claims held, 1 some did not, 2 usage error, 130 interrupted by Ctrl+C",
    )
    tour.add_argument(
        "tour", metavar="NAME", nargs="?", type=filled, help="a tour, from --list, or path/to/file.toml (docs/tours.md)"
    )
    tour.add_argument(
        "function",
        metavar="FUNCTION",
        nargs="?",
        type=filled,
        help="your own function, of tours that run one: module:function or path/to/file.py:function",
    )
    what = tour.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="list the names and titles of the tours, one a line")
    what.add_argument(
        "--check",
        action="store_true",
        help="run every step without the dashboard, and print each claim, its figures and whether it held",
    )
    add_record_option(tour)
    tour.set_defaults(command=_tour)


def _tour(arguments: argparse.Namespace) -> int:
    from pconc_tui.tours import library
    from pconc_tui.tours.parse import TourError

    record = arguments.record
    if arguments.list:
        if arguments.tour:
            return usage_error("--list lists all tours; omit the name")
        for each in library.all_tours():
            print(f"{each.name:<16} {printable(each.title)}")
        return 0
    if not arguments.check and not has_terminal():
        return usage_error("a tour needs a terminal; without one, use --check or --list")
    if arguments.tour is None:
        if arguments.check:
            return usage_error("name the tour to check; `pconc-tui tour --list` lists them")
        return open_dashboard(first=lambda app: app.action_tour(), record=record)
    try:
        tour = with_function(library.load(arguments.tour), arguments.function, arguments.check)
    except (TourError, ValueError) as error:
        return usage_error(str(error))
    if arguments.check:
        from pconc_tui.commands.tour_check import check

        check_system()
        return check(tour, record)
    return open_dashboard(first=lambda app: app.take_tour(tour), record=record)


def with_function(tour: Tour, function: str | None, needed: bool) -> Tour:
    """The tour with this function of the person who takes it; the dashboard asks for one that is not `needed` yet.

    ValueError: it needs one, or has no use for it.
    """
    if not tour.needs_function:
        if function is not None:
            raise ValueError(f"{tour.name} runs no function of yours; omit {function}")
        return tour
    if function is None and not needed:
        return tour
    if function is None:
        raise ValueError(f"{tour.name} runs a function of yours: pconc-tui tour {tour.name} file.py:function --check")
    experiment = experiment_of(function, lambda: [sys.executable])
    return tour.with_function(experiment.id, experiment.variant, experiment.models[0])
