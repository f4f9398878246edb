"""Hints: a key, and what it does. A click on one presses the key, on every screen."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from rich.cells import cell_len
from rich.style import Style
from textual.content import Content
from textual.markup import MarkupError, escape

from pconc_tui.ui.drawing.lines import Line
from pconc_tui.ui.drawing.palette import DIM, KEY, TEXT
from pconc_tui.ui.key_bindings import key_name

_KEYS = {"Enter": "enter", "Esc": "escape", "Space": "space"}
_HINT = re.compile(r"\b(Enter|Esc|Space)( \w+)+")
_NAMED = re.compile(r"(?<=\b[Pp]ress )(\w)( or )?(?(2)(\w))\b")
"""The keys that a sentence says to press."""


@lru_cache(maxsize=256)
def pressing(keys: str) -> Style:
    """The part of a style by which a click presses these keys, in Textual's names, one after another."""
    return Style(meta={"@click": _action(keys), "keys": keys})


def hint(keys: str, words: str = "", style: Style = DIM, shown: str = "") -> Line:
    """Keys to press, in Textual's names, and what they do; `shown`: how the keys are written."""
    click = pressing(keys)
    return ((shown or " ".join(map(key_name, keys.split())), KEY + click), (words, style + click))


def pressed(line: Line, keys: str) -> Line:
    """The line, a click on which presses these keys. It is shown as long as they do what is usual."""
    click = pressing(keys)
    return tuple((content, style + click) for content, style in line)


def without_hints(lines: list[Line], keys: Collection[str]) -> list[Line]:
    """The lines with blanks where they say to press one of these keys, so that all else keeps its place."""
    return [_blanked(line, keys) for line in lines] if keys else lines


def _blanked(line: Line, keys: Collection[str]) -> Line:
    if not any(is_hint(style) for _, style in line):
        return line
    return tuple(
        (" " * cell_len(content), TEXT)
        if any(key in keys for key in str(style.meta.get("keys", "")).split())
        else (content, style)
        for content, style in line
    )


def keys_at(line: Line, x: int) -> str:
    """The keys that a click on this column of the line presses; empty: none."""
    for content, style in line:
        x -= cell_len(content)
        if x < 0:
            return str(style.meta.get("keys", ""))
    return ""


def is_hint(style: Style) -> bool:
    """Whether a click on this style presses a key."""
    return "@click" in style.meta


def markup(message: str) -> str | None:
    """The message as Textual's markup, the keys that it says to press as links; None: it names none.

    A message with text that markup can't express, although escaped, has no links.
    """

    def linked(found: re.Match[str]) -> str:
        one, between, other = found.groups("")
        return _link(one, one) + between + (_link(other, other) if other else "")

    marked, count = _NAMED.subn(linked, escape(message))
    try:
        return marked if count and Content.from_markup(marked).plain == message else None
    except MarkupError:
        return None


def links(hints: str) -> str:
    """Hints such as `Enter chooses · Esc closes` as Textual's markup: each is a link that presses its key."""
    return _HINT.sub(lambda found: _link(_KEYS[found[1]], found[0]), hints)


def _link(key: str, words: str) -> str:
    return f"[@click={_action(key)}]{words}[/]"


def _action(keys: str) -> str:
    return f"app.press({keys!r})"


ESC_CLOSES = hint("escape", " closes")
