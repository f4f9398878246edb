"""A user's own function on the command line: figures, tracebacks and usage errors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pconc_tui.commands.json_fields import RUN_FIELDS
from pconc_tui.kernel.perf_event import access
from tests.commands.test_run import field_names
from tests.support import LONG_S, complaints

pytestmark = pytest.mark.usefixtures("own_code")


def pconc(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "pconc_tui", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=LONG_S,
        check=False,
    )


def started(*arguments: str) -> subprocess.Popen[str]:
    """The running command, which reads nothing; its outputs are pipes."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "pconc_tui", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("command", "id"),
    [
        ("run", "none.py:crunch"),
        ("run", "work.py:none"),
        ("run", "work.py:NUMBER"),
        ("run", "broken.py:crunch"),
        ("compare", "none.py:crunch"),
    ],
)
def test_a_usage_error_is_one_line(command: str, id: str, own_code: Path) -> None:
    (own_code / "broken.py").write_text("def crunch(:\n")
    result = pconc(command, id)
    assert result.returncode == 2
    assert result.stderr.startswith("pconc-tui: ")
    assert complaints(result.stderr).count("\n") == 1
    assert result.stdout == ""


def test_a_function_that_turns_out_not_callable_is_a_usage_error() -> None:
    result = pconc("run", "work.py:chosen", "--json")
    assert result.returncode == 2
    assert "chosen is not callable, it is of type int" in result.stderr
    assert complaints(result.stderr).count("\n") == 1
    assert json.loads(result.stdout)["problem"]


def test_a_scale_is_refused() -> None:
    result = pconc("run", "work.py:crunch", "--scale", "0.5")
    assert result.returncode == 2
    assert "omit --scale" in result.stderr


def as_json(id: str, *arguments: str) -> dict[str, Any]:
    result = pconc("run", id, "--workers", "2", "--json", *arguments)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def test_json_has_the_source_of_each_lane() -> None:
    sampled, probed = as_json("work.py:crunch"), as_json("work.py:probed")
    own = as_json("io-bound", "--scale", "0.02")
    best = access().source or "sampled"
    for found, source in ((sampled, best), (probed, access().source or "reported"), (own, "reported")):
        assert {worker["lanes"]["source"] for worker in found["workers_detail"]} == {source}
        assert field_names(found) <= {*RUN_FIELDS, "log"}
    assert sampled["experiment"] == "work.py:crunch"
    assert [worker["iterations"] for worker in sampled["workers_detail"]] == [None, None]
    assert [worker["iterations"] for worker in probed["workers_detail"]] == [200, 200]
    assert {bool(worker["lanes"]["rate_hz"]) for worker in sampled["workers_detail"]} == {best == "sampled"}
    assert {worker["lanes"]["rate_hz"] for worker in own["workers_detail"]} == {None}
    for worker in sampled["workers_detail"]:
        states = ("running_s", "gil_wait_s", "core_wait_s", "io_s", "lock_wait_s", "unknown_s")
        assert sum(worker[state] for state in states) == pytest.approx(worker["wall_s"], rel=0.01)


def test_the_text_has_the_source_of_the_lanes() -> None:
    lanes = "lanes sampled " if access().source is None else "lanes from the kernel's scheduling records"
    assert f"\n{lanes}" in pconc("run", "work.py:crunch").stdout
    probed = "lanes by probe()" if access().source is None else lanes
    assert f"\n{probed}" in pconc("run", "work.py:probed").stdout


def test_a_traceback_is_printed_on_stderr_and_in_json() -> None:
    result = pconc("run", "work.py:chained", "--json")
    assert result.returncode == 1
    assert result.stderr.startswith("Traceback (most recent call last):\n  File ")
    assert "worker 1 is bad" in result.stderr
    assert "The above exception was the direct cause" in result.stderr
    assert "pconc_tui" not in result.stderr
    assert result.stderr.splitlines()[-2:] == [
        "RuntimeError: worse",
        "pconc-tui: work.py:chained is incomplete: Thread-1: RuntimeError: worse",
    ]
    (worker,) = json.loads(result.stdout)["workers_detail"]
    assert worker["traceback"] + "\n" == result.stderr.rpartition("pconc-tui:")[0]


@pytest.mark.parametrize("name", ["threads", "processes", "asyncio", "process-pool"])
def test_a_module_that_raises_is_the_only_file_in_the_traceback(name: str, own_code: Path) -> None:
    (own_code / "raises.py").write_text("def it():\n    pass\n\n1 / 0\n")
    result = pconc("run", "raises.py:it", "--model", name)
    assert result.returncode == 1
    files = [line for line in result.stderr.splitlines() if line.startswith("  File")]
    assert len(files) == 1
    assert "raises.py" in files[0]
    assert "ZeroDivisionError: division by zero" in result.stderr


def test_compare_accepts_a_function() -> None:
    result = pconc(
        "compare", "work.py:crunch", "--models", "threads,processes", "--python", sys.executable,
        "--workers", "2", "--repeat", "1", "--json",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert [row["model"] for row in found["rows"]] == ["threads", "processes"]
    assert all(row["n_runs_s"] for row in found["rows"])
