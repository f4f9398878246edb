"""The terminal's title: what runs, and nothing that a terminal would obey."""

from __future__ import annotations

import io
import sys
from dataclasses import replace

import pytest

from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.terminal_title import TerminalTitle, title
from tests.comparison.comparisons import USUAL
from tests.ui import samples

HOSTILE = replace(samples.thread(1, 1), experiment="\x1b]52;c;Z\x07evil\x9b31m:work\u202e")


@pytest.mark.parametrize(
    ("snapshot", "shown"),
    [
        (samples.EMPTY, "pconc-tui"),
        (samples.ENDED, "pconc-tui"),
        (samples.THREADS, "pconc-tui: 4 threads of cpu-bound"),
        (
            samples.snapshot(samples.thread(1, 1), samples.process(1)),
            "pconc-tui: 1 thread of cpu-bound, 1 process of cpu-bound",
        ),
        (samples.MEASURING, "pconc-tui: measuring cpu-bound, threads"),
        (
            replace(samples.THREADS, comparison=replace(USUAL, current=USUAL.results[0][0])),
            "pconc-tui: comparing cpu-bound",
        ),
        (replace(samples.THREADS, comparison=USUAL), "pconc-tui: 4 threads of cpu-bound"),
    ],
)
def test_it_says_what_runs(snapshot: Snapshot, shown: str) -> None:
    assert title(snapshot) == shown


def test_a_functions_name_is_no_escape_sequence() -> None:
    shown = title(samples.snapshot(HOSTILE))
    assert "evil" in shown
    assert shown.isprintable()


class _Output(io.StringIO):
    def __init__(self, is_terminal: bool) -> None:
        super().__init__()
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


@pytest.mark.parametrize("is_terminal", [True, False])
def test_it_is_set_where_the_output_is_a_terminal(is_terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "__stderr__", _Output(is_terminal))
    written: list[str] = []
    shown = TerminalTitle(written.append)
    shown.show("one")
    shown.show("one")
    shown.show("two")
    shown.restore()
    shown.restore()
    one, two = "\x1b[22;2t\x1b]2;one\x07", "\x1b]2;two\x07"
    assert written == ([one, two, "\x1b]2;\x07\x1b[23;2t"] if is_terminal else [])
