"""Foreign text, such as what a function printed, made safe for a terminal."""

from __future__ import annotations

import re

_UNSAFE = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f"  # control characters except tabs
    "\u2028\u2029"  # line ends
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # what changes the direction of the text around it
    "\ufeff\ufff9-\ufffb"
    "\ud800-\udfff]"  # halves of surrogate pairs
)


def printable(text: str) -> str:
    r"""The text as one line; what a terminal would obey, or can't show, is escaped: `\x1b[2J`."""
    return text if text.isprintable() else _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def printable_lines(text: str) -> str:
    """The same for a text of several lines."""
    return "\n".join(map(printable, text.split("\n")))
