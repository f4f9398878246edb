"""Lanes of users' functions, as the dashboard shows them: running against CPU clocks, at each level of permission.

Once for each function and load with the records that this user gets; once as a user without privileges, who gets them
without registers; and once sampled. In the last two, the states are compared with root's records of the same run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from pconc_tui.monitor.observed_thread import ThreadReader
from pconc_tui.monitor.tree_client import TreeObserver
from pconc_tui.protocol.block import RUNS, State, unpack
from tests.bench.figures import Figure
from tests.bench.sampled_running import busy
from tests.kernel.test_levels import AS_USER, ROOT, python_for_all
from tests.support import interpreters

OWN_CODE = ROOT / "tests" / "own_code"
FILES = OWN_CODE / "kinds.py", OWN_CODE / "more_kinds.py"
PACKAGES = Path(psutil.__file__).parents[1]
WORKERS = 4
SECONDS = "2.5"
STATES = ("running", "gil_wait", "core_wait", "io", "lock_wait", "unknown")
NAMES = {
    **dict.fromkeys(RUNS, "running"),
    State.STARTING: "gil_wait",
    State.GIL_WAIT: "gil_wait",
    State.CORE_WAIT: "core_wait",
    State.IO: "io",
    State.BLOCKED_WITH_GIL: "io",
    State.LOCK: "lock_wait",
}


class Extent(NamedTuple):
    """What is measured."""

    functions: tuple[str, ...]
    """Empty: all."""
    loads: tuple[int, ...]
    """Numbers of busy processes beside."""
    levels: tuple[str, ...]
    """`own`: as this user; `user`: as one without privileges; `sampled`: as if there were no records; these as root."""


LEVELS = ("own", "user", "sampled")
FULL, SMOKE = Extent((), (0, 4), LEVELS), Extent(("pure_python",), (0,), LEVELS)


def functions() -> dict[str, Path]:
    """The file of each function, those of the files in PCONC_FILES included."""
    return {
        line.removeprefix("def ").partition("(")[0]: file
        for file in (*FILES, *map(Path, os.environ.get("PCONC_FILES", "").split()))
        for line in file.read_text().splitlines()
        if line.startswith("def ") and not line.startswith("def _")
    }


def figures(extent: Extent) -> Iterator[Figure]:
    """PCONC_FUNCTIONS, PCONC_LOADS, PCONC_LEVELS, PCONC_SECONDS, PCONC_VERSION: others than all and usual."""
    files = functions()
    names = os.environ.get("PCONC_FUNCTIONS", "").split() or extent.functions or list(files)
    loads = tuple(map(int, os.environ.get("PCONC_LOADS", "").split())) or extent.loads
    levels = os.environ.get("PCONC_LEVELS", "").split() or extent.levels
    os.environ.setdefault("PCONC_SECONDS", "0.1" if extent is SMOKE else SECONDS)  # The functions read it.
    for level, load, name in product(levels, loads, names):
        what = f"{name}, load {load}, {level}"
        python = python_for_all() if level == "user" else sys.executable
        if level != "own" and (os.geteuid() != 0 or python is None):
            yield Figure(what, "-", "", "needs root, and a Python that another user can run")
            continue
        assert python is not None
        version = os.environ.get("PCONC_VERSION")
        with busy(load):
            before = host_took_s()
            launched = observe(python, interpreters()[version] if version else python, files[name], name, level)
            took_s = host_took_s() - before
        yield _figure(what, *launched, took_s)


def observe(
    python: str, target: str, file: Path, name: str, level: str
) -> tuple[dict[str, Any], dict[int, dict[str, float]]]:
    """What `launched_function` prints, run by `python`; at other levels than own also the times by root's records."""
    prefix = (*AS_USER, f"PYTHONPATH={PACKAGES}", "HOME=/tmp", "TMPDIR=/tmp") if level == "user" else ()
    source = ("sampled",) if level == "sampled" else ()
    command = [*prefix, python, "-m", "tests.bench.launched_function", target, str(file), name, str(WORKERS), *source]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lab = json.loads(process.stdout.readline())["lab"]
        if level == "own":
            send_line(process)
            found = json.loads(process.stdout.readline())
            send_line(process)
            return found, {}
        with closing(TreeObserver(lab)) as tree:
            readers: dict[int, tuple[int, ThreadReader, list[int]]] = {}

            def follow() -> None:
                tree.receive()
                for thread in tree.threads.values():
                    if thread.id not in readers:
                        readers[thread.id] = thread.tid, thread.reader(), []
                for _, reader, words in readers.values():
                    words += reader.read()
                time.sleep(0.02)

            while not tree.ready:
                follow()
            send_line(process)
            os.set_blocking(process.stdout.fileno(), False)
            line = b""
            while not line.endswith(b"\n"):
                line += process.stdout.read() or b""
                follow()
            found = json.loads(line)
            last_ns = max(worker["ended_ns"] or 0 for worker in found["workers"])
            while not tree.knows(last_ns):
                follow()
            follow()
            lanes: dict[int, list[int]] = {}
            for tid, _, words in readers.values():
                lanes.setdefault(tid, []).extend(words)
            by_records = {
                worker["tid"]: times(lanes.get(worker["tid"], []), worker["began_ns"], worker["ended_ns"])
                for worker in found["workers"]
                if worker["ended_ns"]
            }
        send_line(process)
        return found, by_records


