"""Imports a user's own function and calls it as a worker's work."""

from __future__ import annotations

# `traceback` imports some of these only while it formats an exception, then perhaps from the user's folder.
import ast  # noqa: F401
import codeop  # noqa: F401
import difflib  # noqa: F401
import importlib
import importlib.util
import inspect
import os
import sys
import threading
import unicodedata  # noqa: F401
from contextlib import suppress
from typing import Any, Callable, Dict, Tuple, Union

from pconc_tui.experiments import Experiment
from pconc_tui.lab import tracebacks  # noqa: F401  Before the user's code runs: it may take all files or memory.
from pconc_tui.lab.thread_names import name_threads
from pconc_tui.protocol import user_environment
from pconc_tui.protocol.function_ref import FunctionRef, UnusableFunctionError
from pconc_tui.worker.forked_child import ends_with_its_code
from pconc_tui.worker.sampled_worker import SampledWorker

Function = Callable[..., Any]

_INDEX_NAMES = ("_", "i", "id", "k", "n", "no", "num", "number", "rank")
"""Names of parameters that mean a number, as those that contain `index`, `idx` or `worker` do."""

_loaded: Dict[str, Union[Function, BaseException]] = {}
_loading = threading.Lock()


def experiment(id: str) -> Experiment:
    """An experiment whose work is to call the function. Raises what importing its module raises."""
    function = load(id)
    name = FunctionRef.parse(id).function

    def work(worker: SampledWorker) -> Any:
        result = None
        for _ in range(round(worker.scale)):
            with worker.user_code:
                worker.check()  # Until here, a request to stop raised nothing.
                result = function(*arguments(function, worker.index))
                if inspect.iscoroutine(result):
                    with user_environment.standard_library():
                        import asyncio

                    worker.coroutine = result
                    result = asyncio.run(result)
        return result

    async def task(worker: SampledWorker) -> None:
        for _ in range(round(worker.scale)):
            with worker.user_code:
                worker.check()
                result = function(*arguments(function, worker.index))
            if inspect.iscoroutine(result):
                await worker.drive(result)

    return Experiment(id, "", name, (), {name: work}, "", {name: task})


def preload(id: str) -> None:
    """Import the function before workers need it; they raise the error if that fails."""
    with suppress(BaseException):
        load(id)


def load(id: str) -> Function:
    """The function; its module is imported once in each process or interpreter."""
    with _loading:
        if id not in _loaded:
            try:
                with ends_with_its_code():
                    _loaded[id] = _import(FunctionRef.parse(id))
            except BaseException as error:
                _loaded[id] = error
        found = _loaded[id]
    if isinstance(found, BaseException):
        raise found
    return found


def _import(ref: FunctionRef) -> Function:
    name_threads()
    user_environment.enter()
    if ref.folder != sys.path[0]:
        sys.path.insert(0, ref.folder)
    module = importlib.import_module(ref.module) if ref.path is None else _from_file(ref)
    try:
        function = getattr(module, ref.function)
    except AttributeError:
        raise UnusableFunctionError(f"{ref.path or ref.module} has no {ref.function!r}") from None
    if not callable(function):
        raise UnusableFunctionError(f"{ref.function} is not callable, it is of type {type(function).__name__}")
    return function  # type: ignore[no-any-return]


def _from_file(ref: FunctionRef) -> Any:
    path = os.path.abspath(ref.path or "")
    known = sys.modules.get(ref.module)
    if known is not None and getattr(known, "__file__", None) == path:
        return known
    # A different module of this name may be imported already, such as one of the standard library.
    name = ref.module if known is None else f"{ref.module} of {os.path.dirname(path)}"
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
    """The arguments to call the function with: none, or the worker's index if it needs one."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return ()
    for chosen in ((), (index,)):
        try:
            signature.bind(*chosen)
        except TypeError:
            continue
        return chosen
    raise UnusableFunctionError(
        f"{getattr(function, '__name__', function)}{signature} takes more than the worker's index"
    )


def index_parameter(id: str) -> str:
    """The parameter that receives the worker's index although its name means something else; empty: there is none."""
    with suppress(BaseException):
        function = load(id)
        if arguments(function, 0):
            parameter = next(iter(inspect.signature(function).parameters.values()))
            name = parameter.name.lower()
            means_index = name in _INDEX_NAMES or any(part in name for part in ("index", "idx", "worker"))
            variable = parameter.kind is parameter.VAR_POSITIONAL
            return "" if means_index or variable or parameter.annotation in (int, "int") else parameter.name
    return ""
