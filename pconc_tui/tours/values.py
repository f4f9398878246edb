"""The values that reveals and claims may name: those of the headline, and shares of the workers' time."""

from __future__ import annotations

from pconc_tui.measurement import DISTURBING_CORES, Measurement
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.text import headline_values
from pconc_tui.text.headline import Kind, kind_of
from pconc_tui.text.numbers import compact, decimal, fine_percent
from pconc_tui.text.sentences import load_note

VALUES = {
    "alone": "how late the heartbeat is while it runs alone, the median",
    "busy": "cores busy: CPU time of the workers per wall time",
    "core_wait": "the share of the workers' time in which they wait for a core",
    "cores": "the number of cores that workers may use",
    "count": "the number of workers that share a counter, dict or queue",
    "cycle": "which worker of a deadlock holds and waits for which lock",
    "depth": "items in the queue",
    "expected": "what the shared counter would be without lost updates",
    "gil": "how many GILs the workers need, in words",
    "gil_wait": "the share of the workers' time in which they wait for the GIL",
    "got": "items taken from the queue",
    "handoffs_s": "hand-offs per second",
    "held": "the longest time for which a worker, or a thread that its function has started, kept the GIL",
    "holder": "the worker or thread that kept it",
    "identity": "the number of workers, threads, interpreters and processes, in words",
    "interleaved": "pairs of prints between which another worker printed",
    "items_s": "items taken from the queue per second",
    "late": "how late the heartbeat is, the median",
    "lost": "updates lost",
    "lost_share": "their share of all updates",
    "n_runs": "the time of N runs",
    "names": "the number of distinct names that the workers printed",
    "one_run": "the time of one run",
    "order": "the numbers that the workers of shared-dict printed, in their order",
    "pids": "the number of processes in which the workers run",
    "plain": "plain_num of shared-value",
    "producers_wait": "the share of the producers' time in which they wait for the queue",
    "shared": "shared_num of shared-value, or the shared counter",
    "sleeping": "the number of workers that sleep now",
    "slowdown": "N runs / one run",
    "speedup": "N x one run / N runs",
    "stuck": "the number of workers in a deadlock or behind it",
    "stuck_s": "how long a deadlock has lasted",
    "values": "the number of values in the shared dict",
    "workers": "the number and kind of workers, in words",
}
"""By name, what each is. A run has only those that its experiment has."""


def of_measurement(measurement: Measurement) -> dict[str, str]:
    """The values of a measurement."""
    values = headline_values.of_measurement(measurement)
    shares = {"gil_wait": measurement.gil_wait, "core_wait": measurement.core_wait}
    values |= {name: fine_percent(share) for name, share in shares.items() if share is not None}
    if measurement.speedup is not None:
        values["speedup"] = decimal(measurement.speedup)
    return values


def of_now(snapshot: Snapshot, kind: Kind) -> dict[str, str]:
    """The values of now, of the workers of this kind."""
    workers = of_kind(snapshot, kind)
    values = headline_values.live(snapshot, workers, *kind)
    times = [each.recent for each in workers if each.alive and each.recent]
    if wall_s := sum(each.wall for each in times):
        values["gil_wait"] = fine_percent(sum(each.gil_wait for each in times) / wall_s)
        values["core_wait"] = fine_percent(sum(each.core_wait for each in times) / wall_s)
    return values


def of_kind(snapshot: Snapshot, kind: Kind) -> tuple[Worker, ...]:
    """The workers of this kind, whatever the interpreter."""
    return tuple(each for each in snapshot.workers if kind_of(each)[:3] == kind[:3])


def doubts(found: Measurement | Snapshot) -> str:
    """What may have kept the figures from showing what they would on an idle machine; empty: nothing."""
    if isinstance(found, Measurement):
        notes = [load_note(found)] if load_note(found) else []
        count = found.cores
    else:
        count = found.core_count
        busy = found.others is not None and found.others >= DISTURBING_CORES
        notes = [f"other programs use {decimal(found.others)} cores"] if busy else []
    if count < 2:
        notes.append(f"workers may use only {compact(count)} core{'' if count == 1 else 's'}")
    return "; ".join(notes)
