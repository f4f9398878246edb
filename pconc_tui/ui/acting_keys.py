"""Which keys do now what they usually do on the dashboard. The footer and the hints of all panels go by it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from pconc_tui.experiments import LOCKED
from pconc_tui.models import STARTING_PROCESSES
from pconc_tui.ui.key_bindings import (
    COMMANDS,
    REPLAY_COMMANDS,
    RUNNING,
    SLOW_COMMANDS,
    TOUR_COMMANDS,
    Command,
)
from pconc_tui.ui.panels.panel import Frame

_REPEAT = ("m",)
"""The key that in a tour, too, repeats what was measured."""
_TOUR_COMMANDS = tuple(each for each in TOUR_COMMANDS if each.keys != _REPEAT)


def inert(frame: Frame) -> frozenset[str]:
    """The keys that do nothing now, or something else than usual: hints of them would be wrong."""
    return _inert(
        frame.slow is not None, frame.walk is not None, frame.replay is not None, frozenset(without_effect(frame))
    )


@lru_cache(maxsize=64)
def _inert(slow: bool, tour: bool, replay: bool, idle: frozenset[str]) -> frozenset[str]:
    others = chain(SLOW_COMMANDS * slow, _TOUR_COMMANDS * tour, REPLAY_COMMANDS * replay)
    return keys_of(others) | keys_of(each for each in COMMANDS if each.keys[0] in idle)


def keys_of(commands: Iterable[Command]) -> frozenset[str]:
    """All keys of these commands."""
    return frozenset(key for command in commands for key in command.keys)


def without_effect(frame: Frame) -> set[str]:
    """The first keys of the dashboard's commands that can do nothing now."""
    snapshot, settings = frame.latest, frame.settings
    if frame.replay is not None:
        refused = {each.keys[0] for each in COMMANDS if each.name in RUNNING}
        refused = refused.difference("T" if frame.walk else "").union("" if snapshot.workers else "zx")
        return refused.union("oL" if snapshot.program is not None else "")
    if snapshot.program is not None:
        return {*(each.keys[0] for each in COMMANDS if each.name in RUNNING - {"clear"}), *"oLT"}
    workers, experiment, busy = snapshot.workers, settings.experiment, snapshot.progress is not None
    alive = [worker for worker in workers if worker.alive]
    selected = workers[frame.selection.place(workers)] if workers else None
    works = {
        "t p a m r": not busy,
        "s": bool(alive),
        "S": bool(alive) or busy,
        "k": selected is not None and selected.alive and selected.model == "processes",
        "c": bool(snapshot.log or snapshot.counters) or len(alive) < len(workers),
        "space": bool(workers) or frame.window.frozen,
        "z left x": bool(workers),
        "l": LOCKED in experiment.variants,
        "v": len(experiment.variants) > 1,
        "d D": len(experiment.models) > 1,
        "f F": settings.model in STARTING_PROCESSES,
    }
    return {key for keys, can in works.items() if not can for key in keys.split()}
