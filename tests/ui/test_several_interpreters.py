"""Measurements and counters name their interpreter if there are several, and only then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pconc_tui.snapshot import Lab
from pconc_tui.text.numbers import interpreter_names
from pconc_tui.ui.panels import counters, scoreboard, status
from tests.ui import samples
from tests.ui.screens import text_of

THREADS_311 = samples.measurement(python="3.11.7")
THREADS_314 = samples.measurement(python="3.14.1", ratio=3.9)
FREE = samples.measurement("free-threaded", python="3.13.5t", ratio=2.0)


def test_interpreters_have_the_shortest_names_that_differ() -> None:
    assert interpreter_names(["3.14.1", "3.13.5t", "3.13.5"]) == {
        "3.14.1": "3.14",
        "3.13.5t": "3.13t",
        "3.13.5": "3.13",
    }
    assert interpreter_names(["3.11.2", "3.11.7", "3.14.1"]) == {
        "3.11.2": "3.11.2",
        "3.11.7": "3.11.7",
        "3.14.1": "3.14",
    }
    assert interpreter_names(["3.11.7", "3.11.7", ""]) == {}


def test_the_scoreboard_names_the_interpreters_where_there_are_several() -> None:
    found = [text_of(line) for line in scoreboard.lines((THREADS_311, THREADS_314, FREE), 4, 100, 9)]
    assert [line.split(" · ")[0] for line in found[::3]] == [
        "free-threaded under 3.13t",
        "threads under 3.14",
        "threads under 3.11",
    ]
    alone = [text_of(line) for line in scoreboard.lines((THREADS_314, THREADS_314), 4, 100, 9)]
    assert not any("under" in line for line in alone)
    refused = samples.measurement(python="", problem="can't start /py/3.14: it is gone", one_run_s=None)
    assert not any("under" in text_of(line) for line in scoreboard.lines((THREADS_311, refused), 4, 100, 9))


def test_counters_of_each_interpreter_have_a_group_under_its_name() -> None:
    call, plain, _ = samples.COUNTERS
    shared = (replace(call, python="3.11.7"), replace(plain, python="3.11.7"), replace(call, python="3.10.13"))
    found = [text_of(line) for line in counters.lines(shared, "lost-update", 54, 30)]
    assert [line for line in found if line.startswith("lost-update")] == [
        "lost-update · threads under 3.11",
        "lost-update · threads under 3.10",
    ]
    assert [line.split() for line in found if line.split()[:1] == ["call"]] == [["call", "plain"], ["call"]]
    assert text_of(counters.lines(shared[:2], "lost-update", 54, 30)[0]) == "lost-update · threads"


def test_counters_of_each_start_method_have_a_group() -> None:
    forked = replace(samples.SHARED_VALUE, start_method="fork")
    found = [text_of(line) for line in counters.lines((forked, samples.SHARED_VALUE), "shared-value", 54, 30)]
    assert [line for line in found if line.startswith("shared-value")] == [
        "shared-value · processes by fork",
        "shared-value · processes",
    ]


GIL_ON = Lab("ready", "/py/3.13t", "3.13.5", True, True, 0.005, "fork")
LABS = tuple(replace(samples.LAB, executable=f"/py/3.{minor}", version=f"3.{minor}.10") for minor in range(9, 15))


def status_of(*labs: Lab, width: int = 80) -> str:
    return text_of(status.labs_line(samples.snapshot(labs=labs), width))


def test_labs_without_room_on_the_status_line_are_counted() -> None:
    wide = status_of(*LABS, width=160)
    assert all(f"{lab.version} GIL on" in wide for lab in LABS)
    assert "lab" not in wide
    narrow = status_of(*LABS)
    assert " 3.9.10 GIL on · 3.10.10 GIL on · 3.11.10 GIL on · L +3 labs · 2 cores" in narrow
    assert narrow.rstrip().endswith("app  4 %")
    spawning = replace(LABS[5], start_method="spawn")
    assert "3.11.10 GIL on · L +4 labs" in status_of(*LABS, spawning), "two labs are one part"


@pytest.mark.parametrize("width", [60, 80, 100])
def test_an_urgent_lab_is_never_left_out(width: int) -> None:
    for at in range(len(LABS) + 1):
        assert "3.13.5t GIL turned on" in status_of(*LABS[:at], GIL_ON, *LABS[at:], width=width)
    dead, starting = replace(samples.LAB, state="dead"), Lab("starting", "/py/3.14t")
    line = status_of(*LABS, dead, starting, width=width)
    assert line.startswith("  lab dead  · lab starting · ")
    assert "labs · 2 cores" in line


def test_labs_with_room_keep_their_order() -> None:
    assert "3.9.10 GIL on, fork · 3.13.5t GIL turned on, fork · 2 cores" in status_of(LABS[0], GIL_ON)
