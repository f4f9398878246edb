"""What names a person's own function: `module:function`, or `path/to/file.py:function`. CPython 3.9 on."""

from __future__ import annotations

import os
from dataclasses import dataclass

UNUSABLE = "can't be run: "
"""How a worker's ending begins where its function turned out to be none that can be called."""


class UnusableFunctionError(Exception):
    """The function can't be called; the message says why."""


@dataclass(frozen=True)
class FunctionRef:
    """A function, by where it is; relative to the current directory, which the lab shares."""

    path: str | None
    """The file; None: a module."""
    module: str
    """The module's name; of a file, the name that it gets."""
    function: str

    @property
    def folder(self) -> str:
        """What is to come first on `sys.path`: as for `python file.py` and for `python -m module`."""
        return os.getcwd() if self.path is None else os.path.dirname(os.path.abspath(self.path))


def names_function(id: str) -> bool:
    """Whether this is no experiment's id, but names a function."""
    return ":" in id


def parsed(id: str) -> FunctionRef:
    """The target that `id` names. ValueError says what is wrong with it."""
    place, _, function = id.rpartition(":")
    if not function.isidentifier():
        raise ValueError(f"{id}: after the colon comes a function's name, as in module:function or file.py:function")
    if place.endswith(".py") or os.sep in place:
        return FunctionRef(place, os.path.splitext(os.path.basename(place))[0], function)
    if not all(part.isidentifier() for part in place.split(".")):
        raise ValueError(f"{id}: {place or 'nothing'!r} is neither a module's name nor a file's, which ends in .py")
    return FunctionRef(None, place, function)
