"""The generated pages of the documentation are current."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.make import PAGES


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_generated_page_is_current(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == PAGES[path](), "run `python docs/make.py`"
