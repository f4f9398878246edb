"""Computes the figures of a measurement from its two runs. Pure."""

from __future__ import annotations

from dataclasses import replace

from pconc_tui import experiments
from pconc_tui.monitor.group import Group
from pconc_tui.requests import Request
from pconc_tui.snapshot import Measurement

NEEDS_CORE_SHARE = 0.5
"""A sampled function that used a core for at least this share of its one run counts as one that needs a core."""


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
        multiplies=experiment.multiplies,
    )


def with_runs(measurement: Measurement, one: Group, many: Group | None, now_ns: int) -> Measurement:
    """Add the figures of the one run and the N runs; None: these were not started."""
    last = many or one
    deadlock = last.deadlocks.deadlock if last.stopped else ()
    seconds = None if deadlock else last.seconds
    times = [member.lane.times(now_ns) for member in last.members]
    wall_s = sum(each.wall for each in times)
    first = one.members[0].lane
    return replace(
        measurement,
        python=last.members[0].lab.version,
        needs_core=_needs_core(measurement.needs_core, one),
        one_run_s=None if one.problem else one.seconds,
        n_runs_s=seconds if many else None,
        cores_busy=_cores_busy(many, seconds) if many and seconds else None,
        handoffs=sum(member.lane.gil.handoffs.received(member.id) for member in last.members if member.lane.gil),
        delays=last.delays,
        delays_alone=one.delays if many else None,
        deadlock=deadlock,
        problem=None if deadlock else last.problem or measurement.problem,
        traceback=next(("\n".join(member.traceback) for member in last.members if member.traceback), ""),
        gil_wait=sum(each.gil_wait for each in times) / wall_s if many and wall_s else None,
        core_wait=sum(each.core_wait for each in times) / wall_s if many and wall_s else None,
        launch_s=None if first.started_ns is None else (first.started_ns - first.launched_ns) / 1e9,
    )


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
