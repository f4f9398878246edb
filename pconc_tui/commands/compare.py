"""`pconc-tui compare`: measures an experiment in each model under each interpreter, and prints a verdict."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from typing import IO, TYPE_CHECKING, Any

from pconc_tui.commands.arguments import (
    EXIT_FAILURE,
    EXIT_INTERRUPTED,
    EXPERIMENT_HELP,
    add_measuring_options,
    add_record_option,
    check_system,
    check_work,
    complain,
    experiment_of,
    filled,
    names,
    number,
    output_width,
    run_again,
    scale,
    start_method,
    usage_error,
    workers,
    writing,
)
from pconc_tui.commands.json_fields import COMPARE_FIELDS, field_table
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.text.printable import printable, printable_lines

if TYPE_CHECKING:
    from pconc_tui.measurement import Comparison
    from pconc_tui.pythons import Interpreter
    from pconc_tui.requests import Plan

CHART_SIZE = 100, 16


def add(commands: Any) -> None:
    """Add the command to the command line."""
    compare = commands.add_parser(
        "compare",
        help="measure an experiment in each model and interpreter",
        description="Measure an experiment in each model under each interpreter, and recommend the fastest.",
        epilog=f"fields of --json; those of rows[] are the columns of --csv:\n{field_table(COMPARE_FIELDS)}\n\n"
        "exit status: 0 done, 1 a measurement is incomplete, 2 usage error, 130 interrupted by Ctrl+C",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    compare.add_argument("experiment", metavar="ID", type=filled, help=EXPERIMENT_HELP)
    compare.add_argument(
        "--models", metavar="A,B", type=names, help="models, from `pconc-tui list` (default: all that can run)"
    )
    compare.add_argument(
        "--python",
        metavar="PYTHON",
        type=filled,
        action="append",
        help="an interpreter: a path, or a version as in `list`; repeatable (default: the newest of each version)",
    )
    compare.add_argument(
        "--workers",
        metavar="N,M",
        type=lambda text: [workers(each) for each in text.split(",")],
        help="numbers of workers, 1 to 256 (default: up to twice the cores)",
    )
    compare.add_argument(
        "--repeat", metavar="K", type=number(int, 1, 100), default=3, help="measure each case K times (default: 3)"
    )
    compare.add_argument(
        "--variant", metavar="V", type=filled, help="a variant, from `pconc-tui list` (default: the first)"
    )
    compare.add_argument(
        "--scale",
        metavar="F",
        type=scale,
        help="do F times the work (default: so much that it takes about a minute, but at least 0.15 s for one run)",
    )
    compare.add_argument(
        "--start-method",
        metavar="A,B",
        type=lambda text: [start_method(each) for each in names(text)],
        help="start methods of processes: fork, forkserver, spawn (default: each interpreter's own)",
    )
    add_measuring_options(compare)
    add_record_option(compare)
    output = compare.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print one JSON object")
    output.add_argument("--csv", metavar="FILE", type=filled, help="also write the rows to FILE as CSV")
    compare.set_defaults(command=_compare)


def _compare(arguments: argparse.Namespace) -> int:
    from pconc_tui.python_discovery import NoInterpreterError

    try:
        plan = _plan(arguments)
    except (ValueError, NoInterpreterError) as error:
        return usage_error(str(error))
    check_system()
    with ExitStack() as stack:
        try:
            # newline="": the csv module writes line ends itself.
            file = (
                stack.enter_context(open(arguments.csv, "w", encoding="utf-8", errors="surrogateescape", newline=""))
                if arguments.csv
                else None
            )
        except OSError as error:
            return usage_error(f"can't write {arguments.csv}: {error.strerror}")
        return _measure(plan, arguments.json, file, arguments.time_limit, arguments.record)


def _plan(arguments: argparse.Namespace) -> Plan:
    from pconc_tui.comparison.plan import default_worker_counts, make_plan, newest_of_each
    from pconc_tui.monitor.cpu_quota import usable_cores
    from pconc_tui.python_discovery import find, resolve
    from pconc_tui.pythons import newest_first

    @cache
    def pythons() -> tuple[Interpreter, ...]:
        requested = {python.path: python for python in map(resolve, arguments.python or ())}
        return tuple(requested.values()) or newest_of_each(find())

    experiment = experiment_of(arguments.experiment, lambda: [python.path for python in newest_first(pythons())])
    variant = arguments.variant or experiment.variant
    if variant not in experiment.variants:
        raise ValueError(f"{experiment.id} has no variant {variant!r}; it has {', '.join(experiment.variants)}")
    for option, given in (("--models", arguments.models), ("--start-method", arguments.start_method)):
        if given == []:
            raise ValueError(f"{option} is empty")
    cores = usable_cores()
    counts = arguments.workers or default_worker_counts(cores)
    plan_scale = arguments.scale
    check_work(experiment.id, plan_scale, arguments.calls)
    if names_function(experiment.id):
        plan_scale = 1.0
    plan = make_plan(
        experiment, variant, pythons(), arguments.models, counts, arguments.repeat, plan_scale, cores,
        arguments.start_method or (),
    )  # fmt: skip
    return replace(plan, calls=arguments.calls or 1, single_run=arguments.single_run)


def _measure(plan: Plan, as_json: bool, file: IO[str] | None, time_limit_s: float | None, record: str | None) -> int:
    from pconc_tui.commands import headless
    from pconc_tui.commands.recorded_monitor import recorded_monitor
    from pconc_tui.comparison import report

    early = headless.EarlyEnd(time_limit_s)
    with recorded_monitor(record, plan.cases[0].python.path) as monitor:
        comparison = headless.compare(monitor, plan, headless.ProgressReport(), early)
    if as_json:
        print(json.dumps(report.as_json(comparison), indent=2))
    else:
        width = output_width()
        print(*map(printable, report.as_text(comparison, width)), sep="\n")
        if width is not None:
            _draw(comparison)
    if file is not None:
        with writing(file.name, file):
            report.write_csv(comparison, file)
    if comparison.problem:
        complain(f"{plan.experiment} is incomplete: {comparison.problem}")
        return EXIT_INTERRUPTED if early.interrupted else EXIT_FAILURE
    return _report_problems(comparison)


def _report_problems(comparison: Comparison) -> int:
    """Print why rows are incomplete, or why there are none, and return the exit status."""
    from pconc_tui.comparison.rows import rows

    found = rows(comparison)
    incomplete = {row.case for row in found if row.problem}
    problems = [
        (case, measurement)
        for case, measurement in comparison.results
        if measurement.problem and (case in incomplete or not found)
    ]
    for case, measurement in problems[:1]:
        if measurement.traceback:
            print(printable_lines(measurement.traceback), file=sys.stderr)
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        where = f"{case.name} under {case.python.short}"
        problem = f"{measurement.problem}{more}{run_again(measurement.problem or '')}"
        complain(f"{comparison.plan.experiment} is incomplete: {where}: {problem}")
    return EXIT_FAILURE if problems else 0


def _draw(comparison: Comparison) -> None:
    """Print the charts of the compare screen, in colours."""
    from rich.console import Console
    from rich.text import Text

    from pconc_tui.comparison.rows import rows
    from pconc_tui.ui.drawing import speedup_bars, speedup_curve

    console = Console()
    found, width = rows(comparison), min(console.width, CHART_SIZE[0])
    charts = speedup_bars.lines(found, width), speedup_curve.lines(found, width, CHART_SIZE[1])
    for chart in filter(None, charts):
        print()
        for line in chart:
            console.print(Text.assemble(*line), no_wrap=True)
