"""`pconc-tui run`: one run and N runs of an experiment, measured."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import ExitStack, closing
from typing import IO, Any

from pconc_tui import experiments
from pconc_tui.commands.arguments import (
    EXPERIMENT_HELP,
    FAILED,
    MISUSED,
    WHOLE,
    experiment_of,
    interval,
    misused,
    scale,
    start_method,
    workers,
)
from pconc_tui.commands.json_fields import RUN_FIELDS, SPAN_FIELDS, described
from pconc_tui.models import FREE_THREADED, unavailable, unknown, wrong_start_method
from pconc_tui.protocol.function_ref import UNUSABLE, names_function


def add(commands: Any) -> None:
    """Declare the command."""
    run = commands.add_parser(
        "run",
        help="measure one run and N runs of an experiment",
        description="Measure one run and N runs of an experiment, as the article does.",
        epilog=f"fields of --json:\n{described(RUN_FIELDS)}\n\nfields of --spans:\n{described(SPAN_FIELDS)}\n\n"
        "exit status: 0 done, 1 the experiment failed, 2 wrong use",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    run.add_argument("experiment", metavar="ID", help=EXPERIMENT_HELP)
    run.add_argument(
        "--model", help="how the workers run, from `pconc-tui list` (default: threads, or the first it has)"
    )
    run.add_argument("--workers", metavar="N", type=workers, default=4, help="1 to 256 (default: 4)")
    lock = run.add_mutually_exclusive_group()
    lock.add_argument("--lock", action="store_true", default=None, help="the variant that holds a lock")
    lock.add_argument("--no-lock", action="store_false", dest="lock", help="the variant that holds none")
    run.add_argument("--variant", metavar="V", help="a variant, from `pconc-tui list`")
    run.add_argument("--switch-interval", metavar="S", type=interval, help="seconds, 0.00005 to 1")
    run.add_argument("--scale", metavar="F", type=scale, default=1.0, help="do F times the work (default: 1)")
    run.add_argument("--python", metavar="PYTHON", help="runs the workers: a path, or a version as in `list`")
    run.add_argument(
        "--start-method",
        metavar="METHOD",
        type=start_method,
        help="start processes by fork, forkserver or spawn (default: as the interpreter does by itself)",
    )
    run.add_argument("--json", action="store_true", help="print one JSON object")
    run.add_argument("--spans", metavar="FILE", help="write the N runs' spans to FILE as JSON lines")
    run.set_defaults(command=_run)


def _variants(experiment: experiments.Experiment, lock: bool | None, variant: str | None) -> list[str]:
    """The variants to measure: the one asked for, or all of an experiment whose updates may be lost."""
    if variant is not None:
        if variant not in experiment.variants:
            raise ValueError(f"{experiment.id} has no variant {variant!r}; it has {', '.join(experiment.variants)}")
        if lock is not None and lock != (variant == experiments.LOCKED):
            raise ValueError(f"--variant {variant} and --{'' if lock else 'no-'}lock contradict each other")
        return [variant]
    if lock is None:
        return list(experiment.variants) if experiment.counts else [experiment.variant]
    if experiments.LOCKED not in experiment.variants:
        raise ValueError(f"{experiment.id} takes no lock; leave --lock and --no-lock away")
    return [experiments.LOCKED if lock else experiment.toggle_lock(experiments.LOCKED)]


def _run(arguments: argparse.Namespace) -> int:
    from pconc_tui.python_discovery import NoInterpreterError, free_threaded, resolve
    from pconc_tui.pythons import own

    try:
        found = free_threaded() if arguments.model == FREE_THREADED and not arguments.python else None
        python = found or (resolve(arguments.python) if arguments.python else own())
        experiment = experiment_of(arguments.experiment, lambda: python.path)
        model = arguments.model or experiment.models[0]
        if problem := unknown(model, experiment.id, experiment.models):
            raise ValueError(problem)
        variants = _variants(experiment, arguments.lock, arguments.variant)
        if names_function(experiment.id) and arguments.scale != 1:
            raise ValueError(WHOLE)
        method = arguments.start_method
        if problem := unavailable(model, python) or (method and wrong_start_method(method, model, python)):
            raise ValueError(problem)
    except (ValueError, NoInterpreterError) as error:
        return misused(str(error))
    with ExitStack() as stack:
        try:
            spans = stack.enter_context(open(arguments.spans, "w", encoding="utf-8")) if arguments.spans else None
        except OSError as error:
            return misused(f"can't write {arguments.spans}: {error.strerror}")
        return _measure(arguments, experiment, model, variants, python.path, spans)


def _measure(
    arguments: argparse.Namespace,
    experiment: experiments.Experiment,
    model: str,
    variants: list[str],
    python: str,
    spans: IO[str] | None,
) -> int:
    from pconc_tui.commands import headless, run_report
    from pconc_tui.monitor.monitor import Monitor
    from pconc_tui.requests import Request

    headless.end_on_signals()
    outcomes = []
    with closing(Monitor(python, history_pieces=None)) as monitor:
        if arguments.switch_interval is not None:
            monitor.set_switch_interval(arguments.switch_interval)
        for variant in variants:
            request = Request(
                experiment.id,
                variant,
                model,
                arguments.workers,
                arguments.scale,
                start_method=arguments.start_method,
            )
            outcome = headless.measure(monitor, request, headless.show_progress)
            headless.end_progress()
            outcomes.append(outcome)
            if not arguments.json:
                print(run_report.as_text(outcome), end="\n\n" if variant != variants[-1] else "\n", flush=True)
            if spans is not None:
                spans.writelines(line + "\n" for line in run_report.as_spans(outcome))
    if arguments.json:
        print(json.dumps(run_report.as_json(outcomes, arguments.scale), indent=2))
    problems = [problem for outcome in outcomes if (problem := outcome.measurement.problem)]
    traces = dict.fromkeys(trace for outcome in outcomes if (trace := outcome.measurement.traceback))
    for trace in traces:
        print(trace, file=sys.stderr)
    for problem in problems:
        again = "" if traces or UNUSABLE in problem else "; run it again"
        print(f"pconc-tui: {experiment.id} is incomplete: {problem}{again}", file=sys.stderr)
    if any(UNUSABLE in problem for problem in problems):
        return MISUSED
    return FAILED if problems else 0
