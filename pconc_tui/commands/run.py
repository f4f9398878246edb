"""`pconc-tui run`: measures one run and N runs of an experiment."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Any

from pconc_tui import experiments
from pconc_tui.commands.arguments import (
    EXIT_FAILURE,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    EXPERIMENT_HELP,
    add_measuring_options,
    add_record_option,
    check_system,
    check_work,
    complain,
    experiment_of,
    filled,
    number,
    output_width,
    run_again,
    scale,
    start_method,
    usage_error,
    workers,
    writing,
)
from pconc_tui.commands.json_fields import RUN_FIELDS, SPAN_FIELDS, field_table
from pconc_tui.models import FREE_THREADED, interpreter_problem, model_problem, start_method_problem
from pconc_tui.protocol.function_ref import UNUSABLE, names_function
from pconc_tui.text.printable import printable_lines

if TYPE_CHECKING:
    from pconc_tui.commands.outcome import Outcome
    from pconc_tui.requests import Request


def add(commands: Any) -> None:
    """Add the command to the command line."""
    run = commands.add_parser(
        "run",
        help="measure one run and N runs of an experiment",
        description='Measure one run and N runs of an experiment, as "Python Processes and Threads" does.',
        epilog=f"fields of --json:\n{field_table(RUN_FIELDS)}\n\nfields of --spans:\n{field_table(SPAN_FIELDS)}\n\n"
        "exit status: 0 done, 1 the experiment failed, 2 usage error, 130 interrupted by Ctrl+C",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    run.add_argument("experiment", metavar="ID", type=filled, help=EXPERIMENT_HELP)
    run.add_argument(
        "--model",
        type=filled,
        help="how the workers run, from `pconc-tui list` (default: the experiment's first, usually threads)",
    )
    run.add_argument("--workers", metavar="N", type=workers, default=4, help="N, 1 to 256 (default: 4)")
    lock = run.add_mutually_exclusive_group()
    lock.add_argument("--lock", action="store_true", default=None, help="the variant that holds a lock")
    lock.add_argument("--no-lock", action="store_false", dest="lock", help="the variant that holds no lock")
    run.add_argument("--variant", metavar="V", type=filled, help="a variant, from `pconc-tui list`")
    run.add_argument(
        "--switch-interval",
        metavar="S",
        type=number(float, 0.00005, 1),
        help="seconds after which CPython requests a hand-off, 0.00005 to 1",
    )
    run.add_argument("--scale", metavar="F", type=scale, default=1.0, help="do F times the work (default: 1)")
    run.add_argument(
        "--python", metavar="PYTHON", type=filled, help="the workers' interpreter: a path, or a version as in `list`"
    )
    run.add_argument(
        "--start-method",
        metavar="METHOD",
        type=start_method,
        help="start method of processes: fork, forkserver or spawn (default: the interpreter's own)",
    )
    add_measuring_options(run)
    add_record_option(run)
    run.add_argument("--json", action="store_true", help="print one JSON object")
    run.add_argument("--spans", metavar="FILE", type=filled, help="write the N runs' spans to FILE as JSON lines")
    run.set_defaults(command=_run)


def _variants(experiment: experiments.Experiment, lock: bool | None, variant: str | None) -> list[str]:
    """The variants to measure: the requested one, or all of an experiment whose updates may be lost."""
    if variant is not None:
        if variant not in experiment.variants:
            raise ValueError(f"{experiment.id} has no variant {variant!r}; it has {', '.join(experiment.variants)}")
        if lock is not None and lock != (variant == experiments.LOCKED):
            raise ValueError(f"--variant {variant} and --{'' if lock else 'no-'}lock contradict each other")
        return [variant]
    if lock is None:
        return list(experiment.variants) if experiment.counts else [experiment.variant]
    if experiments.LOCKED not in experiment.variants:
        raise ValueError(f"{experiment.id} takes no lock; omit --lock and --no-lock")
    return [experiments.LOCKED if lock else experiment.toggle_lock(experiments.LOCKED)]


def _run(arguments: argparse.Namespace) -> int:
    from pconc_tui.python_discovery import NoInterpreterError, free_threaded, resolve
    from pconc_tui.pythons import current_interpreter
    from pconc_tui.requests import Request

    try:
        found = free_threaded() if arguments.model == FREE_THREADED and not arguments.python else None
        python = found or (resolve(arguments.python) if arguments.python else current_interpreter())
        experiment = experiment_of(arguments.experiment, lambda: [python.path])
        model = arguments.model or experiment.models[0]
        if problem := model_problem(model, experiment.id, experiment.models):
            raise ValueError(problem)
        variants = _variants(experiment, arguments.lock, arguments.variant)
        check_work(experiment.id, arguments.scale, arguments.calls)
        method = arguments.start_method
        if problem := interpreter_problem(model, python) or (method and start_method_problem(method, model, python)):
            raise ValueError(problem)
    except (ValueError, NoInterpreterError) as error:
        return usage_error(str(error))
    check_system()
    with ExitStack() as stack:
        try:
            spans = stack.enter_context(open(arguments.spans, "w", encoding="utf-8")) if arguments.spans else None
        except OSError as error:
            return usage_error(f"can't write {arguments.spans}: {error.strerror}")
        requests = [
            Request(
                experiment.id,
                variant,
                model,
                arguments.workers,
                arguments.scale,
                start_method=method,
                calls=arguments.calls or 1,
                single_run=arguments.single_run,
            )
            for variant in variants
        ]
        return _measure(requests, python.path, arguments, spans)


def _measure(requests: list[Request], python: str, arguments: argparse.Namespace, spans: IO[str] | None) -> int:
    from pconc_tui.commands import headless, run_json, run_report
    from pconc_tui.commands.recorded_monitor import recorded_monitor

    early, report = headless.EarlyEnd(arguments.time_limit), headless.ProgressReport()
    outcomes: list[Outcome] = []
    with recorded_monitor(arguments.record, python, history_pieces=None) as monitor:
        if arguments.switch_interval is not None:
            monitor.set_switch_interval(arguments.switch_interval)
        for request in requests:
            outcome = headless.measure(monitor, request, report, early)
            if not arguments.json:
                print("\n" * bool(outcomes) + printable_lines(run_report.as_text(outcome, output_width())), flush=True)
            outcomes.append(outcome)
            if spans is not None:
                with writing(spans.name, spans):
                    spans.writelines(line + "\n" for line in run_json.as_spans(outcome))
            if early.problem:
                break
    if arguments.json:
        print(json.dumps(run_json.as_json(outcomes, requests[0]), indent=2))
    problems = [problem for outcome in outcomes if (problem := outcome.measurement.problem)]
    tracebacks = dict.fromkeys(text for outcome in outcomes if (text := outcome.measurement.traceback))
    for traceback in tracebacks:
        print(printable_lines(traceback), file=sys.stderr)
    for problem in problems:
        complain(f"{requests[0].experiment} is incomplete: {problem}{run_again(problem)}")
    last = outcomes[-1].measurement
    alone = requests[0].single_run and last.one_run_s is None and names_function(requests[0].experiment)
    explained = bool(last.blocked) and all(each.ends_itself or each.blocked_s is None for each in last.blocked)
    if last.problem and early.problem and alone and not report.advised and not explained:
        complain("one run did not end; if it waits for other workers, use --no-single-run")
    if early.interrupted and (last.problem or len(outcomes) < len(requests)):
        return EXIT_INTERRUPTED
    if any(UNUSABLE in problem for problem in problems):
        return EXIT_USAGE
    return EXIT_FAILURE if problems else 0
