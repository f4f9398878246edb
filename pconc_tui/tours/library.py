"""The tours that come with the program, and a person's own: text files."""

from __future__ import annotations

import os
from pathlib import Path

from pconc_tui.tours.parse import TourError, parse
from pconc_tui.tours.tour import Tour

FOLDER = Path(__file__).parent
ORDER = "one-minute", "the-story", "convoy", "lost-updates", "without-the-gil", "your-function"
"""In which they are listed; others follow by name."""


def names() -> tuple[str, ...]:
    """The names of the tours that come with the program."""
    found = {path.stem for path in FOLDER.glob("*.toml")}
    return (*(name for name in ORDER if name in found), *sorted(found - {*ORDER}))


def load(tour: str) -> Tour:
    """The tour of this name, or in the file of this path. Raises TourError."""
    if tour in names():
        return read(FOLDER / f"{tour}.toml")
    if tour.endswith(".toml") or os.sep in tour:
        return read(Path(tour))
    raise TourError(f"no tour {tour!r}; there are {', '.join(names())}; your own is path/to/file.toml")


def read(path: Path) -> Tour:
    """The tour in this file. Raises TourError."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise TourError(f"can't read {path}: {error.strerror}") from None
    except ValueError:
        raise TourError(f"can't read {path}: it is not UTF-8") from None
    return parse(text, str(path), path.stem)


def all_tours() -> tuple[Tour, ...]:
    """All tours that come with the program."""
    return tuple(map(load, names()))
