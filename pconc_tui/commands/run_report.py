"""A measurement in words, in a table, as JSON and as spans. Pure: from an `Outcome` to text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pconc_tui import experiments
from pconc_tui.commands.headless import Outcome
from pconc_tui.experiments import LOCKED
from pconc_tui.models import POOLS, STARTING_PROCESSES, lab_model
from pconc_tui.protocol.block import State
from pconc_tui.protocol.delay_histogram import DelayHistogram
from pconc_tui.snapshot import Wait, Worker
from pconc_tui.text import sentences
from pconc_tui.text.sentences import seconds, sentence

STATE_NAMES = {
    State.RUNNING: "running",
    State.GIL_WAIT: "gil_wait",
    State.CORE_WAIT: "core_wait",
    State.IO: "io",
    State.LOCK: "lock_wait",
    State.UNKNOWN: "unknown",
}


def as_text(outcome: Outcome) -> str:
    """What the workers printed, the article's line, a table of the workers and what they share."""
    measured = outcome.measurement
    lines = [f"{line.t_s:8.3f} s  {line.worker:<10}  {line.text}" for line in outcome.snapshot.log if not line.error]
    if outcome.snapshot.log_dropped:
        lines.append(f"({outcome.snapshot.log_dropped} more lines were printed faster than they could be taken)")
    title = f"{measured.experiment} · {measured.variant} · {measured.model}"
    runner = f"CPython {outcome.lab.version or '-'} · {sentences.gil(outcome.lab)} · {measured.cores} cores"
    lines += ["", f"{title} · {runner}", sentence(measured)]
    sharing = experiments.load(measured.experiment).sharing.get(lab_model(measured.model))
    lines += [sharing] if sharing else []
    lines += [how] if (how := sentences.sampled(outcome.workers)) else []
    if measured.ratio is not None:
        speedup = "" if measured.speedup is None else f"speed-up {measured.speedup:.2f} · "
        lines.append(f"ideal {measured.ideal_ratio:.2f} x · {speedup}{_busy(outcome)}")
    begun = "queued" if measured.model in (*POOLS, "asyncio") else "launch"
    lines += ["", *_table(outcome.workers, begun)]
    shared = counters(outcome)
    lines += [_queue(shared)] if "put" in shared else []
    lines += [f"{name}: {_told(value)}" for name, value in shared.items() if name not in _QUEUE]
    return "\n".join(lines).lstrip("\n")


def _busy(outcome: Outcome) -> str:
    measured = outcome.measurement
    busy = "-" if measured.cores_busy is None else f"{measured.cores_busy:.2f}"
    unread = f"not readable: {measured.switches_problem}" if measured.switches_problem else "not readable"
    own = unread if measured.switches is None else measured.switches
    counted = ""
    if measured.model == "asyncio":
        counted = " from task to task"
    elif measured.handoffs or any(worker.total.gil_wait for worker in outcome.workers):
        counted = f" (CPython's own count, with other threads: {own})"
    return f"cores busy {busy} of {measured.cores} · {measured.handoffs} hand-offs{counted}"


def _table(workers: tuple[Worker, ...], begun: str) -> Iterator[str]:
    yield (
        f"{'worker':<12} {'PID':>8} {'TID':>8} {begun:>8} {'wall':>8} {'running':>8} {'GIL':>8} {'core':>8} "
        f"{'I/O':>8} {'lock':>8} {'iterations':>11} {'hand-offs':>9}  state"
    )
    for worker in workers:
        total = worker.total
        launch = None if worker.started_ns is None else (worker.started_ns - worker.launched_ns) / 1e9
        times = (launch, total.wall, total.running, total.gil_wait, total.core_wait, total.io, total.lock_wait)
        columns = " ".join(f"{seconds(each):>8}" for each in times)
        pid, native_id = worker.pid or "-", worker.native_id or "-"
        iterations = f"{worker.iterations:,}" if worker.counted else "-"
        yield (
            f"{worker.name:<12} {pid:>8} {native_id:>8} {columns} {iterations:>11} {worker.handoffs:>9}"
            f"  {worker.ending}"
        )


_QUEUE = ("put", "got", "got_per_s", "depth_mean", "depth_max")


