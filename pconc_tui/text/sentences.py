"""Measurements in the words of "Python Processes and Threads", the same on every screen and in every output.

The slowdown is N runs / one run: `4.00 x` after the times of the runs. The speed-up is N x one run / N runs.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from pconc_tui.measurement import BlockedWorker, Comparison, Counters, Measurement, Wait
from pconc_tui.models import model_label
from pconc_tui.protocol.lane_source import RECORDS, Source
from pconc_tui.snapshot import Lab, Standstill, Worker, WorkerProcess
from pconc_tui.text.numbers import UNKNOWN, decimal, percent, seconds

_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
MAX_BLOCKED = 8
"""How many blocked workers are listed."""
ADVICE = "this is the one run, of one worker; if it waits for others, use --no-single-run"
NOTICEABLE_CORES, NOTICEABLE_CPU_S = 0.05, 0.05
"""Helper threads and child processes that use less of a core, and of CPU time in a run, are not listed."""

MIN_UNKNOWN_S = 0.001


def runs(n: int) -> str:
    """`One run`, `Four runs`, `16 runs`."""
    word = _NUMBERS[n] if n < len(_NUMBERS) else str(n)
    return f"{word} run" + ("s" if n != 1 else "")


def gil(lab: Lab) -> str:
    """`GIL on`; of a free-threaded build, `free-threaded, GIL off`."""
    if lab.gil_enabled is None:
        return f"GIL {UNKNOWN}"
    if not lab.free_threaded_build:
        return "GIL on"
    return "free-threaded, GIL turned on" if lab.gil_enabled else "free-threaded, GIL off"


def model_and_python(what: Measurement | Counters, python: str = "") -> str:
    """`threads`, `processes by spawn`; with an interpreter, `threads under 3.13t`."""
    return model_label(what.model, what.start_method) + (f" under {python}" if python else "")


def sentence(measurement: Measurement) -> str:
    """`One run took 0.61 s · Four runs took 2.44 s · 4.00 x · threads`; the factor is the slowdown, if there is one."""
    one, many = seconds(measurement.one_run_s), seconds(measurement.n_runs_s)
    if measurement.deadlock:
        result = f"{runs(measurement.workers)} never ended: {deadlock(measurement.deadlock)}"
    elif measurement.problem:
        result = f"incomplete: {measurement.problem}"
    else:
        ratio = "" if measurement.slowdown is None else f" · {decimal(measurement.slowdown)} x"
        result = f"{runs(measurement.workers)} took {many}{ratio}"
    single = "" if measurement.no_single_run else f"{runs(1)} took {one} · "
    return f"{single}{result} · {model_and_python(measurement)}"


def slowdown(measurement: Measurement) -> str:
    """`4.1 times as long`; empty: there is no ratio."""
    return "" if measurement.slowdown is None else f"{measurement.slowdown:.1f} times as long"


def lanes_note(workers: Sequence[Worker], lab: Lab) -> str:
    """Where the lanes of a user's function come from, and what is unknown about them; empty where all are reported."""
    samplings = [worker.sampling for worker in workers if worker.sampling is not None]
    if not samplings:
        return ""
    why = f"; {lab.source_problem}" if lab.source_problem else ""
    unknown_s = sum(worker.total.unknown for worker in workers)
    unknown = f"; {seconds(unknown_s)} unknown" if unknown_s > MIN_UNKNOWN_S else ""
    if any(worker.source in RECORDS for worker in workers):
        waits = ", waits sampled" if any(worker.source == Source.KERNEL_SAMPLED for worker in workers) else ""
        lost = f"{unknown}, since records were lost" if unknown else ""
        problems = dict.fromkeys(each.problem for each in samplings if each.problem)
        return f"lanes from the kernel's scheduling records{waits}{lost}{why}" + "".join(
            f"; {each}" for each in problems
        )
    rates_hz = [each.rate_hz for each in samplings if each.rate_hz]
    often = f"{sum(rates_hz) / len(rates_hz):,.0f} times a second" if rates_hz else "but ended before the first sample"
    probed = any(each.calls_probe for each in samplings)
    lanes = "lanes by probe(), blocking calls sampled" if probed else "lanes sampled"
    problems = dict.fromkeys(each.problem for each in samplings if each.problem)
    return f"{lanes} {often}{unknown}" + "".join(f"; {problem}" for problem in problems) + why


def lost_transitions(worker: str, count: int) -> str:
    """`123 changes of Thread-1's state were overwritten before they could be read`."""
    return f"{count:,} changes of {worker}'s state were overwritten before they could be read"


