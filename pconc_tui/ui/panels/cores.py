"""How busy the cores are: the cores busy with workers, and a bar for each of 1 to 256 cores."""

from __future__ import annotations

from functools import lru_cache

from pconc_tui.measurement import DISTURBING_CORES
from pconc_tui.snapshot import Snapshot
from pconc_tui.text.numbers import compact, decimal, percent
from pconc_tui.ui.drawing.layout import Area, least_core_rows
from pconc_tui.ui.drawing.lines import BLANK, Line, fit, heading, text, width_of
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, GOOD, LOAD, TEXT, TROUGH
from pconc_tui.ui.panels.panel import Frame, TitledPanel

LEVELS = "▁▁▂▃▄▅▆▇█"
MIN_WITH_LANES = 4
"""Rows from which on there is room for more than the bars."""
TITLE_FRAME = 6
"""Columns of a title line that its frame takes besides the body's width."""
_LEFT = (0, 0x40, 0x44, 0x46, 0x47)
_RIGHT = (0, 0x80, 0xA0, 0xB0, 0xB8)


class CoresPanel(TitledPanel):
    """Cores busy, how much of that the lanes show, and the load of each core."""

    name = "Cores"
    area = Area.CORES

    def depends_on(self, frame: Frame) -> object:
        return frame.figures

    def title(self, frame: Frame, width: int, height: int) -> tuple[Line, Line]:
        words = cores_busy(frame.figures, "other programs")
        fits = width_of(words) + len(self.name) + TITLE_FRAME <= width
        return heading(self.name), words if fits else cores_busy(frame.figures)

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        return lines(frame.figures, width, height)


def cores_busy(snapshot: Snapshot, others: str = "others") -> Line:
    """CPU time of the workers per wall time, the number of cores that they may use, and the use by other programs."""
    busy: Line = (
        ("cores busy ", DIM),
        (decimal(snapshot.cores_busy), GOOD),
        (f" of {compact(snapshot.core_count)}", BRIGHT),
    )
    if snapshot.others is None or snapshot.others < DISTURBING_CORES:
        return busy
    return (*busy, (f" · {others} ", DIM), (decimal(snapshot.others), ALERT))


@lru_cache(maxsize=4096)
def _bar(number: int, load: int, digits: int, width: int) -> Line:
    """One core: its number, a bar in eighths, its percentage."""
    room = width - digits - 9
    eighths = round(load * room * 8 / 100)
    filled = "█" * (eighths // 8) + (" ▏▎▍▌▋▊▉"[eighths % 8] if eighths % 8 else "")
    return (
        (f"{number:>{digits}} ", DIM),
        (filled, LOAD),
        ("░" * (room - len(filled)), TROUGH),
        (f" {load:>3} %", TEXT),
        ("  ", TEXT),
    )


def _grid(cells: list[Line], width: int, columns: int, each: int) -> list[Line]:
    """Cells in columns, numbered downwards."""
    rows = -(-len(cells) // columns)
    return [
        tuple(run for column in range(columns) for run in _take(cells, column * rows + row, each))
        for row in range(rows)
    ]


def _take(cells: list[Line], index: int, each: int) -> Line:
    return fit(cells[index], each) if index < len(cells) else text(" " * each)


def bars(loads: tuple[float, ...] | None, width: int, height: int) -> list[Line]:
    """A bar and a percentage for each core; for more cores ever smaller cells, down to two cores in a character."""
    if loads is None:
        return [text("unknown on this system", DIM)]
    if not loads or height < 1:
        return []
    load = [max(0, min(100, round(share * 100))) for share in loads]
    digits = len(str(len(load) - 1))
    columns = -(-len(load) // height)
    each = min(width // columns, 64)
    if each >= digits + 14:
        return _grid([_bar(number, value, digits, each) for number, value in enumerate(load)], width, columns, each)
    if each >= digits + 6:
        small: list[Line] = [
            ((f"{number:>{digits}}", DIM), (LEVELS[-(-value * 8 // 100)], LOAD), (f"{percent(value / 100):>3}", TEXT))
            for number, value in enumerate(load)
        ]
        return _grid(small, width, columns, each)
    return _blocks(load, width, height)


def _blocks(load: list[int], width: int, height: int) -> list[Line]:
    """A level for each core, many in a line, which begins with the number of its first core."""
    digits = len(str(len(load) - 1))
    room = width - digits - 1
    double = len(load) > room * height
    glyphs = _pairs(load) if double else [LEVELS[-(-value * 8 // 100)] for value in load]
    per_line = -(-len(glyphs) // height)
    wide = 1 if double else max(1, min(4, room // per_line))
    lines: list[Line] = []
    for start in range(0, len(glyphs), per_line):
        number = start * (2 if double else 1)
        cells = (glyph * max(1, wide - 1) + " " * (wide > 1) for glyph in glyphs[start : start + per_line])
        lines.append(((f"{number:>{digits}} ", DIM), ("".join(cells), LOAD)))
    return lines


def _pairs(load: list[int]) -> list[str]:
    quarters = [max(1, -(-value * 4 // 100)) for value in load]
    quarters += [0] * (len(quarters) % 2)
    return [
        chr(0x2800 + _LEFT[left] + _RIGHT[right]) for left, right in zip(quarters[::2], quarters[1::2], strict=True)
    ]


def lines(snapshot: Snapshot, width: int, height: int) -> list[Line]:
    """A bar for each core, and above them, where there is room, how much of the cores busy the lanes show."""
    shown = _in_lanes(snapshot)
    crowded = least_core_rows(len(snapshot.core_loads or ()), width) > height - 2
    if crowded or height < MIN_WITH_LANES or width < width_of(shown):
        return bars(snapshot.core_loads, width, height)
    return [shown, BLANK, *bars(snapshot.core_loads, width, height - 2)]


def _in_lanes(snapshot: Snapshot) -> Line:
    """Why the lanes show less: they are without the CPU time that starting, stopping and waking up take."""
    if snapshot.running_at_once is None:
        return BLANK
    return text(f"lanes: {decimal(snapshot.running_at_once)}, without starting and waking up", DIM)
