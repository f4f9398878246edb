"""Who may know whom, as each part shows when a fresh process imports it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import pconc_tui

PACKAGE = Path(pconc_tui.__file__).parent
ALL_OURS = ["pconc_tui.lab", "pconc_tui.monitor", "pconc_tui.ui"]
DRAWING = ["textual", "rich", "plotext"]

RULES = [
    ("pconc_tui.protocol.block", [*ALL_OURS, *DRAWING, "psutil"]),
    ("pconc_tui.experiments", [*ALL_OURS, *DRAWING, "psutil"]),
    ("pconc_tui.lab.controller", ["pconc_tui.monitor", "pconc_tui.ui", *DRAWING, "psutil"]),
    ("pconc_tui.monitor.monitor", ["pconc_tui.lab", "pconc_tui.ui", *DRAWING]),
    ("pconc_tui.commands.run_report", ["pconc_tui.lab", "pconc_tui.ui", *DRAWING]),
    ("pconc_tui.comparison.verdict", [*ALL_OURS, *DRAWING, "psutil"]),
    ("pconc_tui.comparison.report", [*ALL_OURS, *DRAWING, "psutil"]),
    ("pconc_tui", [*ALL_OURS, *DRAWING, "psutil", "multiprocessing", "asyncio", "ctypes"]),
    ("pconc_tui.experiments.user_function", [*ALL_OURS, *DRAWING, "psutil"]),
    ("pconc_tui.sampler.loop", ["pconc_tui.lab", "pconc_tui.ui", *DRAWING, "psutil", "asyncio"]),
    ("pconc_tui.cli", ["pconc_tui.monitor", "pconc_tui.ui", *DRAWING, "psutil"]),
    ("pconc_tui.ui.app", ["pconc_tui.lab", "pconc_tui.monitor", "psutil", "multiprocessing", "plotext"]),
]


@pytest.mark.parametrize(("module", "forbidden"), RULES, ids=[module for module, _ in RULES])
def test_a_part_does_not_import_what_it_must_not_know(module: str, forbidden: list[str]) -> None:
    code = f"import {module}, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in forbidden if name in loaded] == []


def test_the_views_start_no_process() -> None:
    # Textual imports subprocess itself, so sys.modules can't tell.
    sources = [path.read_text() for path in (PACKAGE / "ui").rglob("*.py")]
    assert sources
    assert not any(
        re.search(r"^\s*(import|from) (subprocess|multiprocessing)", source, re.MULTILINE) for source in sources
    )


def test_the_lab_needs_nothing_but_the_standard_library(python: str) -> None:
    start = str(PACKAGE / "lab" / "__main__.py")
    code = (
        f"import runpy, sys; runpy.run_path({start!r}); "
        "import pconc_tui.lab.controller; from pconc_tui import experiments; experiments.catalogue(); "
        "print(*sys.modules)"
    )
    loaded = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"psutil", "textual", "plotext", "rich", "typing_extensions"} & set(loaded)
