"""A measurement as text, as JSON and as spans. Pure: from an `Outcome` to text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from pconc_tui import experiments
from pconc_tui.commands.headless import Outcome
from pconc_tui.experiments import LOCKED
from pconc_tui.measurement import TOO_SHORT, Measurement, Wait
from pconc_tui.models import POOLS, STARTING_PROCESSES, lab_model
from pconc_tui.protocol.delay_histogram import DelayHistogram
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.requests import Request
from pconc_tui.snapshot import Sampling, Worker
from pconc_tui.text import headline, sentences, table
from pconc_tui.text.numbers import UNKNOWN, compact, cores, decimal, digits, seconds, whole
from pconc_tui.text.table import Column
from pconc_tui.timeline.spans import TIMED, Span, Times

SHORTEST_STATE = 10
"""The least width of the last column, a worker's state, in terminal cells."""
LOG_TEXT_AT = 24
"""Where the text of a printed line begins, after its time and worker."""


def as_text(outcome: Outcome, width: int | None = None) -> str:
    """What the workers printed, the measurement, a table of the workers, and the values that they shared.

    It fits `width` terminal cells: columns are dropped, and what is longer is wrapped. None: it is as wide as it is.
    """
    measurement = outcome.measurement
    printed = [f"({outcome.snapshot.log_cut:,} older lines are not kept)"] if outcome.snapshot.log_cut else []
    printed += [f"{line.t_s:8.3f} s  {line.worker:<10}  {line.text}" for line in outcome.snapshot.log if not line.error]
    if outcome.snapshot.log_dropped:
        printed.append(f"({outcome.snapshot.log_dropped} more lines were lost: they were printed too fast)")
    title = f"{measurement.experiment} · {measurement.variant} · {measurement.model}"
    runner = f"CPython {outcome.lab.version or UNKNOWN} · {sentences.gil(outcome.lab)} · {cores(measurement.cores)}"
    head = [
        f"{title} · {runner}",
        "" if measurement.problem else headline.result(measurement).sentence(width),
        sentences.sentence(measurement),
        f"{load}: repeat it" if (load := sentences.load_note(measurement)) else "",
        experiments.load(measurement.experiment).sharing.get(lab_model(measurement.model)),
        sentences.lanes_note(outcome.snapshot.workers, outcome.lab),
        *(_figures_of_runs(measurement) if measurement.n_runs_s is not None and not measurement.problem else ()),
        _sent_back(outcome.snapshot.workers),
    ]
    shared = counters(outcome)
    foot = sentences.all_blocked(measurement.blocked)
    foot += [_queue(shared)] if "put" in shared else []
    foot += [f"{name}: {_value(value)}" for name, value in shared.items() if name not in _QUEUE]
    lines = [part for line in printed for part in table.wrapped(line, width, indent=LOG_TEXT_AT)]
    lines += ["", *(part for line in head if line for part in table.wrapped(line, width, indent=2))]
    lines += ["", *_table(outcome, width)]
    lines += [part for line in foot for part in table.wrapped(line, width, indent=2)]
    return "\n".join(lines).lstrip("\n")


def _table(outcome: Outcome, width: int | None) -> Iterator[str]:
    """A row for each worker, with an ending that is longer than its room below.

    Under the last worker of a process follows what the process's other threads and its children used.
    """
    starting = "queued" if outcome.measurement.model in (*POOLS, "asyncio") else "launch"
    columns = _columns(starting, any(worker.role for worker in outcome.snapshot.workers))
    if width is not None:
        columns = table.fitting(columns, width - SHORTEST_STATE)
    yield f"{table.header(columns)}  state"
    for worker in outcome.snapshot.workers:
        figures, ending = table.row(columns, worker), worker.ending or "not ended"
        whole_row = f"{figures}  {ending}"
        if width is None or table.display_width(whole_row) <= width:
            yield whole_row
        else:
            yield figures
            yield from table.wrapped(f"  {ending}", width, indent=2)
        for process in outcome.snapshot.processes:
            if process.workers[-1] == worker.id:
                for row in sentences.helpers(process):
                    used = f"{decimal(row.cores)} cores busy, {seconds(row.cpu_s)} of CPU time"
                    yield f"  {row.name:<16} {process.pid:>6}  {used}"


