"""Which room of the package may import which: from the sources, and as fresh processes import them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path
from typing import NamedTuple

import pytest

import pconc_tui

PACKAGE = Path(pconc_tui.__file__).parent

# The Snapshot, and what it is made of.
SNAPSHOT = "snapshot watched_program measurement requests models pythons timeline protocol"
# Room: the rooms, and after "|" the packages outside the standard library, that its modules may import.
# A room is a package or module of pconc_tui; each may import itself and `pconc_tui/__init__.py` too.
MAY_IMPORT = {
    "__init__": "",
    "protocol": "",
    "worker": "protocol",
    "experiments": "worker protocol",
    "lab": "experiments worker protocol",
    "cpython": "",
    "kernel": "protocol",
    "sampler": "kernel cpython protocol",
    "timeline": "protocol",
    "pythons": "",
    "stop_signal": "",
    "python_discovery": "stop_signal pythons | psutil",
    "models": "pythons",
    "requests": "models pythons",
    "measurement": "requests models pythons timeline protocol",
    "watched_program": "measurement",
    "snapshot": SNAPSHOT.removeprefix("snapshot "),
    "stacks": f"stop_signal cpython {SNAPSHOT}",
    "text": f"{SNAPSHOT} experiments",
    "recording": f"text {SNAPSHOT} experiments",
    "tours": f"text {SNAPSHOT} experiments",
    "presenter": f"tours text {SNAPSHOT} experiments",
    "comparison": f"text {SNAPSHOT} experiments",
    "monitor": f"kernel stacks comparison text {SNAPSHOT} experiments cpython | psutil",
    "ui.drawing": f"comparison text {SNAPSHOT} | rich textual plotext",
    "ui": f"ui.drawing presenter tours recording comparison text {SNAPSHOT} experiments | rich textual pygments",
    "commands": f"ui ui.drawing monitor stacks presenter tours recording comparison text {SNAPSHOT} python_discovery"
    " experiments | rich",
    "cli": "commands text protocol",
    "__main__": "cli",
}
# From the standard library, all rooms may import everything but this.
MAY_NOT_IMPORT = {"ui": {"subprocess", "multiprocessing"}}

# What importing a module must not load, since it would delay the first paint, or burden the lab or the sampler.
NOT_AT_ONCE = {
    "pconc_tui": "multiprocessing asyncio ctypes",
    "pconc_tui.cli": "pconc_tui.monitor pconc_tui.ui textual rich psutil",
    "pconc_tui.ui.app": "plotext multiprocessing",
    "pconc_tui.sampler.loop": "asyncio",
}


class Import(NamedTuple):
    """An import statement in a module."""

    importer: str
    imported: str
    place: str
    """`file:line`."""


def name_of(path: Path, package: Path) -> str:
    """The module's dotted name, relative to the package; `__init__` is the package's own."""
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def imports(package: Path) -> Iterator[Import]:
    """All imports of the package's modules, wherever they stand: in functions and under TYPE_CHECKING too.

    Modules of the package are named relative to it; those outside begin with a `/`.
    """
    names = {name_of(path, package): path for path in sorted(package.rglob("*.py"))}
    ours = package.name + "."
    for importer, path in names.items():
        around = ours + importer if path.name == "__init__.py" else (ours + importer).rpartition(".")[0]
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                targets = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = resolve_name("." * node.level + (node.module or ""), around)
                submodules = [f"{base}.{alias.name}" for alias in node.names]
                targets = [each if each.removeprefix(ours) in names else base for each in submodules]
            else:
                continue
            for target in dict.fromkeys(targets):
                inside = "__init__" if target == package.name else target.removeprefix(ours)
                imported = inside if inside != target or target == package.name else f"/{target.partition('.')[0]}"
                yield Import(importer, imported, f"{path.relative_to(package.parent)}:{node.lineno}")


def room_of(module: str) -> str | None:
    """The most specific room that holds the module."""
    parts = module.split(".")
    rooms = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((room for room in rooms if room in MAY_IMPORT), None)


def allowed(room: str) -> tuple[set[str], set[str]]:
    """The rooms that may be imported, and the packages outside the standard library."""
    rooms, _, packages = MAY_IMPORT[room].partition("|")
    return {room, "__init__", *rooms.split()}, set(packages.split())


def forbidden(found: list[Import]) -> list[str]:
    """A line for each import that the tables do not allow."""
    wrong = []
    for importer, imported, place in found:
        room = room_of(importer)
        if room is None:
            wrong.append(f"{place}: {importer} has no room in MAY_IMPORT")
            continue
        rooms, packages = allowed(room)
        outside = imported.removeprefix("/")
        if imported == outside:
            permitted = room_of(imported) in rooms
        elif outside in sys.stdlib_module_names:
            permitted = outside not in MAY_NOT_IMPORT.get(room.partition(".")[0], ())
        else:
            permitted = outside in packages
        if not permitted:
            wrong.append(f"{place}: {room} may not import {outside}")
    return wrong


def cycles(found: list[Import]) -> list[str]:
    """A line for each import from one module to another from which imports lead back."""
    edges: dict[str, set[str]] = {}
    for importer, imported, _ in found:
        edges.setdefault(importer, set()).add(imported)

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        ahead = [start]
        while ahead:
            new = edges.get(ahead.pop(), set()) - seen
            seen |= new
            ahead += new
        return seen

    return [
        f"{place}: {importer} imports {imported}, which leads back to {importer}"
        for importer, imported, place in found
        if importer in reached(imported) | {imported}
    ]


def test_no_import_goes_against_the_order_of_the_rooms() -> None:
    wrong = forbidden(list(imports(PACKAGE)))
    assert not wrong, "\n".join(wrong)


def test_no_modules_import_each_other_in_a_circle() -> None:
    wrong = cycles(list(imports(PACKAGE)))
    assert not wrong, "\n".join(wrong)


def test_the_table_has_no_circle_and_no_row_for_what_is_not_there() -> None:
    rows = [Import(room, each, room) for room in MAY_IMPORT for each in allowed(room)[0] - {room, "__init__"}]
    assert cycles(rows) == []
    there = {name_of(path, PACKAGE) for path in PACKAGE.rglob("*.py")}
    assert {each for row in rows for each in (row.importer, row.imported)} <= there


def test_violations_are_found_wherever_they_stand(tmp_path: Path) -> None:
    files = {
        "protocol/__init__.py": "",
        "protocol/block.py": "import psutil, json\n",
        "worker/__init__.py": "",
        "worker/locks.py": "if TYPE_CHECKING:\n    from pkg.worker.worker import Worker\n",
        "worker/worker.py": "def f():\n    from . import locks\n    from pkg.lab import controller\n",
        "lab/__init__.py": "",
        "lab/controller.py": "from pkg import probe\nfrom pkg.worker.worker import Worker\n",
        "ui/__init__.py": "import subprocess, textual.app\n",
        "attic.py": "import pkg\n",
        "__init__.py": "",
    }
    for name, source in files.items():
        path = tmp_path / "pkg" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    found = list(imports(tmp_path / "pkg"))
    assert sorted(forbidden(found)) == [
        "pkg/attic.py:1: attic has no room in MAY_IMPORT",
        "pkg/protocol/block.py:1: protocol may not import psutil",
        "pkg/ui/__init__.py:1: ui may not import subprocess",
        "pkg/worker/worker.py:3: worker may not import lab.controller",
    ]
    assert sorted(line.partition(",")[0] for line in cycles(found)) == [
        "pkg/lab/controller.py:2: lab.controller imports worker.worker",
        "pkg/worker/locks.py:2: worker.locks imports worker.worker",
        "pkg/worker/worker.py:2: worker.worker imports worker.locks",
        "pkg/worker/worker.py:3: worker.worker imports lab.controller",
    ]


def loaded(code: str, *interpreter: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after this code."""
    command = [*(interpreter or (sys.executable,)), "-c", f"{code}\nimport sys; print(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def with_all_below(room: str) -> tuple[set[str], set[str]]:
    """What may be loaded along with the room: rooms, and packages outside the standard library."""
    rooms, packages = allowed(room)
    for each in MAY_IMPORT[room].partition("|")[0].split():
        more = with_all_below(each)
        rooms |= more[0]
        packages |= more[1]
    return rooms, packages


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_fresh_process_that_imports_a_room_loads_nothing_above_it(room: str) -> None:
    there = [name_of(path, PACKAGE) for path in PACKAGE.rglob("*.py")]
    # What `python -m` or a fork server runs is no module to import.
    modules = [each for each in there if room_of(each) == room and not re.search(r"__main__|preloaded", each)]
    found = loaded(
        "\n".join(f"import pconc_tui.{each}" for each in modules if each != "__init__") or "import pconc_tui"
    )
    rooms, packages = with_all_below(room)
    # Importing ui.drawing.lines imports the package ui.
    above = {each for each in found if each.startswith("pconc_tui.") and room_of(each.partition(".")[2]) not in rooms}
    assert above <= {"pconc_tui.ui"}
    if "textual" not in packages:
        assert found & {"textual", "rich", "plotext", "psutil"} <= packages


@pytest.mark.parametrize("module", NOT_AT_ONCE)
def test_a_module_does_not_load_at_once_what_it_needs_later_or_never(module: str) -> None:
    assert loaded(f"import {module}") & set(NOT_AT_ONCE[module].split()) == set()


def test_the_lab_needs_nothing_but_the_standard_library(python: str) -> None:
    start = str(PACKAGE / "lab" / "__main__.py")
    code = (
        f"import runpy, sys; runpy.run_path({start!r}); "
        "import pconc_tui.lab.controller; from pconc_tui import experiments; experiments.catalogue()"
    )
    assert not {"psutil", "textual", "plotext", "rich", "typing_extensions"} & loaded(code, python, "-I")
