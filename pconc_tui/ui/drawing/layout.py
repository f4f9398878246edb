"""Where the panels stand, for every size of the terminal. Pure arithmetic that knows areas, not panels."""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum, auto

from textual.geometry import Region

from pconc_tui.ui.drawing.digits import ROWS

LEAST = (60, 20)
"""Width and height of the smallest terminal that the dashboard fits."""
WIDE = (116, 38)
"""From this size on the panels stand side by side; below it, the secondary panels share one area."""
WITH_BOTTOM_RIGHT = 140
"""From this width on there is room for a third area at the bottom."""
LEAST_ACROSS = 44
"""The least columns of an area at the bottom that has another at its right."""
FIGURES_HEIGHT = ROWS + 2
"""Rows of the projector's figures: a blank row, a caption and the digits."""
LARGE = (116, 36)
"""From this size on the projector's digits are twice as large."""
WITH_FIGURES = (100, 30)
"""From this size on the figures of the headline stand beside it."""
HEADLINE_FIGURES, HEADLINE_PROJECTOR = 4, 3
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
    SLOW_MOTION = auto()
    """All between head and foot, or above a tour."""
    FIGURES = auto()
    """The large digits of the projector mode."""
    REPLAY = auto()
    """The bar that says where in a recording the screen is."""
    FOOT = auto()


SHARED = {Area.BOTTOM_RIGHT: Area.RIGHT}
"""Areas that need not exist, and where their panels then take turns with others."""


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


def areas(
    width: int,
    height: int,
    core_count: int,
    projector: bool,
    tour: Tour = Tour.NONE,
    wanted: Collection[Area] = frozenset(Area),
    slow_motion: bool = False,
) -> dict[Area, Region]:
    """The areas that exist at this size, with their regions. `wanted`: those whose panels have something to say."""
    if tour is Tour.BLANK:
        return {}
    if is_too_small(width, height):
        return {Area.WHOLE: Region(0, 0, width, height)}
    found = {Area.HEAD: Region(0, 0, width, 2), Area.FOOT: Region(0, height - 1, width, 1)}
    middle = Region(0, 2, width, height - 3)
    if tour is Tour.QUESTION:
        return found | {Area.TOUR: middle}
    if slow_motion:
        return found | _slow_motion(middle, tour)
    wide = is_wide(width, height)
    if tour is Tour.STEP and projector:
        return found | _projector_with_tour(middle)
    with_figures = width >= WITH_FIGURES[0] and height >= WITH_FIGURES[1]
    found[Area.HEADLINE], rest = middle.split_horizontal(
        HEADLINE_PROJECTOR if projector else HEADLINE_FIGURES if with_figures else 1
    )
    if projector:
        return found | _projector(rest)
    if wide:
        return found | _wide(rest, core_count, wanted, tour)
    below = _narrow(rest, core_count)
    if tour is Tour.STEP:
        below[Area.TOUR] = below.pop(Area.TABS)
    return found | below


def with_bar(found: dict[Area, Region], width: int, height: int) -> dict[Area, Region]:
    """These areas of a screen without its last row, with the bar of a recording in the row above the foot."""
    foot = {Area.FOOT: Region(0, height - 1, width, 1)} if Area.FOOT in found else {}
    return found | {Area.REPLAY: Region(0, height - 1 - len(foot), width, 1)} | foot if found else found


def least_core_rows(core_count: int, width: int) -> int:
    """The least rows in which every core has a readable level, two of them in a character."""
    return max(1, -(-core_count // (2 * max(1, width - 4))))


def _slow_motion(region: Region, tour: Tour) -> dict[Area, Region]:
    """Slow motion takes all of it, or leaves a tour the rows that its text needs."""
    if tour is not Tour.STEP:
        return {Area.SLOW_MOTION: region}
    above, below = region.split_horizontal(region.height - max(TOUR_ROWS - 1, region.height // 4))
    return {Area.SLOW_MOTION: above, Area.TOUR: below}


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


def _wide(region: Region, core_count: int, wanted: Collection[Area], tour: Tour) -> dict[Area, Region]:
    """Time at the upper left, where people look first, as large as the others leave it; the table across.

    Below it are the results, or a tour.
    """
    has_three = region.width >= WITH_BOTTOM_RIGHT
    bottom = [area for area in (Area.BOTTOM_LEFT, Area.BOTTOM) if area in wanted]
    if has_three and {Area.RIGHT, Area.BOTTOM_RIGHT} <= {*wanted}:
        bottom.append(Area.BOTTOM_RIGHT)
    if tour is Tour.STEP:
        bottom = [Area.TOUR]
    top_rows, bottom_rows = max(12, region.height * 41 // 100), max(10, region.height * 36 // 100)
    middle_rows = region.height - top_rows - bottom_rows if Area.MIDDLE in wanted else 0
    bottom_rows = bottom_rows if bottom else 0
    top, rest = region.split_horizontal(region.height - middle_rows - bottom_rows)
    middle, below = rest.split_horizontal(middle_rows)
    timeline, side = top.split_vertical(region.width * (64 if has_three else 60) // 100)
    comfortable, least = _comfortable_rows(core_count, side.width - 4), least_core_rows(core_count, side.width - 4)
    cores, right = side.split_horizontal(max(6, 2 + least, min(4 + comfortable, top.height * 45 // 100)))
    found = {Area.TIMELINE: timeline, Area.CORES: cores, Area.RIGHT: right}
    return found | ({Area.MIDDLE: middle} if middle_rows else {}) | _across(below, bottom)


def _across(region: Region, areas: list[Area]) -> dict[Area, Region]:
    """Up to three areas side by side."""
    if len(areas) < 2:
        return dict.fromkeys(areas, region)
    first, rest = region.split_vertical(max(LEAST_ACROSS, region.width * (45 if len(areas) == 3 else 55) // 100))
    return {areas[0]: first} | _across(rest, areas[1:])


def _comfortable_rows(core_count: int, width: int) -> int:
    """The rows in which every core has a bar."""
    return -(-core_count // max(1, width // 24))


def _narrow(region: Region, core_count: int) -> dict[Area, Region]:
    """One above the other: timeline, cores, and the area that the secondary panels share."""
    comfortable = _comfortable_rows(core_count, region.width - 2)
    rows = 1 + max(least_core_rows(core_count, region.width - 2), min(comfortable, max(1, region.height // 8)))
    tab_rows = max(TOUR_ROWS - 1, (region.height - rows) * 45 // 100)
    timeline, rest = region.split_horizontal(region.height - rows - tab_rows)
    cores, tabs = rest.split_horizontal(rows)
    return {Area.TIMELINE: timeline, Area.CORES: cores, Area.TABS: tabs}
