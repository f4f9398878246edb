"""Saves screenshots in the current directory, or in the temporary one if that is not writable."""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from pathlib import Path


def save(svg: str, now: datetime, folder: Path | None = None) -> tuple[Path, str]:
    """Write the screenshot under a new name; returns its path, and why it is not in the preferred folder, if so."""
    preferred = Path.cwd() if folder is None else folder
    try:
        return _write(svg, now, preferred), ""
    except OSError as error:
        reason = error.strerror or str(error)
        return _write(svg, now, Path(tempfile.gettempdir())), f"{preferred} can't be written ({reason}). "


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
