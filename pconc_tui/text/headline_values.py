"""The values of headlines as text, by name: only those that are known. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from pconc_tui.measurement import Counters, Measurement, Wait
from pconc_tui.models import POOLS
from pconc_tui.protocol.block import State
from pconc_tui.protocol.delay_histogram import DelayHistogram
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.text.numbers import compact, decimal, digits, fine_percent, nanoseconds, seconds, whole
from pconc_tui.text.sentences import runs

Values = dict[str, str]
_NOUNS = {"processes": "process", "interpreters": "interpreter", "threads": "thread", "free-threaded": "thread"}
"""What a worker is; in the other models it is a task."""
_SHARED_GIL = {
    "processes": "a GIL each",
    "interpreters": "a GIL each",
    "process-pool": "a GIL per process",
    "interpreter-pool": "a GIL per interpreter",
}
"""How workers share GILs, where they have more than one."""
_SHOWN_PRINTS = 8


def live(
    snapshot: Snapshot, workers: tuple[Worker, ...], experiment: str, variant: str, model: str, python: str
) -> Values:
    """The values of now. `workers`: those of the experiment; the rest says which counters are theirs."""
    alive = [each for each in workers if each.alive]
    values = of_workers(snapshot, workers, experiment, variant, model, python)
    values |= {"cores": cores(snapshot), "runs": _lower(runs(len(workers)))}
    if alive and all(each.experiment == experiment for each in snapshot.workers if each.alive):
        _add(values, "busy", decimal, snapshot.cores_busy)
        _add(values, "handoffs_s", whole, _handoffs_per_s(snapshot, alive))
    if alive:
        sleeping = sum(each.state is State.IO for each in alive)
        together = (
            plural(sleeping, worker_noun(model)) if sleeping == len(alive) else f"{sleeping} of {values['workers']}"
        )
        values["sleeping"] = str(sleeping)
        if len(alive) > 1:
            values["asleep"] = together
        elif sleeping:
            values["sleeper"] = together
    progress = snapshot.progress
    if progress is not None and progress.one_run_s is not None and alive:
        values["one_run"] = seconds(progress.one_run_s)
        values["n_runs"] = seconds((snapshot.now_ns - min(each.launched_ns for each in alive)) / 1e9)
    if progress is not None:
        _add_median(values, "alone", progress.delays_alone)
    return values


def of_workers(
    snapshot: Snapshot, workers: Sequence[Worker], experiment: str, variant: str, model: str, python: str
) -> Values:
    """The values that workers show, what they printed and what they share."""
    values: Values = {"about": ""}
    if workers:
        nouns = Counter(worker_noun(each.model) for each in workers)
        values["workers"] = ", ".join(plural(count, noun) for noun, count in nouns.items())
        if len({(each.model, each.python) for each in workers}) == 1:
            _add_gil(values, snapshot, model, python, len(workers))
        _add_identity(values, workers, model)
        _add_prints(values, snapshot, workers)
        producers = [each.recent or each.total for each in workers if each.role == "producer"]
        if wall_s := sum(each.wall for each in producers):
            values["producers_wait"] = fine_percent(sum(each.io for each in producers) / wall_s)
        longest_s, name = max((each.held_s or 0.0, name) for each, name in _holders(snapshot, workers))
        if longest_s:
            values |= {"held": nanoseconds(longest_s * 1e9), "holder": name}
    counters = next(
        (
            each
            for each in snapshot.counters
            if (each.experiment, each.model, each.python) == (experiment, model, python)
            and variant in each.variant.split(" + ")
        ),
        None,
    )
    return values | (_of_counters(counters) if counters else {})


def _holders(snapshot: Snapshot, workers: Sequence[Worker]) -> Iterator[tuple[Worker, str]]:
    """What may hold the workers' GILs, with its name: they, and the threads that their functions have started."""
    by_id = {each.id: each for each in workers}
    yield from ((each, each.name) for each in workers)
    for each in snapshot.helpers:
        worker = by_id.get(each.helper_of or 0)
        if worker is not None and each.gil == worker.gil:
            yield each, f"{each.name.partition(' (')[0]} of {worker.name}"


def of_measurement(measurement: Measurement) -> Values:
    """The values of a measurement that has ended."""
    n = measurement.workers
    values = {
        **measurement.observed,
        "runs": _lower(runs(n)),
        "Runs": runs(n),
        "cores": compact(measurement.cores),
    }
    _add(values, "busy", decimal, measurement.cores_busy)
    _add(values, "one_run", seconds, measurement.one_run_s)
    _add(values, "n_runs", seconds, measurement.n_runs_s)
    _add_median(values, "late", measurement.delays)
    _add_median(values, "alone", measurement.delays_alone)
    if measurement.deadlock:
        values |= _deadlock(measurement.deadlock, ("held", "waited"))
    if measurement.n_runs_s:
        counted = measurement.handoffs if measurement.handoffs_source == "lanes" else measurement.switches
        _add(values, "handoffs_s", whole, None if counted is None else counted / measurement.n_runs_s)
        values["took"] = seconds(measurement.n_runs_s)
        if "got" in values:
            values["items_s"] = whole(int(values["got"]) / measurement.n_runs_s)
    if measurement.slowdown is not None:
        values["slowdown"] = f"{measurement.slowdown:.1f}"
        if n > 1:
            longer = f"{values['slowdown']} times as long as one"
            values["took"] = f"{values['took']}, as long as one" if values["slowdown"] == "1.0" else longer
    return values


def cores(snapshot: Snapshot) -> str:
    """The number of cores that workers may use."""
    return compact(snapshot.core_count)


