"""A folder whose files have the names of modules, and mark that they were run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

COMMAND = sys.executable, "-P", "-m", "pconc_tui"
NAMES = sorted({*sys.stdlib_module_names, "sitecustomize", "usercustomize", "pconc_tui", "pconc_tui_workers"})
_MARKING = "with open({marks!r}, 'a') as file:\n    file.write({name!r} + chr(10))\nraise ImportError('hostile')\n"
_MINE = """
def work():
    return sum(range(100_000))

def fails():
    raise ValueError("ü") if "ä" else None

async def awaits():
    return 1
"""


def make_hostile(folder: Path) -> Path:
    """Make the folder in this one, with a user's own functions in `mine.py`."""
    made = folder / "hostile"
    made.mkdir()
    for name in NAMES:
        (made / f"{name}.py").write_text(_MARKING.format(marks=str(folder / "marks"), name=name))
    (made / "mine.py").write_text(_MINE, encoding="utf-8")
    return made


def marked(folder: Path) -> list[str]:
    """The names of the files that have been run since the last call, each time they were."""
    marks = folder.parent / "marks"
    found = marks.read_text().split() if marks.exists() else []
    marks.unlink(missing_ok=True)
    return found


def commands(version: str, quick: bool = False) -> Iterator[list[str]]:
    """Command lines that start each kind of process, with the interpreter of this version."""
    python = ["--python", version]
    yield ["list"]
    yield ["run", "shared-value", *python]
    yield ["run", "mine.py:work", "--model", "threads", *python]
    yield ["run", "mine.py:awaits", "--model", "processes", "--start-method", "spawn", *python]
    models = ["interpreters", "interpreter-pool"] if version >= "3.14" and len(version) > 3 else []
    for model in models:
        yield ["run", "mine.py:work", "--model", model, *python]
    yield ["run", "mine.py:work", "--model", "process-pool", "--start-method", "forkserver", *python]
    yield ["run", "mine.py:fails", "--model", "process-pool", *python]
    if quick:
        return
    for model in ("processes", "thread-pool", "process-pool", "asyncio"):
        yield ["run", "mine.py:work", "--model", model, *python]
    for method in ("fork", "spawn", "forkserver"):
        for model in ("processes", "process-pool"):
            yield ["run", "shared-value", "--json", "--model", model, "--start-method", method, *python]
            yield ["run", "mine.py:work", "--model", model, "--start-method", method, *python]
    for model in ("threads", "asyncio", *models):
        yield ["run", "mine.py:awaits", "--model", model, *python]
    for model in ("threads", "processes", "thread-pool", "asyncio", *models):
        yield ["run", "mine.py:fails", "--model", model, *python]
    yield ["run", "mine:work", *python]
    yield ["compare", "cpu-bound", "--scale", "0.01", "--repeat", "1", "--workers", "2", *python]
    yield ["compare", "mine.py:work", "--repeat", "1", "--workers", "2", *python]
