"""The models: how the workers of an experiment can run, and what each model needs of its interpreter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pconc_tui.pythons import Interpreter

FREE_THREADED = "free-threaded"
"""Threads under a free-threaded build with the GIL off: listed as a model, because users expect it there."""

STARTING_PROCESSES = ("processes", "process-pool")
"""The models that start their workers' processes by a start method."""
OWN_THREADS = ("threads", "processes", "interpreters")
"""The models that start a new thread for each worker, so that all CPU time of the thread is the worker's."""
POOLS = ("thread-pool", "process-pool", "interpreter-pool")
"""The models whose workers are tasks, which wait in a queue for a worker of the pool."""
START_METHODS = ("fork", "forkserver", "spawn")
"""The start methods of `multiprocessing`."""


def all_models(models: Iterable[str]) -> tuple[str, ...]:
    """An experiment's models, with free-threaded after threads."""
    return tuple(name for model in models for name in ((model, FREE_THREADED) if model == "threads" else (model,)))


def lab_model(model: str) -> str:
    """The lab's name for the model: free-threaded is threads there."""
    return "threads" if model == FREE_THREADED else model


def model_label(model: str, start_method: str | None) -> str:
    """`threads`, `processes by spawn`; a start method of None is the interpreter's default and is not shown."""
    return model if start_method is None else f"{model} by {start_method}"


def model_problem(model: str, experiment: str, models: Iterable[str]) -> str | None:
    """Why the experiment, which has these models, can't run as `model`; None: it can."""
    if lab_model(model) in models:
        return None
    return f"{experiment} does not run as {model!r}; it runs as {', '.join(all_models(models))}"


def start_method_problem(method: str, model: str, interpreter: Interpreter) -> str | None:
    """Why the model's workers can't be started by this method; None: they can."""
    if model not in STARTING_PROCESSES:
        return f"{model} starts no processes; a start method is for {' and '.join(STARTING_PROCESSES)}"
    if method not in interpreter.start_methods:
        available = ", ".join(interpreter.start_methods)
        return f"{interpreter.version} can't start processes by {method!r}; it can use {available}"
    return None


def interpreter_problem(model: str, interpreter: Interpreter, remedy: str = "choose one with --python") -> str | None:
    """Why this interpreter can't run the model, and the remedy; None: it can."""
    if model.startswith("interpreter") and not interpreter.subinterpreters:
        return f"{model} needs CPython 3.14 or later, this is {interpreter.version}; {remedy}"
    if model == FREE_THREADED and not interpreter.free_threaded_build:
        return (
            f"{model} needs a free-threaded build, {interpreter.version} is not one; get one with "
            "`uv python install 3.14t`, your distribution's package, or CPython's ./configure --disable-gil"
        )
    if model == FREE_THREADED and interpreter.gil_enabled:
        return f"{model} needs the GIL off, and it was turned on: unset PYTHON_GIL or set it to 0"
    return None
