"""What happens in slow motion, in words: each step in a sentence, and one sentence for the present moment. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pconc_tui.protocol.block import RUNS, State
from pconc_tui.text.numbers import nanoseconds
from pconc_tui.timeline.steps import Kind, Scene, Step

Names = Mapping[int, str]
"""The name of each worker, by its id."""
LISTED = 3
"""Up to so many workers are named one by one."""


def sentence(step: Step, names: Names, scene: Scene) -> str:
    """A step, in full."""
    worker, other = names[step.worker], names.get(step.other) if step.other is not None else None
    lasted = duration(step.lasted_ns)
    has_gil = _shares_gil(step.worker, scene)
    match step.kind:
        case Kind.ASKS:
            return f"{worker} has waited {lasted} and asks for the GIL."
        case Kind.RELEASES if other:
            return f"{worker}, asked by {other}, releases the GIL after {lasted}."
        case Kind.RELEASES if _shares_thread(step.worker, scene):
            return f"{worker} awaits after {lasted}, and the event loop goes on to another task."
        case Kind.RELEASES:
            return f"{worker} releases the GIL after {lasted}."
        case Kind.TAKES if other and _shares_thread(step.worker, scene):
            return f"{worker} goes on, in the same thread as {other}."
        case Kind.TAKES if other and step.lasted_ns:
            return f"{worker} wakes up and takes the GIL from {other}, after a wait of {lasted}."
        case Kind.TAKES if other:
            return f"{worker} takes the GIL, which {other} had before."
        case Kind.TAKES:
            return f"{worker} takes the GIL{f' after a wait of {lasted}' if step.lasted_ns else ''}."
        case Kind.BLOCKS:
            does = "waits for a lock" if step.state is State.LOCK else "sleeps or waits for I/O"
            return f"{worker} {does}{', and so releases the GIL' if has_gil else ''}."
        case Kind.UNBLOCKS:
            does = "has the lock" if step.state is State.LOCK else "wakes up from sleep or I/O"
            return f"{worker} {does} after {lasted}{', and needs the GIL again' if has_gil else ''}."
        case Kind.LOSES_CORE:
            keeps = has_gil and step.state is State.RUNNING
            return f"{worker} has lost its core, {'but keeps the GIL' if keeps else 'and waits for one'}."
        case Kind.GETS_CORE:
            return f"{worker} has a core again, after {lasted}."
        case Kind.RUNS_WITHOUT:
            return f"{worker} releases the GIL and runs on without it."
        case Kind.ENDS:
            return f"{worker} has ended."
        case _:
            return f"{worker} begins to run."


def short(step: Step, names: Names) -> str:
    """A step in a few words, for large type."""
    words = {
        Kind.ASKS: "asks for the GIL",
        Kind.RELEASES: "releases the GIL",
        Kind.TAKES: "takes the GIL",
        Kind.BLOCKS: "waits for a lock" if step.state is State.LOCK else "sleeps",
        Kind.UNBLOCKS: "has the lock" if step.state is State.LOCK else "wakes up",
        Kind.LOSES_CORE: "has lost its core",
        Kind.GETS_CORE: "has a core again",
        Kind.RUNS_WITHOUT: "runs without the GIL",
        Kind.ENDS: "has ended",
        Kind.RUNS: "runs",
    }
    return f"{names[step.worker]} {words[step.kind]}"


def present(scene: Scene, time_ns: int, names: Names) -> str:
    """What all lanes do at this time."""
    spans = {lane.worker: lane.span_at(time_ns) for lane in scene.lanes}
    started = [lane for lane in scene.lanes if (span := spans[lane.worker]) and span.state is not State.STARTING]
    states = {lane.worker: span.state for lane in started if (span := spans[lane.worker])}
    gils = {lane.gil for lane in started}
    if not started:
        return "No worker has started yet." if any(spans.values()) else "Nothing is known about this moment."
    if gils == {None} or len(gils) > 1:
        return _at_once(states, names, gils)
    running = _in(State.RUNNING, states, names)
    if len(started) > 1 and all(_shares_thread(lane.worker, scene) for lane in started):
        return f"{running[0]} runs; all tasks share one thread." if running else "No task runs."
    free = _in(State.RELEASED, states, names)
    without = f"{_listed(free, 'workers')} {_verb(free, 'run')} without the GIL. " if free else ""
    return without + _one_gil(scene, started[0].gil or 0, time_ns, states, names)


def _one_gil(scene: Scene, gil: int, time_ns: int, states: Mapping[int, State], names: Names) -> str:
    """The same of workers that share this GIL."""
    turn = scene.turn_at(gil, time_ns)
    waiting = _in(State.GIL_WAIT, states, names)
    if turn is None or time_ns >= turn.end_ns:
        taker = scene.next_turn(gil, time_ns)
        wakes = names[taker.worker] if taker and names[taker.worker] in waiting else "a thread"
        return f"The GIL is free: {f'{wakes} is waking up to take it' if waiting else 'no thread wants it'}."
    holder = names[turn.worker]
    wait = (
        f"{_listed(waiting, 'others')} {_verb(waiting, 'wait')} for it" if waiting else "No other thread wants the GIL"
    )
    if states.get(turn.worker) is State.CORE_WAIT:
        return f"{holder} holds the GIL, but has no core. {wait}."
    asked = turn.request
    if asked is not None and asked.time_ns <= time_ns:
        ago = duration(time_ns - asked.time_ns)
        return f"{holder} still runs: {names[asked.worker]} asked for the GIL {ago} ago."
    keeps = "" if waiting else ", so it keeps it"
    return f"{holder} holds the GIL and runs, for {duration(time_ns - turn.start_ns)} so far. {wait}{keeps}."


def _at_once(states: Mapping[int, State], names: Names, gils: set[int | None]) -> str:
    """The same of workers that don't all share a GIL."""
    running = [names[worker] for worker, state in states.items() if state in RUNS]
    lacking = _in(State.CORE_WAIT, states, names)
    rest = f"; {_listed(lacking, 'workers')} {_verb(lacking, 'wait')} for a core" if lacking else ""
    if not running:
        return f"No worker runs now{rest}."
    why = "there is no GIL" if gils == {None} else f"there are {len(gils)} GILs"
    if len(gils) >= len(states) and None not in gils:
        why = "each has a GIL of its own"
    together = f" at the same time: {why}" if len(running) > 1 else ""
    return f"{_listed(running, 'workers')} {_verb(running, 'run')}{together}{rest}."