def _queue(shared: dict[str, Any]) -> str:
    """Throughput and depth of a queue."""
    through = f"{shared['put']:,} items put, {shared['got']:,} taken" if "got" in shared else f"{shared['put']:,} put"
    rate = f", {shared['got_per_s']:,.0f} a second" if "got_per_s" in shared else ""
    seen = "depth_mean" in shared
    depth = f"; depth {shared['depth_mean']:.0f} on average, {shared['depth_max']} at most" if seen else ""
    return f"queue: {through}{rate}{depth}"


def _told(value: object) -> str:
    if isinstance(value, dict) and "histogram" in value:
        return " · ".join(f"{name} {value[f'{name}_us']:,.0f} µs" for name in ("median", "p99", "max"))
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
    """What the workers shared or measured themselves, as far as it applies."""
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


def as_json(outcomes: list[Outcome], scale: float) -> dict[str, Any]:
    """The first outcome as the object that `run --json` prints, with the others' figures beside it."""
    outcome = outcomes[0]
    lab = outcome.lab
    return {
        "experiment": outcome.measurement.experiment,
        **_figures(outcome),
        "model": outcome.measurement.model,
        "workers": outcome.measurement.workers,
        "scale": scale,
        "python": {
            "version": lab.version,
            "executable": lab.executable,
            "gil_enabled": lab.gil_enabled,
            "switch_interval_s": lab.switch_interval_s,
            "free_threaded_build": lab.free_threaded_build,
        },
        "start_method": lab.start_method if outcome.measurement.model in STARTING_PROCESSES else None,
        "machine": {"cores": outcome.measurement.cores},
        "log": [{"t_s": line.t_s, "worker": line.worker, "text": line.text} for line in outcome.snapshot.log],
        "log_dropped": outcome.snapshot.log_dropped,
        "workers_detail": [_detail(worker) for worker in outcome.workers],
        **({"variants": [_figures(each) for each in outcomes]} if len(outcomes) > 1 else {}),
    }


def _figures(outcome: Outcome) -> dict[str, Any]:
    measured = outcome.measurement
    return {
        "variant": measured.variant,
        "lock": measured.variant == LOCKED,
        "one_run_s": measured.one_run_s,
        "n_runs_s": measured.n_runs_s,
        "ratio": measured.ratio,
        "ideal_ratio": measured.ideal_ratio,
        "speedup": measured.speedup,
        "cores_busy": measured.cores_busy,
        "handoffs": measured.handoffs,
        "switches": measured.switches,
        "switches_problem": measured.switches_problem,
        "counters": counters(outcome),
        "problem": measured.problem,
    }


def _detail(worker: Worker) -> dict[str, Any]:
    total = worker.total
    started_ns = worker.started_ns
    return {
        "name": worker.name,
        "pid": worker.pid,
        "native_id": worker.native_id,
        "state": worker.ending,
        "wall_s": total.wall,
        "starting_s": None if started_ns is None else (started_ns - worker.launched_ns) / 1e9,
        "cpu_s": worker.cpu_s,
        "starting_cpu_s": worker.starting_cpu_s,
        "lanes": _lanes(worker),
        "running_s": total.running,
        "gil_wait_s": total.gil_wait,
        "core_wait_s": total.core_wait,
        "io_s": total.io,
        "lock_wait_s": total.lock_wait,
        "unknown_s": total.unknown,
        "iterations": worker.iterations if worker.counted else None,
        "handoffs": worker.handoffs,
        "traceback": worker.traceback or None,
    }


def _lanes(worker: Worker) -> dict[str, Any]:
    seen = worker.sampling
    return {
        "source": "reported" if seen is None or seen.reports else "sampled",
        "rate_hz": None if seen is None else seen.rate_hz,
        "problem": None if seen is None else seen.problem,
        "mixed_s": 0.0 if seen is None else seen.mixed_s,
    }


def as_spans(outcome: Outcome) -> Iterator[str]:
    """A JSON line for every span of the N runs, worker by worker."""
    for worker in outcome.workers:
        for piece in worker.history:
            for span in piece:
                if span.state in STATE_NAMES:
                    fields = {
                        "worker": worker.name,
                        "pid": worker.pid,
                        "native_id": worker.native_id,
                        "state": STATE_NAMES[span.state],
                        "start_ns": span.start_ns,
                        "end_ns": span.end_ns,
                        "mixed": span.mixed,
                    }
                    yield json.dumps(fields)
