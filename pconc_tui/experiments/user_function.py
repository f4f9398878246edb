"""A person's own function as an experiment like all others. Its source is read, and never imported here."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pconc_tui.experiments import ALL_MODELS, Experiment
from pconc_tui.protocol.function_ref import FunctionRef

_READING = Path(__file__).parents[1] / "lab" / "function_source.py"
READ_S = 20
WATCH = (
    "Your own function: each worker calls it once{given}. It knows nothing of being watched, so its lanes are sampled: "
    "seen from outside, some hundred times a second, by the system's clocks and CPython's own note of who holds the "
    "GIL. For exact lanes, call probe() in its loop: from pconc_tui import probe."
)


class FunctionError(ValueError):
    """The message says why the function can't be run."""


@dataclass(frozen=True)
class FunctionExperiment(Experiment):
    """What a function is to the views and to the monitor: its source, and where in it the function is."""

    text: str = ""
    lines: tuple[int, int] = (1, 1)

    @property
    def source(self) -> str:
        return self.text

    def extent(self, variant: str, model: str) -> tuple[int, int]:
        return self.lines


def read(id: str, python: str) -> FunctionExperiment:
    """The function that `id` names, as this interpreter, which is to run it, reads its file.

    Raises FunctionError where there is none, or where it can be seen that it can't be called.
    """
    try:
        target = FunctionRef.parse(id)
    except ValueError as error:
        raise FunctionError(str(error)) from None
    asked = {"path": target.path, "module": target.module, "function": target.function, "folder": target.folder}
    try:
        said = subprocess.run(
            [python, str(_READING), json.dumps(asked)],
            capture_output=True,
            text=True,
            timeout=READ_S,
            stdin=subprocess.DEVNULL,
            check=True,
        )
        found = json.loads(said.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise FunctionError(f"{id}: {python} can't read it: {error}") from None
    if "problem" in found:
        raise FunctionError(found["problem"])
    return _experiment(id, target.function, found)


def _experiment(id: str, name: str, found: dict[str, object]) -> FunctionExperiment:
    asynchronous, path = bool(found["asynchronous"]), str(found["path"])
    models = ("asyncio", *(each for each in ALL_MODELS if each != "asyncio")) if asynchronous else ALL_MODELS
    return FunctionExperiment(
        id=id,
        key="",
        title=f"{name} in {os.path.basename(path)}",
        models=models,
        variants={name: _elsewhere},
        watch=WATCH.format(given=", in asyncio as a task, in other models by asyncio.run()" if asynchronous else ""),
        text=str(found["source"]) or f"# {path} has no source in Python\n",
        lines=(int(str(found["first"])), int(str(found["last"]))),
    )


def _elsewhere(*_: object) -> None:
    """Stands for the code, which is in the lab only."""
