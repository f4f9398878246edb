"""`pconc-tui compare`: measures an experiment in each model under each interpreter, and prints a verdict."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from contextlib import ExitStack, closing
from functools import cache
from typing import IO, TYPE_CHECKING, Any

from pconc_tui.commands.arguments import (
    EXIT_FAILURE,
    EXPERIMENT_HELP,
    SCALE_OF_FUNCTION,
    experiment_of,
    number,
    scale,
    start_method,
    usage_error,
    workers,
)
from pconc_tui.commands.json_fields import COMPARE_FIELDS, field_table
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.text.printable import printable, printable_lines

if TYPE_CHECKING:
    from pconc_tui.pythons import Interpreter
    from pconc_tui.requests import Plan
    from pconc_tui.snapshot import Comparison

CHART_SIZE = 100, 16


def add(commands: Any) -> None:
    """Add the command to the command line."""
    compare = commands.add_parser(
        "compare",
        help="measure an experiment in each model and interpreter",
        description="Measure an experiment in each model under each interpreter, and recommend the fastest.",
        epilog=f"fields of --json; those of rows[] are the columns of --csv:\n{field_table(COMPARE_FIELDS)}\n\n"
        "exit status: 0 done, 1 a measurement is incomplete, 2 usage error",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    compare.add_argument("experiment", metavar="ID", help=EXPERIMENT_HELP)
    compare.add_argument(
        "--models", metavar="A,B", type=_names, help="models, from `pconc-tui list` (default: all that can run)"
    )
    compare.add_argument(
        "--python",
        metavar="PYTHON",
        action="append",
        help="an interpreter: a path, or a version as in `list`; repeatable (default: the newest of each version)",
    )
    compare.add_argument(
        "--workers", metavar="N,M", type=_counts, help="numbers of workers, 1 to 256 (default: up to twice the cores)"
    )
    compare.add_argument(
        "--repeat", metavar="K", type=_repeat, default=3, help="measure each case K times (default: 3)"
    )
    compare.add_argument("--variant", metavar="V", help="a variant, from `pconc-tui list` (default: the first)")
    compare.add_argument(
        "--scale",
        metavar="F",
        type=scale,
        help="do F times the work (default: so much that it takes about a minute, but at least 0.15 s for one run)",
    )
    compare.add_argument(
        "--start-method",
        metavar="A,B",
        type=_methods,
        default=[],
        help="start methods of processes: fork, forkserver, spawn (default: each interpreter's own)",
    )
    output = compare.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print one JSON object")
    output.add_argument("--csv", metavar="FILE", help="also write the rows to FILE as CSV")
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
        plan = _plan(arguments)
    except (ValueError, NoInterpreterError) as error:
        return usage_error(str(error))
    with ExitStack() as stack:
        try:
            # newline="": the csv module writes line ends itself.
            file = (
                stack.enter_context(open(arguments.csv, "w", encoding="utf-8", newline="")) if arguments.csv else None
            )
        except OSError as error:
            return usage_error(f"can't write {arguments.csv}: {error.strerror}")
        return _measure(plan, arguments.json, file)


def _plan(arguments: argparse.Namespace) -> Plan:
    from pconc_tui.comparison.plan import default_worker_counts, make_plan, newest_of_each
    from pconc_tui.monitor.system import usable_cores
    from pconc_tui.python_discovery import find, resolve

    @cache
    def pythons() -> tuple[Interpreter, ...]:
        requested = {python.path: python for python in map(resolve, arguments.python or ())}
        return tuple(requested.values()) or newest_of_each(find())

    experiment = experiment_of(arguments.experiment, lambda: pythons()[-1].path)
    variant = arguments.variant or experiment.variant
    if variant not in experiment.variants:
        raise ValueError(f"{experiment.id} has no variant {variant!r}; it has {', '.join(experiment.variants)}")
    if arguments.models is not None and not arguments.models:
        raise ValueError("--models is empty")
    cores = usable_cores()
    counts = arguments.workers or default_worker_counts(cores)
    plan_scale = arguments.scale
    if names_function(experiment.id):
        if plan_scale not in (None, 1):
            raise ValueError(SCALE_OF_FUNCTION)
        plan_scale = 1.0
    return make_plan(
        experiment, variant, pythons(), arguments.models, counts, arguments.repeat, plan_scale, cores,
        arguments.start_method,
    )  # fmt: skip


def _measure(plan: Plan, as_json: bool, file: IO[str] | None) -> int:
    from pconc_tui.commands import headless
    from pconc_tui.comparison import report
    from pconc_tui.monitor.monitor import Monitor

    headless.exit_on_signals()
    with closing(Monitor(plan.cases[0].python.path)) as monitor:
        comparison = headless.compare(monitor, plan, headless.show_comparison)
        headless.erase_progress()
    if as_json:
        print(json.dumps(report.as_json(comparison), indent=2))
    elif sys.stdout.isatty():
        print(*map(printable, report.as_text(comparison, shutil.get_terminal_size().columns)), sep="\n", end="\n\n")
        _draw(comparison)
    else:
        print(*map(printable, report.as_text(comparison)), sep="\n")
    if file is not None:
        report.write_csv(comparison, file)
    problems = [(case, measurement) for case, measurement in comparison.results if measurement.problem]
    for case, measurement in problems[:1]:
        if measurement.traceback:
            print(printable_lines(measurement.traceback), file=sys.stderr)
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        again = "" if measurement.traceback else "; run it again"
        where = f"{case.name} under {case.python.short}"
        what = printable(f"{plan.experiment} is incomplete: {where}: {measurement.problem}{more}{again}")
        print(f"pconc-tui: {what}", file=sys.stderr)
    return EXIT_FAILURE if problems else 0


def _draw(comparison: Comparison) -> None:
    """Print the chart of the compare screen, in colours."""
    from rich.console import Console
    from rich.text import Text

    from pconc_tui.comparison.rows import rows
    from pconc_tui.ui.drawing import chart

    console = Console()
    for line in chart.comparison_lines(rows(comparison), min(console.width, CHART_SIZE[0]), CHART_SIZE[1]):
        console.print(Text.assemble(*line), no_wrap=True)
