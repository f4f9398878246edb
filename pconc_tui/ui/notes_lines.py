"""The presenter's notes as lines: the present step, its notes, the next step, and the time in large digits. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style

from pconc_tui.presenter.page import Page
from pconc_tui.ui.drawing.digits import ROWS, large
from pconc_tui.ui.drawing.lines import (
    BLANK,
    Line,
    add_title,
    center_block,
    fit,
    flow,
    heading,
    inner_size,
    text,
    width_of,
    wrap_text,
)
from pconc_tui.ui.drawing.palette import ALARM, ALERT, BRIGHT, DIM, FOCUS, GOOD, KEY, TEXT
from pconc_tui.ui.hints import hint, pressed
from pconc_tui.ui.panels.headline import side_by_side

LABEL_WIDTH = 9
LARGE_FROM = 20
"""Rows of a terminal in which the time is shown in large digits."""
HINTS: dict[str, Line] = {
    "space": hint("space", " on", shown="Space"),
    "left": hint("left", " back"),
    "answer": (("1-4", KEY), (" answer", DIM)),
    "m": hint("m", " repeat"),
    "b": hint("b", " blank"),
    "tab": hint("tab", " other tour", shown="Tab"),
    "q": hint("q", " quit"),
}


def page_lines(page: Page, width: int) -> list[Line]:
    """The notes, what the screen says, and the next step."""
    room = width - LABEL_WIDTH
    asked = [*wrap_text(page.question, room, FOCUS), *_answers(page, room)] if page.question else []
    after = [*wrap_text(page.next_title, room), *wrap_text(page.next_say, room, DIM)]
    parts = (
        [line for part in page.notes.splitlines() for line in wrap_text(part, width, BRIGHT) or [BLANK]],
        _labelled("but", wrap_text(page.doubt, room, ALERT)),
        _labelled("reveals", wrap_text(page.revealed, room, BRIGHT)),
        _labelled("says", wrap_text(page.say, room)),
        _labelled("asks", asked),
        _labelled("next", after or [text("This is the last step.", DIM)]),
    )
    return [line for part in parts if part for line in (*part, BLANK)][:-1]


def _labelled(label: str, lines: list[Line]) -> list[Line]:
    """The lines to the right of the label."""
    labels = [label, *[""] * (len(lines) - 1)]
    return [((each.ljust(LABEL_WIDTH), DIM), *line) for each, line in zip(labels, lines, strict=False)]


def _answers(page: Page, width: int) -> list[Line]:
    """The answers; a tick marks the right one, and the one that is locked is bright."""
    lines: list[Line] = []
    for number, answer in enumerate(page.answers, 1):
        first: Line = ((str(number), KEY), (" ✓ " if number == page.right else "   ", GOOD))
        style = BRIGHT if number == page.chosen else TEXT
        locked = f"{answer} (locked)" if number == page.chosen else answer
        found = [
            (*(first if not row else text("    ")), *part)
            for row, part in enumerate(wrap_text(locked, width - 4, style))
        ]
        lines += [pressed(line, str(number)) for line in found]
    return lines


def body_size(width: int, height: int) -> tuple[int, int]:
    """The room for the notes in a terminal of this size."""
    return inner_size(width, height - _foot_rows(height), False)


def screen(body: Sequence[Line], page: Page | None, clock: str, tours: int, width: int, height: int) -> list[Line]:
    """The whole screen: these lines of the notes, the time, and the keys.

    `clock` is the time of day, `tours` the number of tours that are taken.
    """
    title, right = (heading("Presenter's notes"), BLANK) if page is None else _title(page, width)
    rows = body_size(width, height)[1]
    if len(body) > rows > 0:
        body = [*body[: rows - 1], text("↓ more", KEY)]
    notes = add_title(body, title, right, width, height - _foot_rows(height), False, True)
    times = [("clock", clock, BRIGHT), *([] if page is None else [("time used", duration(page.used_s), KEY)])]
    parts = [each for key, each in HINTS.items() if key != "tab" or tours > 1]
    keys = flow(parts, width - 2, ("  ", TEXT))[0]
    lines = [*notes, *_times(times, width, height), ((" ", TEXT), *keys)]
    return [fit(line, width) for line in lines][:height]


def message_lines(message: str, width: int, height: int) -> list[Line]:
    """A message in the middle."""
    return center_block(wrap_text(message, width, BRIGHT), width, height)


def _title(page: Page, width: int) -> tuple[Line, Line]:
    """The step's title, with the tour's where there is room for it, and how far the step and the tour have come."""
    doing = {"saying": "says", "asked": "asks", "running": "runs …", "revealed": "reveals"}.get(page.phase, page.phase)
    blank: Line = (("BLANK", ALARM), (" · ", DIM)) if page.blank else BLANK
    rest = f"{doing} · {duration(page.step_s)} · {page.number} of {page.count}"
    right: Line = (*blank, (rest, DIM))
    both = heading(page.title, page.tour.partition(":")[0])
    fits = width_of(both) + width_of(right) + 8 <= width
    return both if fits else heading(page.title), right


def _foot_rows(height: int) -> int:
    return ROWS + 3 if height >= LARGE_FROM else 2


def _times(times: list[tuple[str, str, Style]], width: int, height: int) -> list[Line]:
    """The times under their words, as large as they fit; where there are few rows, in one."""
    if height < LARGE_FROM:
        return flow([((f"{word} ", DIM), (figure, style)) for word, figure, style in times], width)[:1]
    for columns in (2, 1):
        drawn = side_by_side([[text(word, DIM), *large(figure, style, columns, 1)] for word, figure, style in times])
        if width_of(drawn[0]) < width:
            break
    return [BLANK, *(((" ", TEXT), *line) for line in drawn)]


def duration(seconds: int) -> str:
    """`1:05`, `1:02:03`."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