def _figures_of_runs(measurement: Measurement) -> Iterator[str]:
    """Ratio, cores busy and hand-offs; why there is no ratio, and what to do about it."""
    figures = [f"cores busy {decimal(measurement.cores_busy)} of {compact(measurement.cores)}"]
    if measurement.slowdown is not None:
        slowdown = f"slowdown {decimal(measurement.slowdown)}, ideal {decimal(measurement.ideal_slowdown)}"
        figures = [slowdown, f"speed-up {decimal(measurement.speedup)}", *figures]
    between_tasks = measurement.model == "asyncio"
    handoffs = f"{measurement.handoffs} hand-offs between tasks" if between_tasks else sentences.handoffs(measurement)
    yield " · ".join([*figures, handoffs])
    if measurement.no_ratio:
        option = "--calls N" if names_function(measurement.experiment) else "--scale F"
        advice = f"; do more work ({option})" if measurement.no_ratio.startswith(TOO_SHORT) else ""
        yield f"no ratio: {measurement.no_ratio}{advice}"


def _sent_back(workers: tuple[Worker, ...]) -> str:
    """How large the results were that tasks sent back; empty: none was sent, or its size is unknown."""
    sent = [worker for worker in workers if worker.sent_bytes is not None]
    if len({worker.sent_bytes for worker in sent}) == 1:
        return f"each task sent back {whole(sent[0].sent_bytes)} bytes, pickled"
    return "bytes sent back: " * bool(sent) + ", ".join(f"{worker.name} {whole(worker.sent_bytes)}" for worker in sent)


def _columns(starting: str, roles: bool) -> tuple[Column[Worker], ...]:
    def time(title: str, rank: int, part: Callable[[Times], float]) -> Column[Worker]:
        return Column(title, 8, rank, lambda worker: seconds(part(worker.total)))

    return (
        Column("worker", 21 if roles else 12, 1, lambda worker: f"{worker.name} {worker.role}".rstrip(), left=True),
        Column("PID", 8, 7, lambda worker: digits(worker.pid)),
        Column("TID", 8, 8, lambda worker: digits(worker.native_id)),
        Column(starting, 8, 4, lambda worker: seconds(_starting_s(worker))),
        time("wall", 1, lambda times: times.wall),
        time("running", 1, lambda times: times.running),
        time("GIL", 1, lambda times: times.gil_wait),
        time("core", 2, lambda times: times.core_wait),
        time("I/O", 2, lambda times: times.io),
        time("lock", 3, lambda times: times.lock_wait),
        Column("iterations", 11, 6, lambda worker: whole(worker.iterations) if worker.iterations_known else UNKNOWN),
        Column("hand-offs", 9, 5, lambda worker: digits(worker.handoffs)),
    )


def _starting_s(worker: Worker) -> float | None:
    return None if worker.started_ns is None else (worker.started_ns - worker.launched_ns) / 1e9


_QUEUE = ("put", "got", "got_per_s", "depth_mean", "depth_max")


def _queue(shared: dict[str, Any]) -> str:
    """The queue's throughput and depth."""
    taken = f", {whole(shared['got'])} taken" if "got" in shared else ""
    rate = f", {whole(shared['got_per_s'])} a second" if "got_per_s" in shared else ""
    depth = ""
    if "depth_mean" in shared:
        depth = f"; depth {whole(shared['depth_mean'])} on average, {shared['depth_max']} at most"
    return f"queue: {whole(shared['put'])} items put{taken}{rate}{depth}"


def _value(value: object) -> str:
    if isinstance(value, dict) and "histogram" in value:
        return " · ".join(f"{name} {whole(value[f'{name}_us'])} µs" for name in ("median", "p99", "max"))
    if isinstance(value, list):
        return "; ".join(sentences.wait(Wait(**each)) for each in value)
    return str(value)


def _delays(delays: DelayHistogram | None) -> dict[str, Any] | None:
    if delays is None:
        return None
    figures = {"median_us": delays.median_ns, "p99_us": delays.p99_ns, "max_us": delays.max_ns}
    return {
        **{name: None if ns is None else round(ns / 1e3, 3) for name, ns in figures.items()},
        "histogram": [{"up_to_us": ns / 1e3, "count": count} for ns, count in delays.histogram()],
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
        "starting_s": _starting_s(worker),
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
