"""A folder for sockets of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def runtime(temp_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The runtime folder of a user."""
    folder = temp_folder / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return folder
