"""Saves files under new names in the current directory, or in the temporary one if that is not writable."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path


def save_new(
    suffix: str, write: Callable[[Path], object], now: datetime, folder: Path | None = None
) -> tuple[Path, str]:
    """Have `write` create a file; returns its path, and why it is not in the preferred folder, if so.

    `write` raises FileExistsError if there is one of that name. Raises OSError.
    """
    preferred = Path.cwd() if folder is None else folder
    try:
        return _save(suffix, write, now, preferred), ""
    except OSError as error:
        reason = error.strerror or str(error)
        found = _save(suffix, write, now, Path(tempfile.gettempdir()))
        return found, f"{preferred} can't be written ({reason}). "


def _save(suffix: str, write: Callable[[Path], object], now: datetime, folder: Path) -> Path:
    name = f"pconc-tui-{now:%Y%m%d-%H%M%S}"
    for number in range(1000):
        path = folder / f"{name}{f'-{number}' if number else ''}{suffix}"
        try:
            write(path)
        except FileExistsError:
            continue
        return path
    raise OSError(f"too many files {name}* in {os.fspath(folder)}")
