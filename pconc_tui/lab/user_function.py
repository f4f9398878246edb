"""A person's own function as the work of a worker: importing it, calling it, and stopping it."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import sys
import threading
import traceback  # noqa: F401  Before the person's folder is on the path, which may have another of this name.
from contextlib import suppress
from typing import Any, Callable, Dict, Tuple, Union

from pconc_tui.experiments import Experiment
from pconc_tui.protocol.function_ref import FunctionRef, UnusableFunctionError
from pconc_tui.worker.sampled_worker import SampledWorker

Function = Callable[..., Any]

_loaded: Dict[str, Union[Function, BaseException]] = {}
_loading = threading.Lock()


def experiment(id: str) -> Experiment:
    """What a worker is to run. Raises whatever importing the module does."""
    function = load(id)
    name = FunctionRef.parse(id).function

    def work(worker: SampledWorker) -> None:
        with worker.inside:
            worker.check()  # Before it was inside, nothing could stop it.
            result = function(*arguments(function, worker.index))
            if inspect.iscoroutine(result):
                import asyncio

                asyncio.run(result)

    async def task(worker: SampledWorker) -> None:
        with worker.inside:
            worker.check()
            result = function(*arguments(function, worker.index))
        if inspect.iscoroutine(result):
            await worker.steps(result)

    return Experiment(id, "", name, (), {name: work}, "", {name: task})


def prepare(id: str) -> None:
    """Import it ahead of the workers, who will meet what went wrong."""
    with suppress(BaseException):
        load(id)


def load(id: str) -> Function:
    """The function itself; its module is imported once a process, or once an interpreter."""
    with _loading:
        if id not in _loaded:
            try:
                _loaded[id] = _imported(FunctionRef.parse(id))
            except BaseException as error:
                _loaded[id] = error
        found = _loaded[id]
    if isinstance(found, BaseException):
        raise found
    return found


def _imported(target: FunctionRef) -> Function:
    if target.folder not in sys.path:
        sys.path.insert(0, target.folder)
    module = importlib.import_module(target.module) if target.path is None else _from_file(target)
    try:
        function = getattr(module, target.function)
    except AttributeError:
        raise UnusableFunctionError(f"{target.path or target.module} has no {target.function!r}") from None
    if not callable(function):
        raise UnusableFunctionError(f"{target.function} is not callable, it is of type {type(function).__name__}")
    return function  # type: ignore[no-any-return]


def _from_file(target: FunctionRef) -> Any:
    path = os.path.abspath(target.path or "")
    known = sys.modules.get(target.module)
    if known is not None and getattr(known, "__file__", None) == path:
        return known
    # Another module of this name, such as one of the standard library, may have been imported already.
    name = target.module if known is None else f"{target.module} of {os.path.dirname(path)}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def arguments(function: Function, index: int) -> Tuple[Any, ...]:
    """The worker's index where the function can't be called without an argument."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return ()
    for given in ((), (index,)):
        try:
            signature.bind(*given)
        except TypeError:
            continue
        return given
    raise UnusableFunctionError(
        f"{getattr(function, '__name__', function)}{signature} takes more than the worker's index"
    )
