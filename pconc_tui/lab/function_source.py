"""A script that reads a function's source without running any of it, under the interpreter that will run the function.

Its argument is a JSON object with `path`, `module`, `function` and `folder`, as in `pconc_tui.protocol.function_ref`.
It prints a JSON object: either `problem`, or `path`, `source`, the numbers of the function's `first` and `last` line,
and whether it is `asynchronous`.
"""

from __future__ import annotations

import ast
import io
import json
import os
import runpy
import sys
import tokenize
from typing import Any, Dict, Iterator, List, Optional, Tuple

_LITERALS = (ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.ListComp, ast.DictComp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_NAMED = (*_FUNCTIONS, ast.ClassDef)


class ProblemError(Exception):
    """The message says why the function can't be run."""


def read(path: Optional[str], module: str, function: str, folder: str) -> Dict[str, Any]:
    """What the script prints about a function. Raises ProblemError."""
    sys.path.insert(0, folder)
    name = module if path is None else path
    source = _source(_find(module) if path is None else path)
    if source is None:
        return {"path": name, "source": "", "first": 1, "last": 1, "asynchronous": False}
    file, text = source
    try:
        tree = ast.parse(text, file)
    except SyntaxError as error:
        raise ProblemError(f"{file}, line {error.lineno}: {error.msg}") from None
    except ValueError as error:
        raise ProblemError(f"{file}: {error}") from None
    found = dict(_bound(tree.body))
    node = found.get(function)
    if node is None and "*" not in found and "__getattr__" not in found:
        others = [each for each, made in found.items() if isinstance(made, _FUNCTIONS) and each[0] != "_"]
        has = "; it has " + ", ".join(others[:8]) if others else ""
        raise ProblemError(f"{name} has no function {function!r}{has}")
    if isinstance(node, _LITERALS):
        raise ProblemError(f"{name}: {function} is not callable")
    if isinstance(node, _FUNCTIONS):
        _check(node)
    return {
        "path": file,
        "source": text,
        "first": min([getattr(node, "lineno", 1)] + [each.lineno for each in getattr(node, "decorator_list", [])]),
        "last": getattr(node, "end_lineno", 1),
        "asynchronous": isinstance(node, ast.AsyncFunctionDef),
    }


def _find(module: str) -> Optional[str]:
    """The module's source file; None: it has none. Imports neither the module nor the packages that contain it."""
    parts = module.split(".")
    path: Any = None
    spec: Any = None
    for number in range(len(parts)):
        whole = ".".join(parts[: number + 1])
        finders = (finder.find_spec(whole, path, None) for finder in sys.meta_path)
        spec = next((each for each in finders if each is not None), None)
        if spec is None or (number < len(parts) - 1 and spec.submodule_search_locations is None):
            raise ProblemError(
                f"no module {module!r} in {sys.path[0]} or on the path of Python {sys.version.split()[0]}"
            )
        path = spec.submodule_search_locations
    return spec.origin if spec.has_location and spec.origin.endswith(".py") else None


def _source(path: Optional[str]) -> Optional[Tuple[str, str]]:
    if path is None:
        return None
    if not os.path.exists(path):
        raise ProblemError(f"no file {path}")
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ProblemError(f"can't read {path}: {error.strerror}") from None
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return path, io.TextIOWrapper(io.BytesIO(data), encoding).read()
    except (SyntaxError, UnicodeDecodeError) as error:
        raise ProblemError(f"{path}: {error}") from None


def _bound(body: List[Any]) -> Iterator[Tuple[str, Any]]:
    """The names that a module's statements bind, each with the node of its value or else of its statement."""
    for node in body:
        if isinstance(node, _NAMED):
            yield node.name, node
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                yield (alias.asname or alias.name.split(".")[0]), alias
        else:
            for name in ast.walk(node):
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                    plain = isinstance(node, ast.Assign) and name in node.targets
                    plain = plain or (isinstance(node, ast.AnnAssign) and name is node.target)
                    yield name.id, node.value if plain else node
            blocks = [getattr(node, field, []) for field in ("body", "orelse", "finalbody")]
            blocks += [each.body for each in getattr(node, "handlers", []) + getattr(node, "cases", [])]
            for block in blocks:
                yield from _bound(block)


def _check(node: Any) -> None:
    needed = len(node.args.posonlyargs + node.args.args) - len(node.args.defaults)
    needed += sum(default is None for default in node.args.kw_defaults)
    if needed > 1 and not node.decorator_list:
        raise ProblemError(f"{node.name} needs {needed} arguments; it is called with the worker's index or nothing")
    if any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in _own(node)):
        raise ProblemError(f"{node.name} is a generator: calling it runs none of its code")


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes within a function, without those of functions and classes that it defines."""
    for each in ast.iter_child_nodes(node):
        if not isinstance(each, (*_NAMED, ast.Lambda)):
            yield each
            yield from _own(each)


def _enter_user_environment() -> None:
    """Have `sys.path` be the user's. The package can't be imported here, and the script's folder is not theirs."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != here]
    shared = os.path.join(os.path.dirname(here), "protocol", "user_environment.py")
    runpy.run_path(shared)["enter"]()


if __name__ == "__main__":
    _enter_user_environment()
    try:
        print(json.dumps(read(**json.loads(sys.argv[1]))))
    except ProblemError as problem:
        print(json.dumps({"problem": str(problem)}))
