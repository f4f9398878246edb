"""Read by the app, run in the lab's processes; imports worker (its types), protocol, standard library (CPython 3.9 on).

Each file is an experiment, except `user_function`, which makes one of a user's function. The first six come from the
article "Python Processes and Threads".
"""

from __future__ import annotations

import ast
import os
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Callable, Coroutine, Dict, NamedTuple, Optional, Tuple

if TYPE_CHECKING:
    from pconc_tui.worker.worker import Worker as Worker
else:
    Worker = Any  # Not imported, since the app only reads the experiments.

ALL_MODELS = ("threads", "processes", "interpreters", "asyncio", "thread-pool", "process-pool", "interpreter-pool")
"""How workers can run."""
DIGITS = tuple("1234567890")
"""The keys of experiments, in the order of the keyboard."""
LOCKED = "lock"
"""The variant in which workers hold a lock while they change what they share."""


class Figure(NamedTuple):
    """A figure that carries the point of an experiment."""

    value: str
    """The name of its value."""
    words: str
    """What it is: a template."""


BUSY = Figure("busy", "cores busy of {cores}")
SLOWDOWN = Figure("slowdown", "times as long as one")


@dataclass(frozen=True)
class Point:
    """The point of an experiment, in templates whose values `text/headline.py` computes, such as `{busy}`.

    Of several sentences the first is shown whose values are all known and that fits; of several pairs of figures the
    first of which both are known.
    """

    live: Tuple[str, ...] = (
        "{workers}, {gil}: {busy} of {cores} cores busy",
        "{workers}: {busy} of {cores} cores busy",
    )
    """While its workers run."""
    result: Tuple[str, ...] = (
        "{Runs} took {took}, with {gil}",
        "{Runs} took {took}",
    )
    """After a measurement; empty: the same."""
    figures: Tuple[Tuple[Figure, Figure], ...] = (
        (BUSY, SLOWDOWN),
        (BUSY, Figure("handoffs_s", "hand-offs per second")),
    )
    words: Dict[str, Dict[str, str]] = field(default_factory=dict)
    """Values that are words, by name: a template for a value of `{gil}`, or for a variant; "": for all others."""


def _nothing(*_: Any) -> Tuple[Any, ...]:
    return ()


@dataclass(frozen=True)
class Experiment:
    """What is run, and how to read the result."""

    id: str
    key: str
    """The digit that chooses it on the dashboard; where it has no free one, a letter in the list chooses it."""
    title: str
    models: Tuple[str, ...]
    """The models that it can run in; the first is its own, which choosing it chooses."""
    variants: Dict[str, Callable[..., Any]]
    """The code of one worker, `work(worker, *shared)`, by the variant's name; the default comes first."""
    watch: str
    """A few sentences: what to watch, and why it happens."""
    tasks: Dict[str, Callable[..., Coroutine[Any, Any, None]]] = field(default_factory=dict)
    """The same code as a coroutine function, for the model asyncio; variants that never await need none."""
    sharing: Dict[str, str] = field(default_factory=dict)
    """For each model, a sentence: what its workers share, and what they don't."""
    setup: Callable[[Any], Tuple[Any, ...]] = _nothing
    """Called once, in the process that starts the workers: `setup(model)` returns what they share.

    `model` makes it: `model.Lock()`, `model.Value(typecode, value)`, `model.Queue(maxsize)`.
    """
    report: Callable[..., Dict[str, Any]] = lambda *_: {}
    """Called in the same process after all workers have ended: `report(*shared)` returns the final counters."""
    point: Point = Point()
    """What it shows, in a sentence and two figures."""
    window_ms: int = 100
    """The width of the timeline, unless the user has chosen one; 0: as wide as the lives of its workers."""
    endless: bool = False
    """Whether a worker that is launched alone repeats its work until stopped."""
    needs_core: bool = True
    """Whether the work needs a core all the time, so that more workers than cores take longer."""
    one_run_s: Optional[float] = 0.1
    """About how many seconds one run takes, for estimates before it has been measured; None: unknown."""
    role: Optional[Callable[[int, int], str]] = None
    """The role of a worker, by its index and by how many were launched together (0: it was launched alone).

    Workers with roles do different work and depend on each other. If one fails in a measurement, the others are
    stopped. A worker that is launched alone takes the lowest free index. None: all do the same, each on its own.
    """
    multiplies: bool = True
    """Whether N workers do N times the work of one, each on its own, so that there is a ratio of their times."""
    counts: bool = False
    """Whether each iteration adds one to a shared counter, so that updates can be lost."""

    @property
    def shares(self) -> bool:
        """Whether its workers share objects, which a killed worker may leave locked."""
        return self.setup is not _nothing

    @property
    def variant(self) -> str:
        """The default variant."""
        return next(iter(self.variants))

    def toggle_lock(self, variant: str) -> str:
        """The variant without the lock if `variant` has it; else the variant with the lock."""
        others = [name for name in self.variants if name != LOCKED]
        return others[0] if variant == LOCKED else LOCKED

    def code(self, variant: str, model: str) -> Callable[..., Any]:
        """The function that runs this variant in this model."""
        return self.tasks.get(variant, self.variants[variant]) if model == "asyncio" else self.variants[variant]

    def extent(self, variant: str, model: str) -> Tuple[int, int]:
        """The numbers of the first and last line, in `source`, of the function that runs this variant in this model."""
        return _extent(self.source, self.code(variant, model).__name__)

    @property
    def source(self) -> str:
        """The code that runs: the file without its imports and its `EXPERIMENT`."""
        return _source(self.id) if self.id else ""