def plural(count: int, noun: str) -> str:
    """`1 process`, `4 processes`."""
    return f"{count} {noun}" + ("" if count == 1 else "es" if noun.endswith("s") else "s")


def threads_wait(threads: float) -> str:
    """`2.4 threads wait`, `1 thread waits`."""
    number = compact(round(threads, 1))
    return "1 thread waits" if number == "1" else f"{number} threads wait"


def verb(count: int, verb: str) -> str:
    """`waits` of one, `wait` of several."""
    return f"{verb}s" if count == 1 else verb


def holds(waits: Iterable[Wait], worker: str) -> str | None:
    """The lock that a worker of a deadlock holds."""
    return next((each.lock for each in waits if each.holder == worker), None)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def worker_noun(model: str) -> str:
    return _NOUNS.get(model, "task")


def _add(values: Values, name: str, form: Callable[[Any], str], value: float | None) -> None:
    if value is not None:
        values[name] = form(value)


def _add_median(values: Values, name: str, delays: DelayHistogram | None) -> None:
    if delays is not None and delays.median_ns is not None:
        values[name] = nanoseconds(delays.median_ns)


def _add_gil(values: Values, snapshot: Snapshot, model: str, python: str, workers: int) -> None:
    """How many GILs the workers need; unknown where their lab has not reported whether there is any."""
    labs = (lab for lab in snapshot.labs if f"{lab.version}{'t' if lab.free_threaded_build else ''}" == python)
    enabled = next((lab.gil_enabled for lab in labs), None)
    if model == "asyncio":
        values["gil"] = "one thread"
    elif enabled is not None:
        values["gil"] = "no GIL" if not enabled else "one GIL" if workers == 1 else _SHARED_GIL.get(model, "one GIL")


def _handoffs_per_s(snapshot: Snapshot, alive: list[Worker]) -> float | None:
    """By the better source."""
    shown = snapshot.switches_per_s is None or all(each.shows_handoffs for each in alive)
    return snapshot.handoffs_per_s if shown else snapshot.switches_per_s


def _add_identity(values: Values, workers: Sequence[Worker], model: str) -> None:
    """`4 threads, 1 process`; `4 processes`; `4 tasks, 2 interpreters, 1 process`."""
    pids, threads = {each.pid for each in workers}, {each.native_id for each in workers}
    if None in pids | threads:
        return
    parts = [values["workers"]]
    if model == "asyncio" or model in POOLS:
        kind = {"interpreter-pool": "interpreter", "process-pool": ""}.get(model, "thread")
        parts += [plural(len(threads), kind)] if kind else []
    if model != "processes":
        parts.append(plural(len(pids), "process"))
    values |= {"identity": ", ".join(parts), "pids": str(len(pids))}


def _add_prints(values: Values, snapshot: Snapshot, workers: Sequence[Worker]) -> None:
    """What the workers printed: their names, or the number of values before and after each had added one."""
    names = {each.name for each in workers}
    printed = [(line.worker, line.text) for line in snapshot.log if line.worker in names]
    own = {worker: name for worker, text in printed if (name := text.rpartition(" id is ")[2]) != text}
    if len(own) == len(names):
        values["names"] = str(len(set(own.values())))
    counted = [(worker, found[1]) for worker, text in printed if (found := re.match(r"Obj (?:now )?has (\d+)", text))]
    counted = counted[-2 * len(names) :]
    if len(counted) == 2 * len(names):
        together = sum(worker == other for (worker, _), (other, _) in pairwise(counted))
        values["interleaved"] = str(len(names) - together)
        more = " …" if len(counted) > _SHOWN_PRINTS else ""
        values["order"] = " ".join(number for _, number in counted[:_SHOWN_PRINTS]) + more


def _of_counters(counters: Counters) -> Values:
    values: Values = {"count": str(counters.workers)}
    if counters.expected is not None and counters.lost is not None:
        lost_share = counters.lost / counters.expected if counters.expected else 0.0
        values |= {
            "lost": whole(counters.lost),
            "expected": whole(counters.expected),
            "lost_share": fine_percent(lost_share),
        }
        in_millions = counters.lost >= 10**6
        values["lost_briefly"] = f"{counters.lost / 1e6:.1f} million" if in_millions else values["lost"]
        values["about"] = "" if counters.final else "About "
    elif counters.value is not None:
        _add(values, "shared", whole, counters.value)
    _add(values, "plain", whole, counters.plain_num)
    _add(values, "values", str, None if counters.object is None else len(counters.object))
    _add(values, "items_s", whole, counters.got_per_s)
    _add(values, "got", digits, counters.got)
    _add(values, "depth", whole, counters.depth_mean if counters.final else counters.depth)
    _add_median(values, "late", counters.recent_delays)
    _add_median(values, "alone", counters.delays_alone)
    if counters.deadlock and (counters.final or set(counters.deadlock) & set(counters.waits)):
        values |= {"stuck": str(counters.stuck), "stuck_s": f"{whole(counters.stuck_s)} s"}
        values |= _deadlock(counters.deadlock, ("held", "waited") if counters.final else ("holds", "waits"))
    return values


def _deadlock(cycle: tuple[Wait, ...], words: tuple[str, str]) -> Values:
    """`Thread-1 holds A and waits for B; Thread-2 holds B and waits for A`, and the same in short."""
    held, waited = words
    each = (f"{wait.worker} {held} {holds(cycle, wait.worker)} and {waited} for {wait.lock}" for wait in cycle)
    names = " and ".join(wait.worker for wait in cycle)
    return {"cycle": "; ".join(each), "briefly": f"{names} {waited.removesuffix('s')} for each other's lock"}
