"""Measurements that are ended early, made without the single run, or made longer by several calls."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.test_user_function_command import pconc, started
from tests.support import LONG_S, complaints, eventually

pytestmark = pytest.mark.usefixtures("own_code")
QUICK = "--workers", "2", "--repeat", "1", "--python", sys.executable


def interrupted(reached: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command until its function has made this file, and press Ctrl+C."""
    reached.unlink(missing_ok=True)
    with started(*arguments) as process:
        eventually(reached.exists)
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=LONG_S)
    return subprocess.CompletedProcess(arguments, process.returncode, out, errors)


def test_after_the_time_limit_what_was_measured_is_printed() -> None:
    for limit in ("1", "8", "64"):  # On a busy machine, nothing has started yet after 1 s.
        result = pconc("run", "work.py:exchanges", "--workers", "2", "--time-limit", limit)
        if "\nThread-1 " in result.stdout:
            break
    assert result.returncode == 1
    assert f"One run took - · incomplete: the time limit of {limit} s is over · threads" in result.stdout
    assert "\nThread-1 " in result.stdout
    said = result.stderr.splitlines()
    assert f"pconc-tui: work.py:exchanges is incomplete: the time limit of {limit} s is over" in said
    assert sum("--no-single-run" in line for line in said) == 1


def test_workers_that_need_each_other_are_measured_without_the_single_run() -> None:
    result = pconc("run", "work.py:exchanges", "--workers", "2", "--no-single-run", "--json")
    found = json.loads(result.stdout)
    assert (result.returncode, complaints(result.stderr)) == (0, "")
    assert (found["problem"], found["one_run_s"], found["ratio"], found["speedup"]) == (None, None, None, None)
    assert found["no_ratio"] == "measured without the single run"
    assert (found["ideal_ratio"], found["core_share"]) == (None, None)
    assert found["n_runs_s"] > 0
    text = pconc("run", "work.py:exchanges", "--workers", "2", "--no-single-run").stdout
    assert "\nTwo runs took " in text
    assert "One run" not in text
    result = pconc("compare", "work.py:exchanges", "--models", "threads", *QUICK, "--no-single-run", "--json")
    (row,) = json.loads(result.stdout)["rows"]
    assert (row["one_run_s"], row["speedup"], row["problem"]) == (None, None, None)
    assert row["n_runs_s"] > 0


def test_ctrl_c_prints_the_table_so_far(own_code: Path) -> None:
    arguments = "run", "work.py:endless_in_a_process", "--model", "processes", "--workers", "2", "--json"
    result = interrupted(own_code / "reached", *arguments)
    found = json.loads(result.stdout)
    assert (result.returncode, found["problem"]) == (130, "interrupted")
    assert [worker["name"] for worker in found["workers_detail"]] == ["Process-1"]
    assert "is incomplete: interrupted" in result.stderr
    assert "Traceback" not in result.stderr


def test_ctrl_c_in_a_comparison_keeps_the_rows_that_were_measured(own_code: Path) -> None:
    arguments = "compare", "work.py:endless_in_a_process", "--models", "threads,processes", *QUICK
    result = interrupted(own_code / "reached", *arguments)
    assert result.returncode == 130
    rows = [line for line in result.stdout.splitlines() if " threads " in line or " processes " in line]
    assert len(rows) == 1
    assert "\nincomplete: interrupted\nNo verdict: incomplete: " in result.stdout
    assert complaints(result.stderr) == "pconc-tui: work.py:endless_in_a_process is incomplete: interrupted\n"


def test_a_comparison_ends_after_its_time_limit() -> None:
    arguments = "compare", "work.py:endless_in_a_process", "--models", "threads,processes", *QUICK
    result = pconc(*arguments, "--time-limit", "2", "--json")
    assert result.returncode == 1
    assert json.loads(result.stdout)["problem"] == "the time limit of 2 s is over"


@pytest.mark.parametrize("model", ["threads", "processes", "asyncio"])
def test_each_worker_calls_the_function_several_times(model: str, own_code: Path) -> None:
    for file in own_code.glob("calls-*"):
        file.unlink()
    arguments = "run", "work.py:counts_calls", "--model", model, "--workers", "2", "--calls", "3", "--no-single-run"
    found = json.loads(pconc(*arguments, "--json").stdout)
    assert (found["calls"], found["problem"]) == (3, None)
    assert {file.name: file.read_text() for file in own_code.glob("calls-*")} == {"calls-0": "xxx", "calls-1": "xxx"}


def test_runs_that_are_too_short_are_made_longer_by_calls() -> None:
    text = pconc("run", "work.py:add", "--help").stdout
    assert "--calls N" in text
    assert "; do more work (--calls N)" in pconc("run", "work.py:without", "--workers", "2").stdout