@lru_cache(maxsize=64)
def _source(id: str) -> str:
    path = import_module(module(id)).__file__
    assert path is not None
    with open(path, encoding="utf-8") as file:
        text = file.read()
    shown = [
        node
        for node in ast.parse(text).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign))
        and "EXPERIMENT" not in map(ast.unparse, getattr(node, "targets", ()))
    ]
    lines = text.splitlines()
    first, last = shown[0].lineno, shown[-1].end_lineno
    return "\n".join(lines[first - 1 : last]) + "\n"


@lru_cache(maxsize=256)
def _extent(source: str, function: str) -> Tuple[int, int]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == function:
            return node.lineno, node.end_lineno or node.lineno
    return 1, 1


_user_functions: Dict[str, Experiment] = {}
"""By id, the experiments that this process has made of a user's functions: the only ones that no file here defines."""


def add(experiment: Experiment) -> None:
    """Add the experiment that was made of a user's function, or replace an earlier one with the same id."""
    _user_functions[experiment.id] = experiment


NONE = Experiment("", "", "a running program", ("threads",), {"": _nothing}, "", window_ms=500, endless=True)
"""Stands for the experiment of threads that run none: those of a program that is watched."""


def load(id: str) -> Experiment:
    """The experiment with this id. Raises KeyError if there is none."""
    if not id:
        return NONE
    if id in _user_functions:
        return _user_functions[id]
    if id not in ids():
        raise KeyError(id)
    experiment: Experiment = import_module(module(id)).EXPERIMENT
    return experiment


def module(id: str) -> str:
    """The name of an experiment's module."""
    return f"{__name__}.{id.replace('-', '_')}"


@lru_cache(maxsize=None)
def ids() -> Tuple[str, ...]:
    """The ids of the experiments that have a file here, in alphabetical order."""
    names = {os.path.splitext(name)[0] for name in os.listdir(os.path.dirname(__file__)) if name.endswith(".py")}
    return tuple(sorted(name.replace("_", "-") for name in names - {"__init__", "user_function"}))


def catalogue() -> Tuple[Experiment, ...]:
    """All experiments: by their digits, then those without one, then the user's functions."""
    found = sorted(map(load, ids()), key=lambda each: DIGITS.index(each.key) if each.key in DIGITS else len(DIGITS))
    return (*found, *_user_functions.values())