def host_took_s() -> float:
    """For how long all cores together were taken away by the machine's host: records don't show it, CPU clocks do."""
    steal: float = psutil.cpu_times().steal
    return steal


def send_line(process: subprocess.Popen[bytes]) -> None:
    """Send a line."""
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()


def times(words: Sequence[int], began_ns: int, ended_ns: int) -> dict[str, float]:
    """Seconds in each state between these times."""
    sums = dict.fromkeys(STATES, 0.0)
    ends = [*(unpack(word)[0] for word in words[1:]), ended_ns]
    for word, end_ns in zip(words, ends, strict=False):
        start_ns, state = unpack(word)
        sums[NAMES.get(state, "unknown")] += max(0, min(end_ns, ended_ns) - max(start_ns, began_ns)) / 1e9
    return sums


def _figure(what: str, found: dict[str, Any], by_records: dict[int, dict[str, float]], host_s: float) -> Figure:
    workers = [each for each in found["workers"] if not each["is_helper"] and each["ended_ns"]]
    if not workers or found["endings"] != ["done"]:
        return Figure(what, "-", "", f"ended with {', '.join(found['endings'])}")
    wall = sum(sum(each[state] for state in STATES) for each in workers)
    running, cpu = sum(each["running"] for each in workers), sum(each["cpu_s"] or 0.0 for each in workers)
    sources = ", ".join(sorted({each["source"] or "-" for each in workers}))
    remark = f"{100 * (running - cpu) / wall:+.2f} points; {sources}"
    unknown = sum(each["unknown"] for each in workers) / wall
    remark += f"; unknown {100 * unknown:.1f} %" if unknown > 0.0005 else ""
    remark += f"; host took {host_s:.2f} s" if host_s else ""
    if by_records:
        root = {state: sum(by_records[each["tid"]][state] for each in workers) / wall for state in STATES}
        own = {state: sum(each[state] for each in workers) / wall for state in STATES}
        far = max(STATES, key=lambda state: abs(own[state] - root[state]))
        pairs = ", ".join(
            f"{state} {100 * own[state]:.1f}/{100 * root[state]:.1f}"
            for state in STATES
            if own[state] + root[state] > 0.002
        )
        remark += f"; root's {root['running'] * wall / cpu:.4f}; {far} {100 * (own[far] - root[far]):+.1f}: {pairs}"
    return Figure(what, f"{running / cpu:.4f}", "0.99-1.01", remark)
