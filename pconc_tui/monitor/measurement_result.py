"""Computes the figures of a measurement from its two runs. Pure.

A ratio of the runs' times needs runs that consist of work. A run's *launching time* is what it takes besides: from the
first start() to the first instruction, and from the last instruction to the end of the last join(). On a busy machine
it varies by as much as it takes, so runs whose work is shorter have no ratio. Nor have runs that are shorter than a
switch interval, in which threads don't even take turns. Example: a thread that prints a line works for 0.1 ms, and
launching takes 0.3 ms in one run and 1.3 ms in the other; the speed-up would be anything from 1 to 7.
"""

from __future__ import annotations

from dataclasses import replace

from pconc_tui import experiments
from pconc_tui.measurement import NO_SINGLE_RUN, TOO_SHORT, LockShares, Measurement
from pconc_tui.monitor.group import Group
from pconc_tui.monitor.helper_threads import HelperSampler
from pconc_tui.monitor.lock_shares import LockTimes, lock_shares
from pconc_tui.monitor.tree_client import TreeObserver
from pconc_tui.protocol.block import RUN_DELAY
from pconc_tui.requests import Request
from pconc_tui.text.numbers import seconds as seconds_text

WHOLE_CORE = 0.1
"""A core share that differs from 1 by at most this counts as 1: the rest is noise."""
SHORTEST_WORK_S = 0.005
"""Runs whose work is shorter than CPython's default switch interval have no ratio."""
DIFFERENT_WORK = "its workers do different work, so N of them don't do N times the work of one"


def without_runs(request: Request, start_method: str | None, cores: float, problem: str | None) -> Measurement:
    """The measurement before any run, or where none could be started: only `problem` says why."""
    experiment = experiments.load(request.experiment)
    return Measurement(
        experiment=request.experiment,
        variant=request.variant,
        model=request.model,
        workers=request.workers,
        python="",
        cores=cores,
        core_share=1.0 if experiment.needs_core else 0.0,
        one_run_s=None,
        n_runs_s=None,
        cores_busy=None,
        handoffs=0,
        problem=problem,
        start_method=start_method,
        no_ratio=NO_SINGLE_RUN if not request.single_run else None if experiment.multiplies else DIFFERENT_WORK,
    )


def with_runs(
    measurement: Measurement,
    one: Group | None,
    many: Group | None,
    core_share: float,
    now_ns: int,
    tree: TreeObserver | None = None,
) -> Measurement:
    """Add the figures of the one run and the N runs; None: it was not made, or they were not started.

    `tree`: has the records of the workers; None: there are none.
    """
    last = many or one
    assert last is not None
    deadlock = last.deadlocks.deadlock if last.stopped else ()
    seconds = None if deadlock else last.seconds
    times = [member.lane.times(now_ns) for member in last.members]
    wall_s = sum(each.wall for each in times)
    first = (one or last).members[0].lane
    return replace(
        measurement,
        python=last.members[0].lab.version,
        core_share=core_share,
        one_run_s=None if one is None or one.problem else one.seconds,
        n_runs_s=seconds if many else None,
        no_ratio=measurement.no_ratio or (too_short(one, many) if one and many else None),
        cores_busy=_cores_busy(many, seconds) if many and seconds else None,
        handoffs=sum(member.lane.gil.handoffs.received(member.id) for member in last.members if member.lane.gil),
        lanes_show_handoffs=all(member.shows_handoffs for member in last.members),
        delays=last.delays,
        delays_alone=one.delays if one and many else None,
        deadlock=deadlock,
        problem=None if deadlock else last.problem or measurement.problem,
        traceback=next(("\n".join(member.traceback) for member in last.members if member.traceback), ""),
        gil_wait=sum(each.gil_wait for each in times) / wall_s if many and wall_s else None,
        core_wait=sum(each.core_wait for each in times) / wall_s if many and wall_s else None,
        locks=_locks(many, tree, now_ns) if many and tree else None,
        ended_ns=now_ns,
        launch_s=None if first.started_ns is None else (first.started_ns - first.launched_ns) / 1e9,
    )


def _locks(group: Group, tree: TreeObserver, now_ns: int) -> LockShares | None:
    """What the workers waited for that waited for locks."""
    found = []
    for member in group.members:
        thread, times = tree.thread(*member.thread), member.lane.times(now_ns)
        if thread is not None:
            found.append(LockTimes(*thread.lock_waits, times.lock_wait, times.wall))
    return lock_shares(found)


def sampled_core_share(one: Group, cores: float, helpers: HelperSampler, take_turns: bool) -> float:
    """Cores that a sampled function's one run used, had it never waited for a core.

    Example: it slept for 0.5 s and used 0.5 s of CPU time, and its thread waited for a core for another 1 s. The share
    is 0.5 / (2 - 1). The kernel knows that wait exactly. The time in which helpers worked is replaced by the time that
    their CPU time takes on free cores; `take_turns`: helper threads need the GIL, so that they use one core at most.
    """
    worker = one.members[0]
    started_ns, ended_ns, cpu_s = worker.lane.started_ns, worker.lane.ended_ns, worker.cpu_s
    if started_ns is None or ended_ns is None or cpu_s is None:
        return 1.0
    wall_s = (ended_ns - started_ns - worker.header[RUN_DELAY]) / 1e9
    helpers_s = sum(each.helpers_ns + each.children_ns for each in one.processes()) / 1e9
    wall_s = max(cpu_s, wall_s - helpers.busy_s(helpers_s, wall_s))
    wall_s += helpers_s / min(cores, helpers.parallel(take_turns))
    share = (cpu_s + helpers_s) / max(wall_s, 1e-9)
    return 1.0 if abs(share - 1) <= WHOLE_CORE else share


def _cores_busy(group: Group, seconds: float) -> float | None:
    """CPU time of the workers' processes and their descendants per wall time; None: unknown, a process was killed."""
    processes = group.processes()
    if not all(each.process_ns for each in processes):
        return None
    return sum(each.process_ns + each.children_ns for each in processes) / 1e9 / seconds


def too_short(one: Group, many: Group) -> str | None:
    """Why the runs are too short for a ratio; None: they are not."""
    launching_s, works_s = [], []
    for group in (one, many):
        times = [(member.lane.started_ns, member.lane.ended_ns) for member in group.members]
        spans = [(start, end) for start, end in times if start is not None and end is not None]
        if group.seconds is None or not spans:
            return None
        ran_s = (max(end for _, end in spans) - min(start for start, _ in spans)) / 1e9
        launching_s.append(max(0.0, group.seconds - ran_s))
        # The shortest: one that lost its core for a moment seems to work for longer than it does, and so do those that
        # wait for a lock that it holds.
        works_s.append(min((end - start) / 1e9 for start, end in spans))
    work_s, longest_s = min(works_s), max(launching_s)
    if work_s < longest_s:
        return f"{TOO_SHORT}a run works for {seconds_text(work_s)}, launching takes up to {seconds_text(longest_s)}"
    if work_s < SHORTEST_WORK_S:
        return f"{TOO_SHORT}a run works for {seconds_text(work_s)}, less than a switch interval"
    return None
