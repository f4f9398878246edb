"""Where the panels stand, for every size of terminal: pure arithmetic."""

from __future__ import annotations

from textual.geometry import Region

from pconc_tui.ui.panels import cores, projector_figures

LEAST = (60, 20)
WIDE = (116, 38)
"""From here on everything stands side by side; below, the secondary panels take turns in one place."""
ALL = 140
"""From this width on the code has a place of its own as well."""

SECONDARY = ("workers", "counters", "scoreboard", "log", "code")


def too_small(width: int, height: int) -> bool:
    return width < LEAST[0] or height < LEAST[1]


def is_wide(width: int, height: int) -> bool:
    return width >= WIDE[0] and height >= WIDE[1]


def places(width: int, height: int, core_count: int, panel: str, projector: bool) -> dict[str, Region]:
    """Each panel that is shown, and its region."""
    if too_small(width, height):
        return {"small": Region(0, 0, width, height)}
    found = {"status": Region(0, 0, width, 2), "keys": Region(0, height - 1, width, 1)}
    middle = Region(0, 2, width, height - 3)
    if projector:
        return found | _projector(middle)
    if is_wide(width, height):
        return found | _wide(middle)
    return found | _narrow(middle, core_count, panel)


def _projector(area: Region) -> dict[str, Region]:
    rest, figures = area.split_horizontal(area.height - projector_figures.HEIGHT)
    return {"timeline": rest, "big": figures}


def _wide(area: Region) -> dict[str, Region]:
    """Time at the upper left, where the eye lands; the table across; what adds up below."""
    top_rows = max(12, area.height * 41 // 100)
    bottom_rows = max(10, area.height * 36 // 100)
    top, rest = area.split_horizontal(top_rows)
    table, bottom = rest.split_horizontal(rest.height - bottom_rows)
    timeline, side = top.split_vertical(area.width * (64 if area.width >= ALL else 60) // 100)
    core, log = side.split_horizontal(max(7, top_rows * 45 // 100))
    found = {"timeline": timeline, "cores": core, "log": log, "workers": table}
    if area.width >= ALL:
        score, rest = bottom.split_vertical(area.width * 45 // 100)
        counter, code = rest.split_vertical(max(44, rest.width * 48 // 100))
        return found | {"scoreboard": score, "counters": counter, "code": code}
    score, counter = bottom.split_vertical(area.width * 60 // 100)
    return found | {"scoreboard": score, "counters": counter}


def _narrow(area: Region, core_count: int, panel: str) -> dict[str, Region]:
    """One above the other: timeline, cores, and one of the secondary panels."""
    needed = cores.rows_needed(core_count, area.width - 2)
    comfortable = -(-core_count // max(1, (area.width - 2) // 24))
    rows = 1 + max(needed, min(comfortable, max(1, area.height // 8)))
    below = max(7, (area.height - rows) * 45 // 100)
    timeline, rest = area.split_horizontal(area.height - rows - below)
    core, secondary = rest.split_horizontal(rows)
    return {"timeline": timeline, "cores": core, panel: secondary}
