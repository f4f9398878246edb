"""A measurement as JSON and as spans. Pure: from an `Outcome` to values; `docs/json.md` describes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pconc_tui.commands.outcome import Outcome
from pconc_tui.experiments import LOCKED
from pconc_tui.models import STARTING_PROCESSES
from pconc_tui.protocol.delay_histogram import DelayHistogram
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.requests import Request
from pconc_tui.snapshot import Sampling, Worker
from pconc_tui.text import headline
from pconc_tui.timeline.spans import TIMED, Span


def as_json(outcomes: list[Outcome], request: Request) -> dict[str, Any]:
    """The object that `run --json` prints: the first outcome, and the figures of all where there are several."""
    outcome = outcomes[0]
    lab = outcome.lab
    return {
        "experiment": outcome.measurement.experiment,
        **figures(outcome),
        "model": outcome.measurement.model,
        "workers": outcome.measurement.workers,
        "scale": request.scale,
        "calls": request.calls,
        "python": {
            "version": lab.version,
            "executable": lab.executable,
            "gil_enabled": lab.gil_enabled,
            "switch_interval_s": lab.switch_interval_s,
            "free_threaded_build": lab.free_threaded_build,
        },
        "start_method": lab.start_method if outcome.measurement.model in STARTING_PROCESSES else None,
        "machine": {
            "cores": outcome.measurement.cores,
            "others": outcome.measurement.disturbance and outcome.measurement.disturbance.others,
            "throttled": outcome.measurement.disturbance and outcome.measurement.disturbance.throttled,
        },
        "log": [{"t_s": line.t_s, "worker": line.worker, "text": line.text} for line in outcome.snapshot.log],
        "log_dropped": outcome.snapshot.log_dropped,
        "blocked": [
            {name: value for name, value in each._asdict().items() if name != "ends_itself"}
            for each in outcome.measurement.blocked
        ],
        "log_cut": outcome.snapshot.log_cut,
        "processes": [
            {
                "pid": process.pid,
                "workers": [worker.name for worker in outcome.snapshot.workers if worker.id in process.workers],
                "cpu_s": process.cpu_s,
                "helper_threads_cpu_s": process.helpers_s,
                "child_processes_cpu_s": process.children_s,
            }
            for process in outcome.snapshot.processes
        ],
        "workers_detail": [detail(worker) for worker in outcome.snapshot.workers],
        **({"variants": [figures(each) for each in outcomes]} if len(outcomes) > 1 else {}),
    }


def figures(outcome: Outcome) -> dict[str, Any]:
    """The figures of a measurement."""
    measurement = outcome.measurement
    unmeasured = names_function(measurement.experiment) and measurement.one_run_s is None
    point = None if measurement.problem else headline.result(measurement)
    return {
        "variant": measurement.variant,
        "headline": point and point.sentence(),
        "figures": point and [figure._asdict() for figure in point.figures],
        "lock": measurement.variant == LOCKED,
        "one_run_s": measurement.one_run_s,
        "n_runs_s": measurement.n_runs_s,
        "ratio": measurement.slowdown,
        "ideal_ratio": None if measurement.no_ratio else measurement.ideal_slowdown,
        "core_share": None if unmeasured else measurement.core_share,
        "speedup": measurement.speedup,
        "no_ratio": measurement.no_ratio,
        "cores_busy": measurement.cores_busy,
        "handoffs": measurement.handoffs if measurement.handoffs_source == "lanes" else measurement.switches,
        "handoffs_source": measurement.handoffs_source,
        "switches": measurement.switches,
        "switches_problem": measurement.switches_problem,
        "counters": counters(outcome),
        "problem": measurement.problem,
    }


def counters(outcome: Outcome) -> dict[str, Any]:
    """The values that the workers shared, and their delays: those that the experiment has."""
    shared = outcome.snapshot.counters[0] if outcome.snapshot.counters else None
    if shared is None:
        return {}
    counted = shared.expected is not None
    found = {
        "plain_num": shared.plain_num,
        "shared_num": shared.value if not counted and shared.plain_num is not None else None,
        "value": shared.value if counted else None,
        "expected": shared.expected,
        "lost": shared.lost,
        "object": shared.object,
        "put": shared.put,
        "got": shared.got,
        "got_per_s": shared.got / outcome.measurement.n_runs_s if shared.got and outcome.measurement.n_runs_s else None,
        "depth_mean": shared.depth_mean,
        "depth_max": shared.depth_max,
        "delay": _delays(outcome.measurement.delays),
        "delay_alone": _delays(outcome.measurement.delays_alone),
        "deadlock": [wait._asdict() for wait in outcome.measurement.deadlock] or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _delays(delays: DelayHistogram | None) -> dict[str, Any] | None:
    if delays is None:
        return None
    figures = {"median_us": delays.median_ns, "p99_us": delays.p99_ns, "max_us": delays.max_ns}
    return {
        **{name: None if ns is None else round(ns / 1e3, 3) for name, ns in figures.items()},
        "histogram": [{"up_to_us": ns / 1e3, "count": count} for ns, count in delays.histogram()],
    }


def detail(worker: Worker) -> dict[str, Any]:
    """What is known of a worker, its times in each state among it."""
    sampling = worker.sampling or Sampling(rate_hz=None, calls_probe=True, problem=None)
    return {
        "name": worker.name,
        "role": worker.role or None,
        "pid": worker.pid,
        "native_id": worker.native_id,
        "state": worker.ending,
        "wall_s": worker.total.wall,
        "starting_s": worker.starting_s,
        "cpu_s": worker.cpu_s,
        "starting_cpu_s": worker.starting_cpu_s,
        "lanes": {
            "source": worker.source,
            "rate_hz": sampling.rate_hz,
            "problem": sampling.problem,
            "mixed_s": sampling.mixed_s,
            "lost": worker.lost_transitions,
        },
        **{f"{name}_s": seconds for name, seconds in asdict(worker.total).items()},
        "iterations": worker.iterations if worker.iterations_known else None,
        "handoffs": worker.handoffs,
        "traceback": worker.traceback or None,
        "sent_bytes": worker.sent_bytes,
    }


def as_spans(outcome: Outcome) -> Iterator[str]:
    """A JSON line for each span of the N runs, worker by worker."""
    for worker in outcome.snapshot.workers:
        for piece in worker.history:
            for span in piece:
                if span.state in TIMED:
                    yield span_line(worker, span)


def span_line(worker: Worker, span: Span) -> str:
    """A span as a JSON line."""
    return json.dumps(span_fields(worker, span))


def span_fields(worker: Worker, span: Span) -> dict[str, Any]:
    """A span in which the worker lived; `json_fields.SPAN_FIELDS` describes its fields."""
    return {
        "worker": worker.name,
        "pid": worker.pid,
        "native_id": worker.native_id,
        "state": TIMED[span.state],
        "start_ns": span.start_ns,
        "end_ns": span.end_ns,
        "mixed": span.mixed,
    }
