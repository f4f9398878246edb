"""The models: how workers can run, what each needs of its interpreter, and how to get that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pconc_tui.pythons import Interpreter

FREE_THREADED = "free-threaded"
"""Threads under a free-threaded build with the GIL off: a model of its own, since that is what people look for."""

STARTING_PROCESSES = ("processes", "process-pool")
"""Those whose workers are started as processes, each by the start method."""
OWN_THREADS = ("threads", "processes", "interpreters")
"""Those whose workers have threads that nobody had before, so that all CPU time of a thread is its worker's."""
POOLS = ("thread-pool", "process-pool", "interpreter-pool")
"""Those whose workers are tasks, which queue until one of the pool takes them."""
START_METHODS = ("fork", "forkserver", "spawn")
"""How `multiprocessing` can start a process."""


def all_models(models: Iterable[str]) -> tuple[str, ...]:
    """An experiment's models, with threads also in the build that has no GIL."""
    return tuple(name for model in models for name in ((model, FREE_THREADED) if model == "threads" else (model,)))


def lab_model(model: str) -> str:
    """What the lab calls the model."""
    return "threads" if model == FREE_THREADED else model


def model_problem(model: str, experiment: str, models: Iterable[str]) -> str | None:
    """Why the experiment, which has these models, does not run as that one; None: it does."""
    if lab_model(model) in models:
        return None
    return f"{experiment} does not run as {model!r}; it runs as {', '.join(all_models(models))}"


def model_label(model: str, start_method: str | None) -> str:
    """`threads`, `processes by spawn`; a start method of None is the interpreter's own, and needs no mention."""
    return model if start_method is None else f"{model} by {start_method}"


def start_method_problem(method: str, model: str, interpreter: Interpreter) -> str | None:
    """Why the model's workers can't be started like this; None: they can."""
    if model not in STARTING_PROCESSES:
        return f"{model} starts no processes; a start method is for {' and '.join(STARTING_PROCESSES)}"
    if method not in interpreter.start_methods:
        can = ", ".join(interpreter.start_methods)
        return f"{interpreter.version} can't start processes by {method!r}; it can by {can}"
    return None


def interpreter_problem(model: str, interpreter: Interpreter, instead: str = "choose one with --python") -> str | None:
    """Why this interpreter can't run the model, and what to do about it; None: it can."""
    if model.startswith("interpreter") and not interpreter.subinterpreters:
        return f"{model} needs CPython 3.14 or later, this is {interpreter.version}; {instead}"
    if model == FREE_THREADED and not interpreter.free_threaded_build:
        return (
            f"{model} needs a free-threaded build, {interpreter.version} is none; get one with `uv python install "
            "3.14t`, your distribution's package, or CPython's ./configure --disable-gil"
        )
    if model == FREE_THREADED and interpreter.gil_enabled:
        return f"{model} needs the GIL off, and it was turned on: unset PYTHON_GIL or set it to 0"
    return None
