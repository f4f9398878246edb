"""Each benchmark runs; what it measures is not judged here."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.bench.__main__ import BENCHMARKS
from tests.bench.probe import ROOT


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_prints_figures(name: str) -> None:
    command = [sys.executable, "-m", "tests.bench", "--smoke", name]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    title, header, *figures = found.stdout.strip().splitlines()
    assert title.startswith(f"{name}: ")
    assert header.split() == ["what", "measured", "target", "remark"]
    assert figures


def test_the_docs_list_every_benchmark() -> None:
    listed = (ROOT / "docs" / "measurements.md").read_text().splitlines()
    assert [name for name in BENCHMARKS if not any(line.startswith(f"| `{name}` |") for line in listed)] == []
