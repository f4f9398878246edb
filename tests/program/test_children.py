"""Processes that functions leave are ended, however the function or the program ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.children import left
from tests.support import LONG_S

TRIED = [
    ("returned", "threads", "pool_fork"),
    ("returned", "processes", "daemonize"),
    ("terminated", "processes", "nested"),
    ("killed", "threads", "keeps_forking"),
    ("quit", "threads", "daemonize"),
    ("supervisor killed", "threads", "double_fork"),
    ("controller killed", "processes", "ignores_signals"),
]


@pytest.mark.parametrize(("end", "model", "kind"), TRIED)
def test_nothing_that_a_function_started_lives_on(end: str, model: str, kind: str, tmp_path: Path) -> None:
    found, printed = left(tmp_path, kind, end, model, limit_s=LONG_S)
    assert found == []
    if end == "returned":
        assert f"children.py:{kind} left: a forked process (PID " in printed
