"""Moments of slow motion for its tests, and what the screen says at one."""

from __future__ import annotations

from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing.slow_motion import SlowMotion
from tests.ui import samples
from tests.ui.samples import MS, NOW, slow_motion
from tests.ui.screens import render

START = NOW - 2000 * MS
"""When the threads of the samples started; each has the GIL for 5 ms."""
SIZES = [(160, 45), (120, 35), (80, 24), (60, 20)]


def at(slow: SlowMotion, after_start_ms: float) -> SlowMotion:
    """At so many milliseconds after the start of the samples' threads."""
    return slow.at(START + round(after_start_ms * MS), 0.0)


def screen(slow: SlowMotion, size: tuple[int, int] = (160, 45), projector: bool = False) -> str:
    lines = render(slow.snapshot, *size, DashboardState(slow=slow, projector=projector))
    return "\n".join(lines)


def said(slow: SlowMotion, size: tuple[int, int] = (160, 45)) -> str:
    """The sentence."""
    return " ".join(" ".join(screen(slow, size).splitlines()[3:5]).replace("│", " ").split())


THREADS = slow_motion(samples.THREADS)
