"""What was chosen when a recorded frame was made, and the code of its experiments, which may be unknown here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from pconc_tui import experiments
from pconc_tui.pythons import Interpreter
from pconc_tui.recording.codec import codec
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.sources import Source, experiments_in
from pconc_tui.snapshot import Lab, Snapshot
from pconc_tui.ui.launch_settings import LaunchSettings

SETTINGS = codec(LaunchSettings)
NO_SOURCE = "# The recording does not have its code.\n"


class _Chosen(NamedTuple):
    experiment: str
    variant: str
    model: str
    workers: int
    python: str
    """As in `Worker`; empty: not known."""


def recorded_settings(now: LaunchSettings, recording: Recording, snapshot: Snapshot) -> LaunchSettings:
    """The settings of this frame as it has them, or else of what runs in it, or ran last; without that, those of now.

    Experiments that it shows are added where this program does not know them.
    """
    chosen = _chosen(recording.settings(snapshot.now_ns), snapshot)
    ids = experiments_in(snapshot) | ({chosen.experiment} if chosen else set())
    _add_experiments([id for id in ids if not _is_known(id)], recording, snapshot.now_ns)
    if chosen is None:
        return now
    python = now.chosen_interpreter
    if chosen.python and (python is None or chosen.python != python.version + "t" * python.free_threaded_build):
        python = _interpreter(chosen.python, snapshot.labs)
    found = replace(
        now,
        experiment_id=chosen.experiment,
        variant=chosen.variant,
        model=chosen.model,
        workers=chosen.workers,
        chosen_interpreter=python,
    )
    return now if found == now else found


def _chosen(recorded: Any, snapshot: Snapshot) -> _Chosen | None:
    launch = recorded.get("launch") if isinstance(recorded, dict) else None
    if launch is not None:
        found: LaunchSettings = SETTINGS.decode(launch)
        python = found.chosen_interpreter
        version = python.version + "t" * python.free_threaded_build if python else _default_python(snapshot.labs)
        return _Chosen(found.experiment_id, found.variant, found.model, found.workers, version)
    newest = max(snapshot.workers, key=lambda each: each.id, default=None)
    workers = snapshot.measurements[-1].workers if snapshot.measurements else max(1, len(snapshot.workers))
    if (progress := snapshot.progress) is not None:
        return _Chosen(progress.experiment, progress.variant, progress.model, workers, newest.python if newest else "")
    for each in (newest, *snapshot.measurements[-1:]):
        if each is not None:
            return _Chosen(each.experiment, each.variant, each.model, workers, each.python)
    return None


def _default_python(labs: tuple[Lab, ...]) -> str:
    """The version of the interpreter whose lab was opened first."""
    return next((f"{each.version}{'t' * bool(each.free_threaded_build)}" for each in labs if each.version), "")


def _interpreter(python: str, labs: tuple[Lab, ...]) -> Interpreter:
    """The interpreter of this version; it need not be on this machine."""
    version, free_threaded = python.removesuffix("t"), python.endswith("t")
    same = (each for each in labs if (each.version, bool(each.free_threaded_build)) == (version, free_threaded))
    lab = next(same, None)
    return Interpreter(
        path=lab.executable if lab else "",
        version=version,
        base="",
        free_threaded_build=free_threaded,
        gil_enabled=not free_threaded or bool(lab and lab.gil_enabled),
        subinterpreters=False,
    )


def _is_known(id: str) -> bool:
    try:
        experiments.load(id)
    except KeyError:
        return False
    return True


def _add_experiments(ids: list[str], recording: Recording, time_ns: int) -> None:
    if not ids:
        return
    from pconc_tui.experiments.user_function import recorded_function

    sources = recording.sources(time_ns)
    for id in ids:
        found = sources.get(id) or Source(id, id, ("threads",), ("function",), "", NO_SOURCE, 1, 1)
        lines = found.first, found.last
        experiments.add(
            recorded_function(id, found.title, found.models, found.variants, found.watch, found.text, lines)
        )