def duration(time_ns: int) -> str:
    """A time with a decimal below 100 ms, so that it does not flicker: `3.2 ms`, `0.1 ms`, `240 ms`."""
    if time_ns < 99_950_000:
        return f"{time_ns / 1e6:.1f} ms" if time_ns >= 50_000 else f"{time_ns / 1e6:.2f} ms"
    return nanoseconds(time_ns)


def _in(state: State, states: Mapping[int, State], names: Names) -> list[str]:
    """The workers in this state."""
    return [names[worker] for worker, each in states.items() if each is state]


def _listed(workers: Sequence[str], word: str) -> str:
    """Their names, or how many there are."""
    if len(workers) > LISTED:
        return f"{len(workers)} {word}"
    return " and ".join(filter(None, (", ".join(workers[:-1]), workers[-1])))


def _verb(workers: Sequence[str], verb: str) -> str:
    return f"{verb}s" if len(workers) == 1 else verb


def _shares_gil(worker: int, scene: Scene) -> bool:
    """Whether other workers need the same GIL."""
    gil = next((lane.gil for lane in scene.lanes if lane.worker == worker), None)
    return gil is not None and sum(lane.gil == gil for lane in scene.lanes) > 1


def _shares_thread(worker: int, scene: Scene) -> bool:
    """Whether other workers run in the same thread."""
    thread = next((lane.thread for lane in scene.lanes if lane.worker == worker), None)
    return thread is not None and sum(lane.thread == thread for lane in scene.lanes) > 1


def brief(scene: Scene, time_ns: int, names: Names) -> str:
    """What all lanes do at this time, in a few words for large type."""
    running = [lane.worker for lane in scene.lanes if (span := lane.span_at(time_ns)) and span.state in RUNS]
    if len(running) == 1:
        return f"{names[running[0]]} runs"
    if running:
        return f"{len(running)} run at the same time"
    if len(scene.turns) == 1 and (holder := scene.holder(next(iter(scene.turns)), time_ns)) is not None:
        return f"{names[holder]} has no core"
    return "The GIL is free" if len(scene.turns) == 1 else "None runs"
