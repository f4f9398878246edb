"""`pconc-tui compare`: an experiment in every model and under every interpreter, in turn, with a verdict."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from contextlib import ExitStack, closing
from functools import cache
from typing import IO, TYPE_CHECKING, Any

from pconc_tui.commands.arguments import (
    EXPERIMENT_HELP,
    FAILED,
    WHOLE,
    experiment_of,
    misused,
    number,
    scale,
    start_method,
    workers,
)
from pconc_tui.commands.json_fields import COMPARE_FIELDS, described
from pconc_tui.protocol.function_ref import names_function

if TYPE_CHECKING:
    from pconc_tui.pythons import Interpreter
    from pconc_tui.requests import Plan
    from pconc_tui.snapshot import Comparison

CHART_SIZE = 100, 16


def add(commands: Any) -> None:
    """Declare the command."""
    compare = commands.add_parser(
        "compare",
        help="measure an experiment in every model and interpreter",
        description="Measure an experiment in every model and under every interpreter, in turn, and say which is best.",
        epilog=f"fields of --json; those of rows[] are the columns of --csv:\n{described(COMPARE_FIELDS)}\n\n"
        "exit status: 0 done, 1 a measurement is incomplete, 2 wrong use",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    compare.add_argument("experiment", metavar="ID", help=EXPERIMENT_HELP)
    compare.add_argument(
        "--models", metavar="A,B", type=_names, help="models, from `pconc-tui list` (default: all that can be run)"
    )
    compare.add_argument(
        "--python",
        metavar="PYTHON",
        action="append",
        help="an interpreter: a path, or a version as in `list`; may be given again (default: the newest of each)",
    )
    compare.add_argument(
        "--workers", metavar="N,M", type=_counts, help="numbers of workers, 1 to 256 (default: up to twice the cores)"
    )
    compare.add_argument("--repeat", metavar="K", type=_repeat, default=3, help="measure all K times (default: 3)")
    compare.add_argument("--variant", metavar="V", help="a variant, from `pconc-tui list` (default: the first)")
    compare.add_argument(
        "--scale",
        metavar="F",
        type=scale,
        help="do F times the work (default: such that it takes about a minute, if runs of 0.15 s allow it)",
    )
    compare.add_argument(
        "--start-method",
        metavar="A,B",
        type=_methods,
        default=[],
        help="start processes by these: fork, forkserver, spawn (default: as each interpreter does by itself)",
    )
    output = compare.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print one JSON object")
    output.add_argument("--csv", metavar="FILE", help="write the rows to FILE as CSV as well")
    compare.set_defaults(command=_compare)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _methods(text: str) -> list[str]:
    return [start_method(name) for name in _names(text)]


def _counts(text: str) -> list[int]:
    return [workers(each) for each in text.split(",")]


def _repeat(text: str) -> int:
    return int(number(text, int, 1, 100))


def _compare(arguments: argparse.Namespace) -> int:
    from pconc_tui.python_discovery import NoInterpreterError

    try:
        plan = _planned(arguments)
    except (ValueError, NoInterpreterError) as error:
        return misused(str(error))
    with ExitStack() as stack:
        try:
            # newline="": the csv module ends its lines itself.
            file = (
                stack.enter_context(open(arguments.csv, "w", encoding="utf-8", newline="")) if arguments.csv else None
            )
        except OSError as error:
            return misused(f"can't write {arguments.csv}: {error.strerror}")
        return _measure(plan, arguments.json, file)


def _planned(arguments: argparse.Namespace) -> Plan:
    from pconc_tui.comparison.plan import default_worker_counts, make_plan, newest_of_each
    from pconc_tui.monitor.system import usable_cores
    from pconc_tui.python_discovery import find, resolve

    @cache
    def pythons() -> tuple[Interpreter, ...]:
        asked = {python.path: python for python in map(resolve, arguments.python or ())}
        return tuple(asked.values()) or newest_of_each(find())

    experiment = experiment_of(arguments.experiment, lambda: pythons()[-1].path)
    variant = arguments.variant or experiment.variant
    if variant not in experiment.variants:
        raise ValueError(f"{experiment.id} has no variant {variant!r}; it has {', '.join(experiment.variants)}")
    if arguments.models is not None and not arguments.models:
        raise ValueError("--models names none")
    cores = usable_cores()
    counts = arguments.workers or default_worker_counts(cores)
    part = arguments.scale
    if names_function(experiment.id):
        if part not in (None, 1):
            raise ValueError(WHOLE)
        part = 1.0
    return make_plan(
        experiment, variant, pythons(), arguments.models, counts, arguments.repeat, part, cores, arguments.start_method
    )  # fmt: skip


def _measure(plan: Plan, as_json: bool, file: IO[str] | None) -> int:
    from pconc_tui.commands import headless
    from pconc_tui.comparison import report
    from pconc_tui.monitor.monitor import Monitor

    headless.end_on_signals()
    with closing(Monitor(plan.cases[0].python.path)) as monitor:
        comparison = headless.compare(monitor, plan, headless.show_comparison)
        headless.end_progress()
    if as_json:
        print(json.dumps(report.as_json(comparison), indent=2))
    elif sys.stdout.isatty():
        print("\n".join(report.as_text(comparison, shutil.get_terminal_size().columns)), end="\n\n")
        _draw(comparison)
    else:
        print("\n".join(report.as_text(comparison)))
    if file is not None:
        report.write_csv(comparison, file)
    problems = [(case, measured) for case, measured in comparison.results if measured.problem]
    for case, measured in problems[:1]:
        if measured.traceback:
            print(measured.traceback, file=sys.stderr)
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        again = "" if measured.traceback else "; run it again"
        where = f"{case.name} under {case.python.short}"
        print(f"pconc-tui: {plan.experiment} is incomplete: {where}: {measured.problem}{more}{again}", file=sys.stderr)
    return FAILED if problems else 0


def _draw(comparison: Comparison) -> None:
    """The chart that the compare screen shows, in colours."""
    from rich.console import Console
    from rich.text import Text

    from pconc_tui.comparison.rows import rows
    from pconc_tui.ui.drawing import chart

    console = Console()
    for line in chart.comparison_lines(rows(comparison), min(console.width, CHART_SIZE[0]), CHART_SIZE[1]):
        console.print(Text.assemble(*line), no_wrap=True)
