"""What `run` and `compare` say of workers that wait for ever."""

from __future__ import annotations

import json
import re
import signal
import sys

import pytest

from pconc_tui.commands.json_fields import RUN_FIELDS
from tests.commands.test_user_function_command import pconc, started
from tests.support import complaints

pytestmark = pytest.mark.usefixtures("own_code")
ADVICE = "pconc-tui: this is the one run, of one worker; if it waits for others, use --no-single-run"


def until_said(text: str, *arguments: str) -> tuple[str, str]:
    """Run the command until it says this on standard error, and press Ctrl+C; returns both outputs."""
    with started(*arguments) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = next(line for line in process.stderr if text in line)
        process.send_signal(signal.SIGINT)
        out, errors = process.stdout.read(), process.stderr.read()
    return out, said + errors


def test_run_says_it_while_the_workers_wait_and_in_its_result() -> None:
    out, errors = until_said("Thread-1 waits", "run", "waits.py:item", "--workers", "2")
    where = r"Thread-1 waits for an item of a queue in `item`, waits.py:\d+, for \d+\.\d s"
    said, advice, *rest = complaints(errors).splitlines()
    assert re.fullmatch(f"pconc-tui: {where}", said)
    assert advice == ADVICE
    assert rest == ["pconc-tui: waits.py:item is incomplete: interrupted"]
    assert re.fullmatch(where, out.splitlines()[-1])


def test_workers_without_the_single_run_need_no_advice() -> None:
    arguments = "run", "waits.py:lock", "--workers", "2", "--no-single-run", "--json"
    out, errors = until_said("Thread-2 waits", *arguments)
    assert "--no-single-run" not in errors
    first, _ = json.loads(out)["blocked"]
    assert {f"blocked[].{name}" for name in first} == {name for name in RUN_FIELDS if name.startswith("blocked[].")}
    assert {**first, "line": 0, "path": "", "blocked_s": 0} == {
        "worker": "Thread-1", "does": "waits for a lock", "blocked_s": 0, "function": "lock", "path": "", "line": 0,
    }  # fmt: skip


def test_compare_says_it() -> None:
    arguments = "compare", "waits.py:lock", "--models", "threads", "--workers", "2", "--python", sys.executable
    _, errors = until_said("Thread-1 waits", *arguments)
    assert ADVICE in errors.splitlines()


def test_workers_that_sleep_are_described_only_at_an_early_end() -> None:
    for limit in ("5", "20", "80"):  # On a busy machine, nothing has started yet after 5 s.
        result = pconc("run", "waits.py:long_nap", "--workers", "2", "--time-limit", limit)
        if "Thread-1 sleeps" in result.stdout:
            break
    incomplete = f"pconc-tui: waits.py:long_nap is incomplete: the time limit of {limit} s is over\n"
    assert complaints(result.stderr) == incomplete
    assert re.fullmatch(r"Thread-1 sleeps in `long_nap`, waits.py:\d+, for \d+\.\d s", result.stdout.splitlines()[-1])
