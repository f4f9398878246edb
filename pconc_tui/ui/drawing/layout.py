"""Where the panels stand, for every size of the terminal. Pure arithmetic that knows areas, not panels."""

from __future__ import annotations

from enum import Enum, auto

from textual.geometry import Region

from pconc_tui.ui.drawing.digits import ROWS

LEAST = (60, 20)
"""Width and height of the smallest terminal that the dashboard fits."""
WIDE = (116, 38)
"""From this size on the panels stand side by side; below it, the secondary panels share one area."""
WITH_BOTTOM_RIGHT = 140
"""From this width on there is a third area at the bottom."""
FIGURES_HEIGHT = ROWS + 2
"""Rows of the projector's figures: a blank row, a caption and the digits."""
LARGE = (116, 36)
"""From this size on the projector's digits are twice as large."""
HEADLINE_WIDE, HEADLINE_PROJECTOR = 4, 3
"""Rows of the headline: with its figures beside it, and between blank rows. Elsewhere it has one."""


LEAST_TIMELINE = 6
"""The rows in which the timeline shows lanes, beside its title, its axis and the legend."""
TOUR_ROWS = 8
"""The least rows of a tour's step: its title, and its text at 80 columns."""


class Area(Enum):
    """A rectangle of the screen that one panel fills."""

    WHOLE = auto()
    """All of a screen that is too small for the dashboard."""
    HEAD = auto()
    HEADLINE = auto()
    """The point of the experiment in a sentence, where there is room with its figures."""
    TIMELINE = auto()
    CORES = auto()
    RIGHT = auto()
    MIDDLE = auto()
    BOTTOM_LEFT = auto()
    BOTTOM = auto()
    BOTTOM_RIGHT = auto()
    TABS = auto()
    """The area that the secondary panels share on a small screen."""
    TOUR = auto()
    """The present step of a tour."""
    FIGURES = auto()
    """The large digits of the projector mode."""
    FOOT = auto()


class Tour(Enum):
    """What a tour takes of the screen."""

    NONE = auto()
    STEP = auto()
    """The area of the secondary panels."""
    QUESTION = auto()
    """All between head and foot."""
    BLANK = auto()
    """Everything: the presenter has blanked the screen."""


def is_too_small(width: int, height: int) -> bool:
    """Whether the dashboard can't be shown at this size."""
    return width < LEAST[0] or height < LEAST[1]


def is_wide(width: int, height: int) -> bool:
    """Whether the panels stand side by side, each in a box."""
    return width >= WIDE[0] and height >= WIDE[1]


def areas(width: int, height: int, core_count: int, projector: bool, tour: Tour = Tour.NONE) -> dict[Area, Region]:
    """The areas that exist at this size, with their regions."""
    if tour is Tour.BLANK:
        return {}
    if is_too_small(width, height):
        return {Area.WHOLE: Region(0, 0, width, height)}
    found = {Area.HEAD: Region(0, 0, width, 2), Area.FOOT: Region(0, height - 1, width, 1)}
    middle = Region(0, 2, width, height - 3)
    if tour is Tour.QUESTION:
        return found | {Area.TOUR: middle}
    wide = is_wide(width, height)
    if tour is Tour.STEP and projector:
        return found | _projector_with_tour(middle)
    found[Area.HEADLINE], rest = middle.split_horizontal(
        HEADLINE_PROJECTOR if projector else HEADLINE_WIDE if wide else 1
    )
    if projector:
        return found | _projector(rest)
    below = _wide(rest) if wide else _narrow(rest, core_count)
    return found | (_with_tour(below) if tour is Tour.STEP else below)


def least_core_rows(core_count: int, width: int) -> int:
    """The least rows in which every core has a readable level, two of them in a character."""
    return max(1, -(-core_count // (2 * max(1, width - 4))))


def _with_tour(below: dict[Area, Region]) -> dict[Area, Region]:
    """The tour in place of the panels at the bottom, or at the left of the last of them where there are three."""
    if Area.TABS in below:
        tour = below.pop(Area.TABS)
        return below | {Area.TOUR: tour}
    left, center = below.pop(Area.BOTTOM_LEFT), below.pop(Area.BOTTOM)
    return below | {Area.TOUR: left.union(center)}


def _projector_with_tour(region: Region) -> dict[Area, Region]:
    """The tour below the figures; the sentence of the headline, and the figures, only where there is room."""
    rest, tour = region.split_horizontal(region.height - max(TOUR_ROWS - 1, region.height // 4))
    if rest.height < FIGURES_HEIGHT + LEAST_TIMELINE:
        return {Area.TIMELINE: rest, Area.TOUR: tour}
    if rest.height < 2 * FIGURES_HEIGHT + HEADLINE_PROJECTOR:
        return _projector(rest) | {Area.TOUR: tour}
    headline, rest = rest.split_horizontal(HEADLINE_PROJECTOR)
    return _projector(rest) | {Area.HEADLINE: headline, Area.TOUR: tour}


def _projector(region: Region) -> dict[Area, Region]:
    large = region.width >= LARGE[0] and region.height >= LARGE[1] - HEADLINE_PROJECTOR - 3
    rest, figures = region.split_horizontal(region.height - FIGURES_HEIGHT - (ROWS if large else 0))
    return {Area.TIMELINE: rest, Area.FIGURES: figures}


def _wide(region: Region) -> dict[Area, Region]:
    """Time at the upper left, where people look first; the table across; results below."""
    top_rows = max(12, region.height * 41 // 100)
    bottom_rows = max(10, region.height * 36 // 100)
    top, rest = region.split_horizontal(top_rows)
    middle, bottom = rest.split_horizontal(rest.height - bottom_rows)
    has_three = region.width >= WITH_BOTTOM_RIGHT
    timeline, side = top.split_vertical(region.width * (64 if has_three else 60) // 100)
    cores, right = side.split_horizontal(max(7, top_rows * 45 // 100))
    found = {Area.TIMELINE: timeline, Area.CORES: cores, Area.RIGHT: right, Area.MIDDLE: middle}
    if not has_three:
        bottom_left, center = bottom.split_vertical(region.width * 60 // 100)
        return found | {Area.BOTTOM_LEFT: bottom_left, Area.BOTTOM: center}
    bottom_left, rest = bottom.split_vertical(region.width * 45 // 100)
    center, bottom_right = rest.split_vertical(max(44, rest.width * 48 // 100))
    return found | {Area.BOTTOM_LEFT: bottom_left, Area.BOTTOM: center, Area.BOTTOM_RIGHT: bottom_right}


def _narrow(region: Region, core_count: int) -> dict[Area, Region]:
    """One above the other: timeline, cores, and the area that the secondary panels share."""
    comfortable = -(-core_count // max(1, (region.width - 2) // 24))
    rows = 1 + max(least_core_rows(core_count, region.width - 2), min(comfortable, max(1, region.height // 8)))
    tab_rows = max(TOUR_ROWS - 1, (region.height - rows) * 45 // 100)
    timeline, rest = region.split_horizontal(region.height - rows - tab_rows)
    cores, tabs = rest.split_horizontal(rows)
    return {Area.TIMELINE: timeline, Area.CORES: cores, Area.TABS: tabs}
