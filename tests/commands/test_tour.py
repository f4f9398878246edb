"""`pconc-tui tour`: the list, usage errors, and a check with real workers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pconc_tui.tours import library
from tests.support import LONG_S
from tests.terminal import PROGRAM

SHORT = """
title = "Who"
[[step]]
title = "Threads"
experiment = "identity"
workers = 3
do = "measure"
question = "How many?"
answers = ["one", "three"]
right = 1
reveal = "{identity}"
claims = ["pids == 1", "names == 3"]
name = "threads"
[[step]]
title = "Live"
experiment = "cpu-bound"
workers = 2
do = "launch"
times = 1
reveal = "{workers} after {threads.pids} process"
claims = ["busy <= 2"]
[[step]]
title = "Stopped"
do = "stop"
"""
FALSE = SHORT.replace("names == 3", "names == 4")
SKIPPED = SHORT.replace('"cpu-bound"', '"cpu-bound"\npython = "3.99"')


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, "tour", *arguments], capture_output=True, text=True, timeout=LONG_S)


def check(tmp_path: Path, text: str) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "who.toml"
    path.write_text(text)
    return run(str(path), "--check")


def test_the_list_has_a_name_and_a_title_in_each_line() -> None:
    lines = run("--list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(library.names())
    assert lines[0].startswith("one-minute       One minute: ")


def test_every_tour_that_comes_with_the_program_can_be_read() -> None:
    assert {"the-story", "one-minute", "convoy", "lost-updates", "without-the-gil", "your-function"} == {
        each.name for each in library.all_tours()
    }


def test_a_check_prints_each_claim_with_its_figures(tmp_path: Path) -> None:
    done = check(tmp_path, SHORT)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:6] == [
        "who: Who",
        "",
        "1 Threads",
        "  3 threads, 1 process",
        "  held: pids == 1 · pids 1",
        "  held: names == 3 · names 3",
    ]
    assert "  2 threads after 1 process" in lines
    assert "3 Stopped" in lines


def test_a_check_fails_where_a_claim_does_not_hold(tmp_path: Path) -> None:
    done = check(tmp_path, FALSE)
    assert done.returncode == 1
    assert "  did NOT hold: names == 4 · names 3" in done.stdout
    assert "  this run does not bear it out" in done.stdout


def test_a_step_without_its_interpreter_is_skipped_with_the_reason(tmp_path: Path) -> None:
    done = check(tmp_path, SKIPPED)
    assert done.returncode == 0
    assert "  skipped: Python 3.99 was not found on this machine" in done.stdout


def test_a_tour_runs_a_function_of_the_person_who_takes_it(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("def crunch():\n    sum(range(300_000))\n")
    (tmp_path / "own.toml").write_text(
        'title = "Own"\n[[step]]\ntitle = "Threads"\nexperiment = "function"\nworkers = 2\ndo = "measure"\n'
        'reveal = "{workers}"\nclaims = ["busy > 0"]'
    )
    done = run(str(tmp_path / "own.toml"), f"{tmp_path}/own.py:crunch", "--check")
    assert done.returncode == 0, done.stderr
    assert "  held: busy > 0" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none", "--check"], "no tour 'none'; there are one-minute, the-story, "),
        (["none.toml", "--check"], "can't read none.toml: No such file or directory"),
        (["your-function", "--check"], "your-function runs a function of yours: pconc-tui tour your-function file.py:"),
        (["one-minute", "a:b", "--check"], "one-minute runs no function of yours; omit a:b"),
        (["your-function", "none.py:crunch", "--check"], "none.py"),
        (["one-minute", "--list"], "--list lists all tours; omit the name"),
        ([], "a tour needs a terminal; without one, use --check or --list"),
        (["one-minute"], "a tour needs a terminal; without one, use --check or --list"),
        (["--check"], "name the tour to check; `pconc-tui tour --list` lists them"),
        (["--check", "--list"], "argument --list: not allowed with argument --check"),
    ],
)
def test_a_usage_error_is_one_line(arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_error_in_a_file_names_its_line(tmp_path: Path) -> None:
    done = check(tmp_path, SHORT.replace("pids == 1", "pids is 1"))
    assert done.returncode == 2
    assert f"{tmp_path}/who.toml:12: claims: 'pids is 1' is not a value" in done.stderr
