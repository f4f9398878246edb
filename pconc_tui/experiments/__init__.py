"""The experiments: one file each, found by being here. Standard library only, any CPython from 3.9 on."""

from __future__ import annotations

import ast
import os
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Any, Callable, Coroutine, Dict, Tuple

ALL_MODELS = (
    "threads",
    "processes",
    "interpreters",
    "asyncio",
    "thread-pool",
    "process-pool",
    "interpreter-pool",
)
"""How workers may run."""
LOCKED = "lock"
"""The variant in which the workers take a lock around what they share."""


def _nothing(*_: Any) -> Tuple[Any, ...]:
    return ()


def _no_report(*_: Any) -> Dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Experiment:
    """What is run, and what to make of it."""

    id: str
    key: str
    """The digit that chooses it."""
    title: str
    models: Tuple[str, ...]
    variants: Dict[str, Callable[..., None]]
    """The code of one worker by the variant's name, the default first: `work(worker, *shared)`."""
    watch: str
    """Two or three sentences: what to look at, and why it happens."""
    tasks: Dict[str, Callable[..., Coroutine[Any, Any, None]]] = field(default_factory=dict)
    """The same code as coroutines, for the model asyncio."""
    sharing: Dict[str, str] = field(default_factory=dict)
    """For each model, a sentence: what its workers share, and what not."""
    setup: Callable[[Any], Tuple[Any, ...]] = _nothing
    """Called once in the workers' parent: `setup(model) -> shared`."""
    report: Callable[..., Dict[str, Any]] = _no_report
    """Called in the workers' parent when all have ended: `report(*shared) -> counters`."""
    endless: bool = False
    """Whether a worker launched alone repeats its work until stopped."""
    needs_core: bool = True
    """Whether the work needs a core all the time, so that more workers than cores must take longer."""
    roles: bool = False
    """Whether a worker's index tells what it does, so that one can't do without the others: of a measurement in
    which a worker fails the rest is stopped, and a worker launched alone takes the lowest index that is free."""
    multiplies: bool = True
    """Whether N workers do N times the work of one, so that a speed-up means something."""
    counts: bool = False
    """Whether each iteration adds one to a shared counter, so that updates can be lost."""

    @property
    def shares(self) -> bool:
        """Whether its workers have something in common that one of them may take along when it is killed."""
        return self.setup is not _nothing

    @property
    def variant(self) -> str:
        """The default variant."""
        return next(iter(self.variants))

    def toggle_lock(self, variant: str) -> str:
        """The variant with the lock where `variant` is without, and the other way round."""
        others = [name for name in self.variants if name != LOCKED]
        return others[0] if variant == LOCKED else LOCKED

    def extent(self, variant: str, model: str) -> Tuple[int, int]:
        """The first and the last line of the variant's function in its source; tasks have one of their own."""
        name = (self.tasks if model == "asyncio" else self.variants)[variant].__name__
        for node in ast.walk(ast.parse(self.source)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name:
                return node.lineno, node.end_lineno or node.lineno
        return 1, 1

    @property
    def source(self) -> str:
        """The code as it runs: the file without its imports and without this description."""
        path = import_module(module(self.id)).__file__
        assert path is not None
        with open(path, encoding="utf-8") as file:
            text = file.read()
        shown = [
            node
            for node in ast.parse(text).body
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            or (isinstance(node, ast.Assign) and _is_data(node))
        ]
        lines = text.splitlines()
        first, last = shown[0].lineno, shown[-1].end_lineno
        return "\n".join(lines[first - 1 : last]) + "\n"


_NO_EXPERIMENTS = ("__init__", "user_function")

_user_functions: Dict[str, Experiment] = {}


def add(experiment: Experiment) -> None:
    """Have one more, for as long as this process lives; in its place if there was one with this id."""
    _user_functions[experiment.id] = experiment


def load(id: str) -> Experiment:
    """The experiment with this id; KeyError if there is none."""
    return _user_functions[id] if id in _user_functions else _load(id)


@lru_cache(maxsize=None)
def _load(id: str) -> Experiment:
    if id not in ids():
        raise KeyError(id)
    experiment = import_module(module(id)).EXPERIMENT
    assert isinstance(experiment, Experiment)
    return experiment


def _is_data(node: ast.Assign) -> bool:
    return not any(isinstance(target, ast.Name) and target.id == "EXPERIMENT" for target in node.targets)


def module(id: str) -> str:
    """The name of an experiment's module."""
    return f"{__name__}.{id.replace('-', '_')}"


@lru_cache(maxsize=None)
def ids() -> Tuple[str, ...]:
    """The ids of all that have a file here, alphabetically."""
    names = (os.path.splitext(name)[0] for name in os.listdir(os.path.dirname(__file__)) if name.endswith(".py"))
    return tuple(sorted(name.replace("_", "-") for name in names if name not in _NO_EXPERIMENTS))


def catalogue() -> Tuple[Experiment, ...]:
    """All experiments, in the order of their keys on a keyboard, where 0 follows 9; then what was added."""
    own = sorted(map(load, ids()), key=lambda experiment: (experiment.key == "0", experiment.key))
    return (*own, *_user_functions.values())
