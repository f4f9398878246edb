"""Adding an experiment is adding one file; one that fails shows how a worker that raises is reported."""

from __future__ import annotations

import json
import operator
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

import pconc_tui
from pconc_tui.experiments import ALL_MODELS
from tests.support import LONG_S, needed
from tests.terminal import Terminal

SOURCE = """
from pconc_tui.experiments import ALL_MODELS, Experiment

def second_fails(worker):
    print("begins")
    if worker.index == 1:
        raise ValueError(f"{worker.name} is bad")

def all_fail(worker):
    raise KeyError("gone")

async def second_fails_async(worker):
    second_fails(worker)

async def all_fail_async(worker):
    all_fail(worker)

EXPERIMENT = Experiment(
    id="added-one", key="a", title="Added by a test", models=ALL_MODELS,
    variants={"second": second_fails, "all": all_fail}, watch="Nothing. At all.",
    tasks={"second": second_fails_async, "all": all_fail_async},
)
"""


HELD = """
import os
import signal
from pconc_tui.experiments import Experiment

def setup(model):
    return model.Value("q", 0), model.Queue(10)

def die_with(worker, lock):
    lock.acquire()
    print("holds it")
    os.kill(os.getpid(), signal.SIGKILL)

def of_value(worker, value, items):
    if worker.team > 1 and worker.index == 1:
        die_with(worker, value.get_lock())
    worker.sleep(0.2)
    value.value += 1

def of_queue(worker, value, items):
    if worker.team > 1 and worker.index == 1:
        die_with(worker, items._wlock)
    worker.sleep(0.2)
    worker.put(items, worker.index)

def report(value, items):
    return {"value": value.value}

EXPERIMENT = Experiment(
    id="held", key="b", title="Killed with a lock in its hands", models=("processes",), report=report,
    variants={"value": of_value, "queue": of_queue}, watch="Nothing. At all.", setup=setup, counts=True,
)
"""


BY_DIGIT = [
    "io-bound", "cpu-bound", "identity", "shared-dict", "shared-value", "lost-update", "convoy", "gil-release",
    "deadlock", "queue",
]  # fmt: skip


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the program with one file more."""
    shutil.copytree(Path(pconc_tui.__file__).parent, tmp_path / "pconc_tui")
    (tmp_path / "pconc_tui" / "experiments" / "added_one.py").write_text(SOURCE)
    (tmp_path / "pconc_tui" / "experiments" / "held.py").write_text(HELD)
    return tmp_path


def pconc(package: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pconc_tui", *arguments],
        cwd=package,
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=LONG_S,
        check=False,
    )


def test_it_is_listed(package: Path) -> None:
    assert "added-one" in pconc(package, "list").stdout


def is_chosen(id: str, text: str) -> bool:
    return re.search(rf"next: .* of {id}\b", text.splitlines()[1]) is not None and "Choose an experiment" not in text


@pytest.mark.parametrize("size", [(160, 45), (80, 24), (60, 20)])
def test_each_of_twelve_experiments_has_a_key_in_the_list(package: Path, size: tuple[int, int]) -> None:
    terminal = Terminal(
        sys.executable, "-P", "-m", "pconc_tui", columns=size[0], lines=size[1], PYTHONPATH=str(package)
    )
    try:
        terminal.until("take a tour")
        for key, id in (*zip("1234567890", BY_DIGIT, strict=True), ("a", "added-one"), ("b", "held")):
            terminal.send("e")
            terminal.until(lambda text: "Choose an experiment" in text and re.search(r" 1 io-bound ", text))
            if key in "ab":
                terminal.send("\x1b[F")
                terminal.until(f" {key} {id} ")
            terminal.send(key)
            terminal.until(partial(is_chosen, id))
        terminal.send("?")
        terminal.until(lambda text: "Keys" in text)
        terminal.send("\t")
        shown = terminal.until("▸Keys")
        while not re.search(r"e b +Experiment held", shown):
            terminal.send("\x1b[B")  # Line by line: a page could be read half-drawn, and be gone.
            shown = terminal.until(partial(operator.ne, shown))
    finally:
        terminal.close()


@pytest.mark.parametrize("model", ALL_MODELS)
def test_a_worker_that_raises_says_so_and_the_rest_goes_on(package: Path, model: str) -> None:
    name = {"threads": "Thread", "processes": "Process", "interpreters": "Interp"}.get(model, "Task")
    command = ("run", "added-one", "--model", model, "--workers", "3", "--json", "--python", needed("3.14"))
    result = pconc(package, *command)
    assert result.returncode == 1
    found = json.loads(result.stdout)
    assert [worker["state"] for worker in found["workers_detail"]] == ["done", f"ValueError: {name}-2 is bad", "done"]
    assert found["problem"] == f"{name}-2: ValueError: {name}-2 is bad"
    assert found["ratio"] is None
    lines = [line["text"] for line in found["log"] if line["worker"] == f"{name}-2"]
    assert lines[0] == "begins"
    assert lines[-1] == f"ValueError: {name}-2 is bad"
    assert f"added-one is incomplete: {name}-2: ValueError: {name}-2 is bad" in result.stderr


def test_where_the_one_run_fails_there_are_no_n_runs(package: Path) -> None:
    result = pconc(package, "run", "added-one", "--variant", "all")
    assert result.returncode == 1
    assert "incomplete: Thread-1: KeyError: 'gone'" in result.stdout


@pytest.mark.parametrize("variant", ["value", "queue"])
def test_who_is_killed_with_a_lock_inside_what_is_shared_keeps_nobody_for_ever(package: Path, variant: str) -> None:
    result = pconc(package, "run", "held", "--variant", variant, "--workers", "3", "--json")
    assert result.returncode == 1
    found = json.loads(result.stdout)
    assert found["problem"] == "Process-2: killed by signal 9"
    endings = [worker["state"] for worker in found["workers_detail"]]
    assert endings == (
        ["stopped", "killed by signal 9", "stopped"] if variant == "value" else ["done", endings[1], "done"]
    )
