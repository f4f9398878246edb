"""What a presenter sees of a tour, as a line of JSON whose length is bounded, and the keys that come back. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any

from pconc_tui.tours.walk import Phase, Walk

MAX_TEXT = 4000
"""Characters of a text."""
MAX_ANSWERS = 4
MAX_PAGE_BYTES = 1 << 20
"""More than the longest page takes: ten texts and four answers, of up to 12 bytes a character."""
KEYS = "on", "back", "repeat", "recorded", "blank", "answer 1", "answer 2", "answer 3", "answer 4"
"""What the presenter's keys do."""
MAX_KEY_BYTES = 64


@dataclass(frozen=True)
class Page:
    """The present step of a tour, and the next one."""

    tour: str
    """Its title."""
    number: int
    """Of the step, from 1."""
    count: int
    """Of the tour's steps."""
    title: str
    phase: str
    """`saying`, `asked`, `running`, `revealed` or `skipped`."""
    say: str
    notes: str
    question: str
    answers: tuple[str, ...]
    right: int
    """The number of the right answer, from 1; 0: the figures decide."""
    chosen: int
    """The number of the answer that is locked; 0: none."""
    revealed: str
    """What is revealed, with the figures of this run; or why the step is skipped."""
    doubt: str
    """Why the run does not bear the reveal out; empty: it does."""
    next_title: str
    """Empty: this is the last step."""
    next_say: str
    blank: bool
    """Whether the screen is blank."""
    used_s: int
    """Since the tour began."""
    step_s: int
    """Since the step began."""

    @classmethod
    def of(cls, walk: Walk, blank: bool, used_s: float, step_s: float) -> Page:
        """The page of a tour at this place."""
        step, after = walk.step, walk.tour.steps[walk.index + 1 : walk.index + 2]
        shown = walk.phase is Phase.REVEALED
        return cls(
            tour=walk.tour.title,
            number=walk.index + 1,
            count=len(walk.tour.steps),
            title=step.title,
            phase=walk.phase.name.lower(),
            say=step.say,
            notes=step.notes,
            question=step.question,
            answers=step.answers,
            right=step.right,
            chosen=walk.answer,
            revealed=walk.reason if walk.phase is Phase.SKIPPED else walk.revealed if shown else "",
            doubt=walk.objection if shown else "",
            next_title=after[0].title if after else "",
            next_say=after[0].say or after[0].notes if after else "",
            blank=blank,
            used_s=int(used_s),
            step_s=int(step_s),
        )

    def line(self) -> bytes:
        """The page as a line."""
        cut = {name: _cut(value) for name, value in asdict(self).items()}
        return json.dumps(cut).encode() + b"\n"


def read_page(line: bytes) -> Page:
    """The page that the line holds. Raises ValueError for any other line."""
    values = _object(line)
    if set(values) != {each.name for each in fields(Page)}:
        raise ValueError("not the fields of a page")
    return Page(**{each.name: _READ[str(each.type)](values[each.name]) for each in fields(Page)})


def key_line(key: str) -> bytes:
    """A key as a line."""
    return json.dumps({"key": key}).encode() + b"\n"


def read_key(line: bytes) -> str:
    """The key that the line holds. Raises ValueError for any other line."""
    key = _object(line).get("key")
    if key not in KEYS:
        raise ValueError("not a key")
    return str(key)


def _object(line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(values, dict):
        raise ValueError("not an object")
    return values


def _cut(value: object) -> object:
    if isinstance(value, tuple):
        return [_cut(each) for each in value[:MAX_ANSWERS]]
    return value[: MAX_TEXT - 1] + "…" if isinstance(value, str) and len(value) > MAX_TEXT else value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise ValueError("not a text")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_ANSWERS:
        raise ValueError("not a list of texts")
    return tuple(map(_text, value))


def _count(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value < 10**9:
        raise ValueError("not a number")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


_READ: dict[str, Callable[[object], Any]] = {"str": _text, "tuple[str, ...]": _texts, "int": _count, "bool": _flag}
"""By its type, how a field is read."""
