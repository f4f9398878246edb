"""The log keeps the newest lines and counts the others."""

from __future__ import annotations

from pconc_tui.monitor.log import MAX_LINES, Log
from pconc_tui.ui.panels.log import lines


def test_lines_that_are_no_longer_kept_are_counted_and_shown() -> None:
    log = Log(0)
    for number in range(MAX_LINES + 5):
        log.add(0, "Thread-1", str(number))
    assert log.lines[0].text == "5"
    assert log.cut == 5
    shown = lines(log.lines, log.dropped, 0, 60, 5, log.cut)
    assert shown[-1][0][0] == "5 older lines are no longer kept"
    log.clear()
    assert log.cut == 0
