"""`pconc-tui run` and `list`: their text, JSON and spans, and their errors."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pconc_tui import experiments
from pconc_tui.commands.json_fields import RUN_FIELDS, SPAN_FIELDS
from pconc_tui.monitor.cpu_quota import usable_cores
from tests.process_roles import WORKER, processes
from tests.support import LONG_S, complaints, eventually, nothing_outlives

SHARING = (
    ["shared-value"],
    ["lost-update", "--scale", "0.02"],
    ["convoy", "--scale", "0.02"],
    ["deadlock"],
    ["queue", "--scale", "0.1"],
)
Result = subprocess.CompletedProcess[str]


def pconc(*arguments: str, **environment: str) -> Result:
    """Run the command line as a user would, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "pconc_tui", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
        timeout=LONG_S,
        check=False,
    )


@cache
def as_json(*arguments: str) -> dict[str, Any]:
    """The JSON of a run, which several tests may share."""
    result = pconc("run", *arguments, "--json")
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def field_names(value: Any, prefix: str = "") -> set[str]:
    """The dotted names of all fields, as in the documentation."""
    names: set[str] = set()
    if isinstance(value, list):
        return names.union(*(field_names(each, f"{prefix}[]") for each in value))
    if not isinstance(value, dict):
        return {prefix}
    for name, inner in value.items():
        names |= field_names(inner, f"{prefix}.{name}" if prefix else name)
    return names


def test_it_prints_both_times_the_slowdown_and_a_table_of_workers() -> None:
    result = pconc("run", "cpu-bound", "--scale", "0.1", "--workers", "2")
    assert result.returncode == 0
    assert complaints(result.stderr) == ""
    line = r"^One run took [\d.]+ m?s · Two runs took [\d.]+ m?s · [\d.]+ x · threads$"
    assert re.search(line, result.stdout, re.MULTILINE)
    ideal = f"{max(1, 2 / usable_cores()):.2f}"
    line = rf"^slowdown [\d.]+, ideal {ideal} · speed-up [\d.]+ · cores busy [\d.]+ of \d+ "
    assert re.search(line, result.stdout, re.MULTILINE)
    rows = re.findall(r"^Thread-\d +\d+ +\d+ .* 1,000,000 +\d+  done$", result.stdout, re.MULTILINE)
    assert len(rows) == 2


def test_the_json_object_has_every_documented_field_and_no_other() -> None:
    names = field_names(as_json("cpu-bound", "--scale", "0.1"))
    for arguments in SHARING:
        names |= field_names(as_json(*arguments))
    names = {name for name in names if not name.startswith("variants[]")} | {"variants[]"}
    elsewhere = "counters.object", "blocked[]."  # Below, and in `test_standstill.py`.
    assert names == {name for name in RUN_FIELDS if not name.startswith(elsewhere)}
    assert field_names(as_json("shared-dict")["counters"]["object"]) == {"0", "1", "2", "3"}


def test_help_documents_every_field() -> None:
    text = pconc("run", "--help").stdout
    for name in (*RUN_FIELDS, *SPAN_FIELDS):
        assert re.search(rf"^  {re.escape(name)}  ", text, re.MULTILINE), name


def test_the_five_states_add_up_to_the_wall_time() -> None:
    found = as_json("cpu-bound", "--scale", "0.05", "--workers", "3", "--model", "processes")
    assert len(found["workers_detail"]) == 3
    for worker in found["workers_detail"]:
        states = ("running_s", "gil_wait_s", "core_wait_s", "io_s", "lock_wait_s")
        assert sum(worker[state] for state in states) == pytest.approx(worker["wall_s"], rel=0.01)
        assert worker["wall_s"] <= found["n_runs_s"]


@pytest.mark.parametrize("interval", ["0.005", "0.00005"])
def test_spans_have_no_gaps_and_add_up_to_the_times(tmp_path: Path, interval: str) -> None:
    file = tmp_path / "spans.jsonl"
    found = as_json("cpu-bound", "--scale", "0.1", "--spans", str(file), "--switch-interval", interval)
    assert found["python"]["switch_interval_s"] == float(interval)
    spans = [json.loads(line) for line in file.read_text().splitlines()]
    assert set(spans[0]) == set(SPAN_FIELDS)
    for worker in found["workers_detail"]:
        own = [span for span in spans if span["worker"] == worker["name"]]
        assert {(span["pid"], span["native_id"]) for span in own} == {(worker["pid"], worker["native_id"])}
        assert all(before["end_ns"] == after["start_ns"] for before, after in pairwise(own))
        assert all(span["start_ns"] < span["end_ns"] for span in own)
        for state in ("running", "gil_wait", "core_wait", "io", "lock_wait"):
            total = sum(span["end_ns"] - span["start_ns"] for span in own if span["state"] == state)
            assert total / 1e9 == pytest.approx(worker[f"{state}_s"], abs=1e-6)


def test_lost_updates_are_reported_for_every_variant() -> None:
    found = as_json("lost-update", "--scale", "0.05", "--model", "processes")
    assert [each["variant"] for each in found["variants"]] == ["call", "plain", "lock"]
    assert found["counters"] == found["variants"][0]["counters"]
    for each in found["variants"]:
        shared = each["counters"]
        assert shared["expected"] == 40_000
        assert shared["lost"] == shared["expected"] - shared["value"]
    assert found["variants"][2]["counters"]["lost"] == 0


