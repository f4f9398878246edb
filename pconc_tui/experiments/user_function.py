"""Makes an experiment of a user's own function, in the app: the function's source is read, never imported here."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from pconc_tui.experiments import ALL_MODELS, BUSY, SLOWDOWN, Experiment, Figure, Point
from pconc_tui.protocol.function_ref import FunctionRef
from pconc_tui.protocol.user_environment import without_user_modules

_SCRIPT = Path(__file__).parents[1] / "lab" / "function_source.py"
READ_TIMEOUT_S = 300
"""A free-threaded 3.13 takes minutes to start on a very loaded machine."""
WATCH = (
    "Your own function: each worker calls it once{how}. It does not report when it runs, so its lanes come "
    "from the kernel's scheduling records, threads and processes that it starts included. Where the kernel refuses "
    "those, lanes are sampled; then, for exact ones, call probe() in its loop: from pconc_tui import probe."
)

POINT = Point(
    live=(
        "{workers}: {busy} of {cores} cores busy; {holder} kept the GIL for {held}",
        "{busy} of {cores} cores busy; {holder} kept the GIL for {held}",
        *Point().live,
    ),
    result=(
        "{Runs} took {took}; {holder} kept the GIL for {held}",
        "{Runs} took {took}",
    ),
    figures=((BUSY, SLOWDOWN), (BUSY, Figure("held", "without releasing the GIL"))),
)


class FunctionError(ValueError):
    """The message says why the function can't be run."""


@dataclass(frozen=True)
class FunctionExperiment(Experiment):
    """A function as monitor and UI need it: with its source, and the lines in it that are the function."""

    text: str = ""
    lines: tuple[int, int] = (1, 1)

    @property
    def source(self) -> str:
        return self.text

    def extent(self, variant: str, model: str) -> tuple[int, int]:
        return self.lines


def read(id: str, python: str) -> FunctionExperiment:
    """The function that `id` refers to, read by the interpreter `python`, which will run it.

    Raises FunctionError if there is no such function, or if its source shows that it can't be called.
    """
    try:
        ref = FunctionRef.parse(id)
    except ValueError as error:
        raise FunctionError(str(error)) from None
    try:
        result = subprocess.run(
            [python, str(_SCRIPT), json.dumps({**asdict(ref), "folder": ref.folder})],
            capture_output=True,
            text=True,
            timeout=READ_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
            env=without_user_modules(),
            check=True,
        )
        found = json.loads(result.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise FunctionError(f"{id}: {python} can't read it: {error}") from None
    if "problem" in found:
        raise FunctionError(found["problem"])
    return _experiment(id, ref.function, found)


def _experiment(id: str, name: str, found: dict[str, object]) -> FunctionExperiment:
    asynchronous, path = bool(found["asynchronous"]), str(found["path"])
    models = ("asyncio", *(each for each in ALL_MODELS if each != "asyncio")) if asynchronous else ALL_MODELS
    return FunctionExperiment(
        id=id,
        key="",
        title=f"{name} in {os.path.basename(path)}",
        models=models,
        variants={name: _runs_in_the_lab},
        watch=WATCH.format(how=", in asyncio as a task, in other models by asyncio.run()" if asynchronous else ""),
        point=POINT,
        window_ms=1000,
        one_run_s=None,
        text=str(found["source"]) or f"# {path} has no source in Python\n",
        lines=(int(str(found["first"])), int(str(found["last"]))),
    )


def _runs_in_the_lab(*_: object) -> None:
    """A placeholder: only the lab imports the function."""


def recorded_function(
    id: str,
    title: str,
    models: tuple[str, ...],
    variants: tuple[str, ...],
    watch: str,
    text: str,
    lines: tuple[int, int],
) -> FunctionExperiment:
    """The function of a recording, which can be shown, but not run."""
    return FunctionExperiment(
        id=id,
        key="",
        title=title,
        models=models,
        variants=dict.fromkeys(variants, _runs_in_the_lab),
        watch=watch,
        point=POINT,
        window_ms=1000,
        one_run_s=None,
        text=text,
        lines=lines,
    )
