"""Position and speed of a replay."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from pconc_tui.recording.player import SPEEDS, Player

S = 10**9
PLAYER = Player(0, 100 * S, 20 * S, clock_ns=0)


def test_it_plays_at_its_speed_and_pauses_at_the_end() -> None:
    assert PLAYER.at(4 * S).position_ns == 24 * S
    assert replace(PLAYER, speed=Fraction(16)).at(4 * S).position_ns == 84 * S
    end = PLAYER.at(90 * S)
    assert end.position_ns == 100 * S
    assert not end.playing
    again = end.toggled()
    assert again.playing
    assert again.position_ns == 0


def test_no_time_is_lost_at_the_lowest_speed() -> None:
    player = replace(PLAYER, speed=SPEEDS[0])
    for clock_ns in range(0, 10_000_001, 999):
        player = player.at(clock_ns)
    assert abs(player.at(10_000_000).position_ns - 20 * S - 10_000) <= 1


def test_paused_it_stays() -> None:
    paused = PLAYER.at(4 * S).paused()
    assert paused.at(90 * S).position_ns == 24 * S
    assert paused.at(90 * S).toggled().at(91 * S).position_ns == 25 * S


def test_speeds_end_at_the_lowest_and_the_highest() -> None:
    assert PLAYER.faster(1).speed == 2
    assert PLAYER.faster(-100).speed == Fraction(1, 1000)
    assert PLAYER.faster(100).speed == 16


def test_a_step_is_two_seconds_at_the_speed_of_watching() -> None:
    assert PLAYER.stepped(1).position_ns == 22 * S
    assert PLAYER.faster(-100).stepped(-1).position_ns == 20 * S - 2_000_000
    assert PLAYER.faster(100).stepped(-1).position_ns == 0
