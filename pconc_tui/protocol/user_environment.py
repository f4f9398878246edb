"""The user's environment: what has Python import a user's own modules. Only a process that runs their function gets it.

A lab starts without `PYTHONPATH` and the user site, and in a folder of its own with `PYTHONSAFEPATH` (3.11 and later):
`python -c`, by which `multiprocessing` starts processes, imports from the current directory. So a file such as
`json.py` in one of these places is not imported in place of the standard library's module. `enter` restores all of it;
what the lab itself imports later, it imports `with standard_library():`.
"""

from __future__ import annotations

import os
import site
import sys
import threading
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any, Dict, Iterator, Optional

_VARIABLES = ("PYTHONPATH", "PYTHONUSERBASE", "PYTHONSAFEPATH")
_SET_ASIDE = "PCONC_TUI_"
"""Prefix of the variables that keep the user's values."""
_FOLDER = _SET_ASIDE + "FOLDER"


def without_user_modules() -> Dict[str, str]:
    """This process's environment, changed so that Python finds no module of the user's until `enter` is called."""
    environment = {(_SET_ASIDE if name in _VARIABLES else "") + name: value for name, value in os.environ.items()}
    # The user site is then in a folder that can't exist. The option -s would be passed on to the function's processes.
    return {**environment, "PYTHONUSERBASE": os.devnull, "PYTHONSAFEPATH": "1", _FOLDER: os.getcwd()}


def enter() -> None:
    """Restore the user's environment and current directory, and extend `sys.path` as Python does when it starts."""
    _StandardLibraryFinder.install()
    _restore_process()
    python_path = os.environ.get("PYTHONPATH")
    folders = map(os.path.abspath, python_path.split(os.pathsep)) if python_path else ()
    sys.path[:0] = [folder for folder in folders if folder not in sys.path]
    if os.devnull == site.USER_BASE:
        _add_user_site()


def _restore_process() -> None:
    """Restore what all interpreters of this process share, if that has not been done."""
    folder = os.environ.pop(_FOLDER, None)
    if folder is None:
        return
    os.chdir(folder)
    for name in _VARIABLES:
        os.environ.pop(name, None)
        value = os.environ.pop(_SET_ASIDE + name, None)
        if value is not None:
            os.environ[name] = value


def _add_user_site() -> None:
    """Add the user site, if it is enabled here, before the interpreter's own `site-packages`."""
    site.USER_BASE = site.USER_SITE = None
    end = len(sys.path)
    site.addusersitepackages(set())
    added = [each for each in sys.path[end:] if each not in sys.path[:end]]
    del sys.path[end:]
    first = min((sys.path.index(each) for each in site.getsitepackages() if each in sys.path), default=end)
    sys.path[first:first] = added


@contextmanager
def standard_library() -> Iterator[None]:
    """A context in which the calling thread imports from the standard library, not from the user's folders."""
    before = _StandardLibraryFinder.thread.active
    _StandardLibraryFinder.thread.active = True
    try:
        yield
    finally:
        _StandardLibraryFinder.thread.active = before


class _ThreadState(threading.local):
    active = False


class _StandardLibraryFinder:
    """Comes before the finder that searches `sys.path`, which other threads need as it is."""

    thread = _ThreadState()
    path: Optional[list[str]] = None
    """`sys.path` before it had the user's folders; None: it has none of them."""

    @classmethod
    def install(cls) -> None:
        if cls.path is None:
            cls.path = list(sys.path)
            sys.meta_path.insert(sys.meta_path.index(PathFinder), cls)

    @classmethod
    def find_spec(cls, name: str, path: Any = None, target: Any = None) -> Optional[ModuleSpec]:
        """The module's spec; None: the next finder searches it. Raises ModuleNotFoundError."""
        if path is not None or not cls.thread.active:
            return None
        found = PathFinder.find_spec(name, cls.path, target)
        if found is None and name in getattr(sys, "stdlib_module_names", (name,)):  # Such as msvcrt.
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return found
