"""What a measurement leaves on a real terminal: its result in front, on the projector too, until another is chosen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.terminal import Terminal

Open = Callable[..., Terminal]


@pytest.mark.parametrize(("columns", "lines"), [(60, 20), (80, 24), (120, 35), (160, 45), (250, 70)])
def test_the_result_is_in_front_when_a_measurement_ends(open_terminal: Open, columns: int, lines: int) -> None:
    terminal = open_terminal(columns=columns, lines=lines)
    terminal.wait_until_ready()
    terminal.send("3m")
    shown = terminal.until(lambda text: text.count("4 threads, 1 process") == 2 and "measuring" not in text)
    assert "one run" in shown, "below the headline, the scoreboard"


def test_the_projector_shows_the_result_until_another_experiment_is_chosen(open_terminal: Open) -> None:
    terminal = open_terminal(columns=80, lines=24)
    terminal.wait_until_ready()
    terminal.send("b3m")
    terminal.until(lambda text: "distinct PIDs    distinct names" in text and "4 threads, 1 process" in text)
    terminal.send("4")
    shown = terminal.until("Shared dict: threads see the same objects")
    assert "distinct PIDs" not in shown
    assert "interleaved pairs of prints" in shown
