"""Computes the figures of a measurement from its two runs. Pure.

A ratio of the runs' times needs runs that consist of work. A run's *launching time* is what it takes besides: from the
first start() to the first instruction, and from the last instruction to the end of the last join(). On a busy machine
it varies by as much as it takes, so runs whose work is shorter have no ratio. Nor have runs that are shorter than a
switch interval, in which threads don't even take turns. Example: a thread that prints a line works for 0.1 ms, and
launching takes 0.3 ms in one run and 1.3 ms in the other; the speed-up would be anything from 1 to 7.
"""

from __future__ import annotations

import statistics
from dataclasses import replace

from pconc_tui import experiments
from pconc_tui.monitor.group import Group
from pconc_tui.requests import Request
from pconc_tui.snapshot import NO_SINGLE_RUN, TOO_SHORT, Measurement
from pconc_tui.text.numbers import seconds as seconds_text

NEEDS_CORE_SHARE = 0.5
"""A sampled function that used a core for at least this share of its one run counts as one that needs a core."""
SHORTEST_WORK_S = 0.005
"""Runs whose work is shorter than CPython's default switch interval have no ratio."""
DIFFERENT_WORK = "its workers do different work, so N of them don't do N times the work of one"


def without_runs(request: Request, start_method: str | None, cores: int, problem: str | None) -> Measurement:
    """The measurement before any run, or where none could be started: only `problem` says why."""
    experiment = experiments.load(request.experiment)
    return Measurement(
        experiment=request.experiment,
        variant=request.variant,
        model=request.model,
        workers=request.workers,
        python="",
        cores=cores,
        needs_core=experiment.needs_core,
        one_run_s=None,
        n_runs_s=None,
        cores_busy=None,
        handoffs=0,
        problem=problem,
        start_method=start_method,
        no_ratio=NO_SINGLE_RUN if not request.single_run else None if experiment.multiplies else DIFFERENT_WORK,
    )


def with_runs(measurement: Measurement, one: Group | None, many: Group | None, now_ns: int) -> Measurement:
    """Add the figures of the one run and the N runs; None: it was not made, or they were not started."""
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
        needs_core=_needs_core(measurement.needs_core, one) if one else measurement.needs_core,
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
        launch_s=None if first.started_ns is None else (first.started_ns - first.launched_ns) / 1e9,
    )


def given_up(measurement: Measurement, problem: str | None) -> Measurement:
    """The figures of a measurement that was given up: its last run has no time."""
    return replace(measurement, n_runs_s=None, cores_busy=None, deadlock=(), problem=problem)


def _needs_core(usually: bool, one: Group) -> bool:
    """Whether the work needs a core all the time: as the experiment states, or for a sampled function as measured."""
    if one.members[0].sampled is None:
        return usually
    seconds, cpu_s = one.seconds, one.members[0].cpu_s
    return seconds is None or cpu_s is None or cpu_s >= NEEDS_CORE_SHARE * seconds


def _cores_busy(group: Group, seconds: float) -> float | None:
    """CPU time of all workers per wall time; None if that of some worker is unknown."""
    cpu_s = [member.cpu_s for member in group.members]
    if None in cpu_s:
        return None
    starting_s = sum(member.starting_cpu_s or 0 for member in group.members)
    return (starting_s + sum(filter(None, cpu_s))) / seconds


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
        # The median: a worker that lost its core for a moment seems to work for longer than it does.
        works_s.append(statistics.median((end - start) / 1e9 for start, end in spans))
    work_s, longest_s = min(works_s), max(launching_s)
    if work_s < longest_s:
        return f"{TOO_SHORT}a run works for {seconds_text(work_s)}, launching takes up to {seconds_text(longest_s)}"
    if work_s < SHORTEST_WORK_S:
        return f"{TOO_SHORT}a run works for {seconds_text(work_s)}, less than a switch interval"
    return None
