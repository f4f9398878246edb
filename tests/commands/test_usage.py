"""Wrong command lines: exit status 2 and exactly one line on standard error."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pconc_tui import cli

NUMBERS = "", " ", "1_0", "１０", "٣", "nan", "inf", "-inf", "-0", "-1", "+4", "0x4", " 4", "4 ", "four", "9" * 5000
"""Not a number in plain digits, or out of all limits."""
RUN = "run", "cpu-bound"
COMPARE = "compare", "cpu-bound", "--python", sys.executable
WRONG = [
    *([*RUN, "--workers", text] for text in (*NUMBERS, "0", "257", "1.5", "1,2")),
    *([*RUN, "--scale", text] for text in (*NUMBERS, "0", "1001", "1e9")),
    *([*RUN, "--switch-interval", text] for text in (*NUMBERS, "0.00001", "2")),
    *([*RUN, "--time-limit", text] for text in (*NUMBERS, "0", "0.01")),
    *(["run", "work.py:crunch", "--calls", text] for text in (*NUMBERS, "0", "1.5", "1000001")),
    *([*COMPARE, "--workers", text] for text in (*NUMBERS, "2,", ",2", "2,,4", "2,x", "2;4")),
    *([*COMPARE, "--repeat", text] for text in (*NUMBERS, "0", "101", "1.5")),
    *([*RUN, option, text] for option in ("--model", "--variant", "--python", "--spans") for text in ("", " ", "\t")),
    *([*COMPARE, option, text] for option in ("--python", "--variant", "--csv") for text in ("", " ")),
    *(
        [*COMPARE, option, text]
        for option in ("--models", "--start-method")
        for text in ("", ",", " , ", "threads,", "x")
    ),
    *([command, text] for command in ("run", "compare") for text in ("", " ", "cpu_bound", "CPU-BOUND", "1", "a\nb")),
    *(
        [command]
        for command in ("run", "compare", "rum", "", " ", "--", "-x", "--json", "a\nb", "\x1b[31m", "dashbord")
    ),
    *([*RUN, option] for option in ("--workers", "--model", "--spans", "--jason", "--csv", "-w", "--calls", "extra")),
    *([*COMPARE, option] for option in ("--lock", "--spans", "--models", "--python", "extra")),
    ["run", "work.py:"],
    ["run", ":crunch"],
    ["run", "a b:crunch"],
    ["run", "work.py:not-a-name"],
    ["run", "work.py:crunch:crunch"],
    ["run", "none.py:crunch"],
    ["run", "folder/:crunch"],
    ["run", "none\nsuch.py:crunch"],
    ["run", "work.py:none"],
    ["run", "work.py:crunch", "--scale", "2"],
    ["compare", "work.py:crunch", "--python", sys.executable, "--scale", "0.5"],
    [*RUN, "--calls", "2"],
    [*COMPARE, "--calls", "2"],
    [*RUN, "--lock"],
    [*RUN, "--lock", "--no-lock"],
    ["run", "shared-dict", "--variant", "lock", "--no-lock"],
    ["run", "shared-dict", "--model", "processes"],
    [*RUN, "--model", "Threads"],
    [*RUN, "--model", "fib\x1b[2Jers"],
    [*RUN, "--variant", "none"],
    [*RUN, "--start-method", "fork"],
    [*RUN, "--start-method", "forked", "--model", "processes"],
    [*RUN, "--python", "/no/such"],
    [*RUN, "--python", "9.9"],
    [*RUN, "--python", "/etc/passwd"],
    [*RUN, "--python", "/bin/true"],
    [*RUN, "--spans", "/no/such/file"],
    [*RUN, "--spans", "/no\nsuch/\x1b[31mfile"],
    [*RUN, "--spans", "/"],
    [*COMPARE, "--csv", "/"],
    [*COMPARE, "--json", "--csv", "rows.csv"],
    [*COMPARE, "--start-method", "fork", "--models", "threads"],
    ["list", "extra"],
    ["list", "--spans"],
    ["notes"],
    ["notes", "extra"],
    ["notes", "--list"],
    ["notes", "\x1b[2J"],
    ["dashboard"],
    ["dashboard", ""],
    ["dashboard", "work.py:crunch", "extra"],
    ["work.py:crunch", "extra"],
    [],
]


def test_there_are_enough() -> None:
    assert len(WRONG) >= 120


def test_a_wrong_command_line_is_refused_in_one_line(own_code: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short = {}
    for arguments in WRONG:
        with pytest.raises(SystemExit) as exit:
            cli.main(arguments)
        output, errors = capsys.readouterr()
        printable = errors.endswith("\n") and errors[:-1].isprintable()
        if (exit.value.code, output, printable) != (2, "", True):
            short[" ".join(arguments)] = exit.value.code, output, errors
    assert short == {}


def test_numbers_in_plain_digits_are_accepted(own_code: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for option, text in (
        ("--workers", "4"),
        ("--scale", "0.5"),
        ("--scale", "1e-2"),
        ("--scale", ".5"),
        ("--scale", "2."),
    ):
        with pytest.raises(SystemExit):
            cli.main([*RUN, option, text, "--variant", "none"])
        assert "no variant 'none'" in capsys.readouterr().err
