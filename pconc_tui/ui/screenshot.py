"""Where a screenshot goes: the current directory, or a temporary one where that can't be written."""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from pathlib import Path


def save(svg: str, now: datetime, folder: Path | None = None) -> tuple[Path, str]:
    """Write it under a name of its own; returns where, and what to tell the person about it."""
    first = Path.cwd() if folder is None else folder
    try:
        return _write(svg, now, first), ""
    except OSError as error:
        why = error.strerror or str(error)
        return _write(svg, now, Path(tempfile.gettempdir())), f"{first} can't be written ({why}). "


def _write(svg: str, now: datetime, folder: Path) -> Path:
    name = f"pconc-tui-{now:%Y%m%d-%H%M%S}"
    for number in range(1000):
        path = folder / f"{name}{f'-{number}' if number else ''}.svg"
        try:
            with open(path, "x", encoding="utf-8") as file:
                file.write(svg)
        except FileExistsError:
            continue
        return path
    raise OSError(f"too many screenshots in {os.fspath(folder)}")
