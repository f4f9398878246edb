"""Saves screenshots."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pconc_tui.ui.saved_file import save_new


def save(svg: str, now: datetime, folder: Path | None = None) -> tuple[Path, str]:
    """Write the screenshot under a new name; returns its path, and why it is not in the preferred folder, if so."""

    def write(path: Path) -> None:
        with open(path, "x", encoding="utf-8") as file:
            file.write(svg)

    return save_new(".svg", write, now, folder)
