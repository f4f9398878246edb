"""`pconc-tui compare` on real runs: its table, JSON and CSV, and its errors."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from pconc_tui.commands.json_fields import COMPARE_FIELDS
from tests.commands.test_run import field_names, pconc
from tests.support import LONG_S, complaints, eventually, needed, nothing_outlives

QUICK = ("--scale", "0.02", "--repeat", "2", "--workers", "2")


def test_the_json_object_has_every_documented_field_and_no_other() -> None:
    python = sys.executable
    result = pconc(
        "compare", "cpu-bound", *QUICK, "--models", "threads,interpreters,processes", "--python", python, "--json"
    )
    found = json.loads(result.stdout)
    assert (result.returncode, complaints(result.stderr)) == (0, "")
    names = field_names(found)
    if not found["skipped"]:
        names |= {name for name in COMPARE_FIELDS if name.startswith("skipped[]")}
    assert names == set(COMPARE_FIELDS)
    assert [row["model"] for row in found["rows"]][:: len(found["rows"]) - 1] == ["threads", "processes"]
    for row in found["rows"]:
        assert row["repeats"] == 2
        assert row["n_runs_s_min"] <= row["n_runs_s"] <= row["n_runs_s_max"]
        assert 0 < row["launch_s"] < LONG_S
        assert 0 <= row["gil_wait"] + row["core_wait"] <= 1
    assert (found["verdict"] is None) is not (found["no_verdict"] is None)


def test_memory_is_the_memory_of_the_workers_processes() -> None:
    # It is read while all of them live: a busy machine may run one after another if they are short.
    result = pconc(
        "compare", "cpu-bound", "--scale", "0.8", "--repeat", "1", "--workers", "2", "--models", "threads,processes",
        "--python", sys.executable, "--json",
    )  # fmt: skip
    threads, processes = json.loads(result.stdout)["rows"]
    for row in (threads, processes):
        assert 2**20 < row["rss_bytes"] < 2**30
        if sys.platform == "linux":
            assert 2**20 < row["pss_bytes"] <= row["rss_bytes"]
    assert processes["rss_bytes"] > 1.5 * threads["rss_bytes"]


def test_the_table_and_the_csv_file_have_a_row_for_each_case(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    result = pconc(
        "compare", "io-bound", *QUICK, "--models", "threads,asyncio", "--python", sys.executable, "--csv", str(file)
    )
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[2].split()[:3] == ["python", "model", "N"]
    assert lines[3].split()[1:3] == ["threads", "2"]
    assert lines[4].split()[1:3] == ["asyncio", "2"]
    with open(file, newline="", encoding="utf-8") as text:
        found = list(csv.DictReader(text))
    assert [row["model"] for row in found] == ["threads", "asyncio"]
    assert {f"rows[].{name}" for name in found[0]} == {name for name in COMPARE_FIELDS if name.startswith("rows[]")}


def test_a_model_that_an_interpreter_lacks_is_skipped() -> None:
    pythons = "--python", needed("3.11"), "--python", needed("3.14")
    result = pconc("compare", "cpu-bound", *QUICK, "--models", "interpreters", *pythons, "--json")
    found = json.loads(result.stdout)
    assert [row["python"] for row in found["rows"]] == ["3.14"]
    assert [each["python"] for each in found["skipped"]] == ["3.11"]


def test_without_a_scale_a_trial_determines_it() -> None:
    result = pconc(
        "compare",
        "identity",
        "--models",
        "threads",
        "--python",
        sys.executable,
        "--repeat",
        "1",
        "--workers",
        "1",
        "--json",
    )
    found = json.loads(result.stdout)
    assert 0 < found["scale"] <= 1
    assert "measured once" in found["no_verdict"]


def test_help_documents_every_field() -> None:
    text = pconc("compare", "--help").stdout
    assert all(f"  {name}  " in text for name in COMPARE_FIELDS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "no experiment 'nothing'; there are convoy"),
        ([], "required: ID"),
        (["cpu-bound", "--models", "fibers"], "does not run as 'fibers'"),
        (["cpu-bound", "--models", ","], "--models is empty"),
        (["cpu-bound", "--workers", "0"], "'0' is not a number from 1 to 256"),
        (["cpu-bound", "--workers", "2,x"], "'x' is not a number from 1 to 256"),
        (["cpu-bound", "--repeat", "0"], "'0' is not a number from 1 to 100"),
        (["cpu-bound", "--scale", "nan"], "'nan' is not a number"),
        (["cpu-bound", "--python", "/no/such"], "interpreter /no/such: not found"),
        (["cpu-bound", "--variant", "other"], "no variant 'other'; it has calls"),
        (["cpu-bound", "--python", sys.executable, "--models", "free-threaded"], "uv python install"),
        (["cpu-bound", "--python", sys.executable, "--csv", "/no/such/file"], "can't write /no/such/file: No such"),
        (["cpu-bound", "--json", "--csv", "x"], "not allowed with"),
    ],
)
def test_a_usage_error_is_one_line(arguments: list[str], message: str) -> None:
    result = pconc("compare", *arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert complaints(result.stderr).count("\n") == 1
    assert result.stdout == ""


def test_an_exception_is_shown_with_its_traceback(own_code: Path) -> None:
    result = pconc("compare", "work.py:fails", "--models", "threads,processes", *QUICK[2:], "--python", sys.executable)
    assert result.returncode == 1
    traceback, end = result.stderr.split("ValueError: worker 0 is bad\n", 1)
    assert traceback.startswith("Traceback (most recent call last):\n  File ")
    assert "pconc_tui" not in traceback
    assert end.endswith(" (and 3 more)\n")


def test_an_interpreter_that_lacks_a_module_or_the_syntax_spoils_nothing(own_code: Path) -> None:
    (own_code / "newer.py").write_text(
        "def f(index):\n    import tomllib\n    match index:\n        case _: sum(range(10**6))\n"
    )
    for id, reason in (("newer.py:f", "SyntaxError"), ("work.py:parses", "No module named 'tomllib'")):
        pythons = "--python", needed("3.14"), "--python", needed("3.9")
        result = pconc("compare", id, "--models", "threads", *pythons, "--workers", "2", "--repeat", "2", "--json")
        found = json.loads(result.stdout)
        assert (result.returncode, complaints(result.stderr)) == (0, "")
        assert [row["python"] for row in found["rows"]] == ["3.14"]
        assert [each["python"] for each in found["skipped"]] == ["3.9"]
        assert reason in found["skipped"][0]["reason"]
        assert "incomplete" not in str(found["no_verdict"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_outlives_it(number: signal.Signals) -> None:
    command = ["compare", "cpu-bound", "--models", "processes", "--scale", "50"]
    nothing_outlives(number, *command, "--python", sys.executable)


def test_a_killed_worker_makes_it_incomplete() -> None:
    command = [sys.executable, "-m", "pconc_tui", "compare", "cpu-bound", "--models", "processes", "--repeat", "1"]
    with subprocess.Popen(
        [*command, "--workers", "4", "--scale", "0.5", "--python", sys.executable, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        found = psutil.Process(process.pid)
        eventually(lambda: len(found.children(recursive=True)) >= 5)
        max(found.children(recursive=True), key=lambda child: child.pid).kill()
        output, errors = process.communicate(timeout=LONG_S)
    assert process.returncode == 1
    result = json.loads(output)
    assert "killed by signal 9" in result["rows"][0]["problem"]
    assert result["no_verdict"].startswith("incomplete: processes")
    assert complaints(errors).count("\n") == 1
