"""References to a user's own function: `module:function`, or `path/to/file.py:function`."""

from __future__ import annotations

import os
from dataclasses import dataclass

UNUSABLE = "can't be run: "
"""Prefix of a worker's ending where its function could not be called."""


class UnusableFunctionError(Exception):
    """The function can't be called; the message says why."""


@dataclass(frozen=True)
class FunctionRef:
    """Where a function is; a path is relative to the current directory, which the lab inherits."""

    path: str | None
    """The file; None: it is in an importable module."""
    module: str
    """The module's name; for a file, the name that the module gets."""
    function: str

    @classmethod
    def parse(cls, id: str) -> FunctionRef:
        """The reference that `id` spells. Raises ValueError with what is wrong with it."""
        where, _, function = id.rpartition(":")
        if not function.isidentifier():
            raise ValueError(
                f"{id}: after the colon comes a function's name, as in module:function or file.py:function"
            )
        if where.endswith(".py") or os.sep in where:
            return cls(where, os.path.splitext(os.path.basename(where))[0], function)
        if not all(part.isidentifier() for part in where.split(".")):
            raise ValueError(f"{id}: {where or 'nothing'!r} is neither a module's name nor a file's, which ends in .py")
        return cls(None, where, function)

    @property
    def folder(self) -> str:
        """The folder that goes first on `sys.path`, as with `python file.py` and `python -m module`."""
        return os.getcwd() if self.path is None else os.path.dirname(os.path.abspath(self.path))


def names_function(id: str) -> bool:
    """Whether this id refers to a user's function rather than to an experiment of ours."""
    return ":" in id
