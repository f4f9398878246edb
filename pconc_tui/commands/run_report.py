"""A measurement as text. Pure: from an `Outcome` to lines; `run_json` makes JSON of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pconc_tui import experiments
from pconc_tui.commands.outcome import Outcome
from pconc_tui.commands.run_json import counters
from pconc_tui.measurement import TOO_SHORT, Measurement, Wait
from pconc_tui.models import POOLS, lab_model
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.snapshot import Worker
from pconc_tui.text import headline, sentences, table
from pconc_tui.text.numbers import UNKNOWN, compact, cores, decimal, digits, seconds, whole
from pconc_tui.text.table import Column
from pconc_tui.timeline.spans import Times

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
    workers = outcome.snapshot.workers
    blocked = any(worker.total.blocked_with_gil for worker in workers)
    columns = _columns(starting, any(worker.role for worker in workers), blocked)
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


def _columns(starting: str, roles: bool, blocked: bool) -> tuple[Column[Worker], ...]:
    def time(title: str, rank: int, part: Callable[[Times], float]) -> Column[Worker]:
        return Column(title, 8, rank, lambda worker: seconds(part(worker.total)))

    return (
        Column("worker", 21 if roles else 12, 1, lambda worker: f"{worker.name} {worker.role}".rstrip(), left=True),
        Column("PID", 8, 7, lambda worker: digits(worker.pid)),
        Column("TID", 8, 8, lambda worker: digits(worker.native_id)),
        Column(starting, 8, 4, lambda worker: seconds(worker.starting_s)),
        time("wall", 1, lambda times: times.wall),
        time("running", 1, lambda times: times.running),
        time("GIL", 1, lambda times: times.gil_wait),
        time("core", 2, lambda times: times.core_wait),
        time("I/O", 2, lambda times: times.io_without_gil),
        *([time("≈GIL", 2, lambda times: times.blocked_with_gil)] if blocked else []),
        time("lock", 3, lambda times: times.lock_wait),
        Column("iterations", 11, 6, lambda worker: whole(worker.iterations) if worker.iterations_known else UNKNOWN),
        Column("hand-offs", 9, 5, lambda worker: digits(worker.handoffs)),
    )


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