def load_note(measurement: Measurement) -> str:
    """What kept cores from the workers: other programs, the CPU quota; empty: nothing."""
    notes = []
    if measurement.others is not None:
        notes.append(f"other programs used {decimal(measurement.others)} cores meanwhile")
    if measurement.throttled:
        notes.append(f"throttled by the CPU quota {percent(measurement.throttled, ' %')} of the time")
    return "; ".join(notes)


def comparison_load(comparison: Comparison) -> str:
    """What kept cores from the workers of a comparison, in how many of its measurements; empty: nothing."""
    measurements = [measurement for _, measurement in comparison.results]
    others = [each.others for each in measurements if each.others is not None]
    throttled = [each.throttled for each in measurements if each.throttled is not None]
    of_all = f"of {len(measurements)} measurement{'' if len(measurements) == 1 else 's'}"
    notes = []
    if others:
        notes.append(f"other programs used up to {decimal(max(others))} cores in {len(others)} {of_all}")
    if throttled:
        notes.append(
            f"the CPU quota throttled {len(throttled)} {of_all}, up to {percent(max(throttled), ' %')} of the time"
        )
    return "; ".join(notes)


class HelperUse(NamedTuple):
    """What the helper threads or the child processes of a process with workers use."""

    name: str
    cores: float
    """CPU time per wall time."""
    cpu_s: float | None
    """CPU seconds in the run; None while it lasts."""


def helpers(process: WorkerProcess) -> tuple[HelperUse, ...]:
    """A row each for `helper threads` and `child processes`, where what they use is noticeable."""
    found = (
        ("helper threads", process.helpers, process.helpers_s),
        ("child processes", process.children, process.children_s),
    )
    return tuple(
        HelperUse(name, cores, cpu_s)
        for name, cores, cpu_s in found
        if cores and (cores >= NOTICEABLE_CORES or (cpu_s or 0.0) >= NOTICEABLE_CPU_S)
    )


def wait(found: Wait) -> str:
    """`Thread-1 waits for lock B, held by Thread-2`."""
    held = f", held by {found.holder}" if found.holder else ""
    return f"{found.worker} waits for lock {found.lock}{held}"


def deadlock(waits: tuple[Wait, ...]) -> str:
    """`deadlock: Thread-1 waits for lock B, held by Thread-2; Thread-2 waits for lock A, held by Thread-1`."""
    return "deadlock: " + "; ".join(map(wait, waits))


def blocked(worker: BlockedWorker) -> str:
    """`Thread-1 waits for a lock in `cross`, hang.py:17, for 2.1 s`."""
    place = f" in `{worker.function}`, {os.path.basename(worker.path)}:{worker.line}" if worker.path else ""
    since = "" if worker.blocked_s is None else f", for {worker.blocked_s:.1f} s"
    return f"{worker.worker} {worker.does}{place}{since}"


def all_blocked(workers: Sequence[BlockedWorker]) -> list[str]:
    """A line for each worker, as far as there is room."""
    shown = len(workers) if len(workers) <= MAX_BLOCKED else MAX_BLOCKED - 1
    more = [f"and {len(workers) - shown} more workers wait"] if shown < len(workers) else []
    return [*map(blocked, workers[:shown]), *more]


def standstill(found: Standstill) -> list[str]:
    """What each worker waits for, and what to do where that may be a worker which the one run does not have."""
    return [*all_blocked(found.workers), *([ADVICE] if found.misses_workers and not found.ends_itself else [])]


def agree(lanes: float, cpython: float) -> bool:
    """Whether the two counts of hand-offs differ by no more than their sources do: by other threads, and by timing."""
    return abs(lanes - cpython) <= max(3.0, 0.15 * max(lanes, cpython))


def handoffs(measurement: Measurement) -> str:
    """`330 hand-offs`, by the better source; the other one appears where both agree.

    A sampled lane misses hand-offs, and shows some that were none. Code that has released the GIL runs without holding
    it, so its lane shows no hand-off. CPython counts both rightly, with those to other threads of the process.
    """
    lanes, switches, problem = measurement.handoffs, measurement.switches, measurement.switches_problem
    if measurement.handoffs_source == "cpython":
        return f"{switches} hand-offs (CPython's own count, other threads included)"
    if not measurement.lanes_show_handoffs and problem:
        return f"about {lanes} hand-offs (lanes don't show all, and CPython's own count is not readable: {problem})"
    if switches and agree(lanes, switches):
        return f"{lanes} hand-offs (CPython's own count, other threads included: {switches})"
    return f"{lanes} hand-offs"


def left_processes(function: str, count: int, ended: Sequence[str]) -> str:
    """Which processes of a function were ended; `ended` names the first of them."""
    more = f" and {count - len(ended)} more" if count > len(ended) else ""
    return f"ended {count} process{'es' if count > 1 else ''} that {function} left: {', '.join(ended)}{more}"