@pytest.mark.parametrize(("flag", "variant", "locked"), [("--lock", "lock", True), ("--no-lock", "no-lock", False)])
def test_lock_and_no_lock_choose_the_variant(flag: str, variant: str, locked: bool) -> None:
    found = as_json("shared-dict", flag)
    assert (found["variant"], found["lock"]) == (variant, locked)


def test_there_is_no_ratio_where_n_workers_do_not_do_n_times_the_work() -> None:
    for found in (as_json("convoy", "--scale", "0.02"), as_json("queue", "--scale", "0.1")):
        assert (found["ratio"], found["ideal_ratio"], found["speedup"]) == (None, None, None)
        assert found["no_ratio"].startswith("its workers do different work")
    text = pconc("run", "convoy", "--scale", "0.02").stdout
    assert "speed-up" not in text
    assert "\nno ratio: its workers do different work" in text
    assert "speed-up" in pconc("run", "cpu-bound", "--scale", "0.1").stdout


def test_a_deadlock_ends_after_a_time_limit_and_is_a_result() -> None:
    found = as_json("deadlock")
    one, other = found["counters"]["deadlock"]
    assert (one["worker"], other["worker"]) == (other["holder"], one["holder"])
    assert found["problem"] is None
    assert found["one_run_s"] is not None
    assert (found["n_runs_s"], found["ratio"], found["speedup"]) == (None, None, None)


def test_the_throughput_and_depth_of_a_queue_are_reported() -> None:
    found = as_json("queue", "--scale", "1")["counters"]
    assert 0 <= found["depth_mean"] <= found["depth_max"] <= 102
    text = pconc("run", "queue", "--scale", "1").stdout
    items = r"^queue: 10,000 items put, 10,000 taken, [\d,]+ a second; depth \d+ on average, \d+ at"
    assert re.search(items, text, re.M)


def test_another_interpreter_runs_the_workers(python: str, request: pytest.FixtureRequest) -> None:
    found = as_json("shared-value", "--python", python)
    version = request.node.callspec.id
    assert found["python"]["version"].startswith(version.rstrip("t") + ".")
    assert found["python"]["free_threaded_build"] is version.endswith("t")
    assert found["counters"] == {"plain_num": 0, "shared_num": 4}


def test_list_names_every_experiment() -> None:
    found = json.loads(pconc("list", "--json").stdout)["experiments"]
    text = pconc("list").stdout
    assert sorted(each["id"] for each in found) == list(experiments.ids())
    assert all(each["id"] in text and each["title"] in text for each in found)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "nothing"], "no experiment 'nothing'; there are convoy"),
        (["run"], "required: ID"),
        (["run", "cpu-bound", "--model", "fibers"], "'fibers'; it runs as threads, free-threaded, processes"),
        (["run", "shared-dict", "--model", "processes"], "it runs as threads"),
        (["run", "cpu-bound", "--workers", "0"], "'0' is not a number from 1 to 256"),
        (["run", "cpu-bound", "--workers", "257"], "'257' is not a number from 1 to 256"),
        (["run", "cpu-bound", "--workers", "four"], "'four' is not a number from 1 to 256"),
        (["run", "cpu-bound", "--scale", "nan"], "'nan' is not a number"),
        (["run", "cpu-bound", "--switch-interval", "2"], "is not a number from 5e-05 to 1"),
        (["run", "cpu-bound", "--variant", "other"], "no variant 'other'; it has calls"),
        (["run", "cpu-bound", "--lock"], "takes no lock"),
        (["run", "lost-update", "--variant", "plain", "--lock"], "contradict"),
        (["run", "cpu-bound", "--python", "/no/such"], "interpreter /no/such: not found"),
        (["run", "cpu-bound", "--python", "/bin/true"], "does not run as Python"),
        (["run", "cpu-bound", "--python", "/etc/passwd"], "is not executable"),
        (["run", "cpu-bound", "--spans", "/no/such/file"], "can't write /no/such/file: No such file"),
        (["fly"], "invalid choice: 'fly'"),
        ([], "needs a terminal"),
    ],
)
def test_a_usage_error_is_one_line(arguments: list[str], message: str) -> None:
    result = pconc(*arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert complaints(result.stderr).count("\n") == 1
    assert result.stdout == ""


def test_another_implementation_or_an_old_version_is_refused(tmp_path: Path) -> None:
    fake = tmp_path / "python"
    for name, version in (("pypy", "3.11.1"), ("cpython", "3.8.1")):
        fake.write_text(f"#!/bin/sh\nprintf '{name}\\n{version}\\n/x\\n0\\n1\\n0\\n'\n")
        fake.chmod(0o755)
        result = pconc("run", "cpu-bound", "--python", str(fake))
        assert result.returncode == 2
        assert f"is {name} {version}; the lab needs CPython 3.9 or later" in result.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.parametrize("model", ["threads", "processes"])
def test_nothing_outlives_it(number: signal.Signals, model: str) -> None:
    nothing_outlives(number, "run", "cpu-bound", "--scale", "50", "--model", model)


def test_a_killed_worker_makes_the_measurement_incomplete() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "pconc_tui", "run", "cpu-bound", "--model", "processes", "--scale", "2", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        eventually(lambda: len(processes(process.pid).get(WORKER, ())) == 4)
        processes(process.pid)[WORKER][-1].kill()
        output, errors = process.communicate(timeout=LONG_S)
    assert process.returncode == 1
    result = json.loads(output)
    assert result["ratio"] is None
    assert "killed by signal 9" in result["problem"]
    assert sorted(worker["state"] for worker in result["workers_detail"]) == ["done"] * 3 + ["killed by signal 9"]
    assert "incomplete" in errors
