"""What the probe costs: the same work with it and without, in CPU seconds and in instructions."""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.figures import Figure, spread
from tests.support import interpreters

ROOT = Path(__file__).parents[2]
TARGET = "<= 1.01"


class Extent(NamedTuple):
    """How much is measured."""

    scale: float
    """The part of the experiment's work that each thread does in a run: short runs in turn see the same noise."""
    pairs: dict[int, int]
    """How many pairs of runs, by the number of threads."""
    short: float
    long: float
    """Two lengths of work; their difference is free of the interpreter's start and end."""
    newest: bool
    """Only the newest interpreter, and no instructions: valgrind takes 5 s to start one."""


FULL = Extent(0.03, {1: 100, 4: 40}, 0.01, 0.03, False)
SMOKE = Extent(0.001, {1: 2, 4: 2}, 0, 0, True)


def figures(extent: Extent) -> Iterator[Figure]:
    """One interpreter after another."""
    counts = not extent.newest and shutil.which("valgrind") is not None
    if not counts:
        reason = "this is a smoke run" if extent.newest else "valgrind is not installed"
        yield Figure("instructions", "-", TARGET, f"not counted: {reason}")
    for version, found in list(interpreters().items())[-1 if extent.newest else 0 :]:
        # What was found may be a shell script of pyenv's, which is not what callgrind should count.
        python = subprocess.check_output([found, "-c", "import sys; print(sys.executable)"], text=True).strip()
        sizes = {}
        for threads, pairs in extent.pairs.items():
            measured = json.loads(_work(python, "seconds", threads, extent.scale, pairs).stdout)
            sizes[threads] = measured["size"]
            yield _seconds(f"{_what(version, threads)}, CPU seconds", measured)
        if counts:
            for threads, size in sizes.items():
                yield _instructions(f"{_what(version, threads)}, instructions", python, threads, size, extent)


def _what(version: str, threads: int) -> str:
    return f"{version}, {threads} thread{'s' * (threads > 1)}"


def _seconds(what: str, measured: dict[str, Any]) -> Figure:
    times = measured["times"]
    ratios = [probed / bare for probed, bare in zip(times["probed"], times["bare"], strict=True)]
    nulls = [null / bare for null, bare in zip(times["null"], times["bare"], strict=True)]
    remark = (
        f"middle half {spread(ratios)}; null control {statistics.median(nulls):.4f}, {spread(nulls)}; "
        f"{len(ratios)} pairs of {statistics.median(times['bare']) / 1e9:.2f} s"
    )
    return Figure(what, f"{statistics.median(ratios):.4f}", TARGET, remark)


def _instructions(what: str, python: str, threads: int, size: int, extent: Extent) -> Figure:
    runs = [(kind, scale) for kind in ("probed", "bare") for scale in (extent.short, extent.long)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        count = partial(_count, python, threads, size)
        counts = dict(zip(runs, pool.map(count, *zip(*runs, strict=True)), strict=True))
    probed, bare = (counts[kind, extent.long] - counts[kind, extent.short] for kind in ("probed", "bare"))
    chunks = threads * (extent.long - extent.short) * 100 * 100_000 / size
    remark = f"callgrind; chunks of {size}: {bare / chunks:,.0f} instructions and {(probed - bare) / chunks:,.0f} more"
    return Figure(what, f"{probed / bare:.4f}", TARGET, remark)


def _count(python: str, threads: int, size: int, kind: str, scale: float) -> int:
    counter = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    said = _work(python, kind, threads, size, scale, before=counter).stderr
    collected = re.search(r"Collected : (\d+)", said)
    assert collected is not None, said
    return int(collected[1])


def _work(python: str, *arguments: object, before: list[str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*(before or []), python, "-s", "-m", "tests.bench.work", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
