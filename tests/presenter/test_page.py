"""A page crosses the socket whole, its length is bounded, and nothing else is taken for a page or a key."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from pconc_tui.presenter.page import KEYS, MAX_PAGE_BYTES, MAX_TEXT, Page, key_line, read_key, read_page
from pconc_tui.tours import library
from pconc_tui.tours.walk import Phase, Walk
from pconc_tui.ui.key_bindings import TOUR_COMMANDS

STORY = library.load("the-story")
ASKED = Page.of(replace(Walk.start(STORY).at(2), phase=Phase.ASKED), True, 3723.4, 65.9)
LINE = ASKED.line()


def changed(**fields: object) -> bytes:
    return json.dumps({**json.loads(LINE), **fields}).encode()


def test_a_page_crosses_the_socket_whole() -> None:
    assert read_page(LINE) == ASKED
    assert (ASKED.number, ASKED.count, ASKED.phase, ASKED.right, ASKED.chosen) == (3, len(STORY.steps), "asked", 3, 0)
    assert (ASKED.used_s, ASKED.step_s, ASKED.blank) == (3723, 65, True)
    assert ASKED.next_title == STORY.steps[3].title


def test_after_the_last_step_there_is_none() -> None:
    assert Page.of(Walk.start(STORY).at(len(STORY.steps) - 1), False, 0, 0).next_title == ""


def test_the_longest_page_is_bounded() -> None:
    huge = "\U0001f600" * 1_000_000
    texts = {name: huge for name, value in asdict(ASKED).items() if isinstance(value, str)}
    line = replace(ASKED, **texts, answers=(huge,) * 9).line()  # type: ignore[arg-type]
    assert len(line) < MAX_PAGE_BYTES
    page = read_page(line)
    assert len(page.notes) == MAX_TEXT
    assert page.notes.endswith("…")
    assert len(page.answers) == 4


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"1",
        b"\xff\xfe",
        b"{}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        changed(more=1),
        changed(title=None),
        changed(title=["x"]),
        changed(notes="x" * (MAX_TEXT + 1)),
        changed(answers="no list"),
        changed(answers=[1]),
        changed(answers=["x"] * 5),
        changed(number=1.5),
        changed(number="1"),
        changed(used_s=-1),
        changed(used_s=1e999),
        changed(used_s=10**30),
        changed(blank=1),
    ],
)
def test_nothing_else_is_a_page_or_a_key(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_page(line)
    with pytest.raises(ValueError):  # noqa: PT011
        read_key(line)


@pytest.mark.parametrize("key", ["", "quit", "app.quit", "answer 5", 1, None, ["on"], {"on": 1}])
def test_no_other_key_is_taken(key: object) -> None:
    with pytest.raises(ValueError, match="not a key"):
        read_key(json.dumps({"key": key}).encode())


def test_keys_are_those_of_a_tour() -> None:
    assert [read_key(key_line(key)) for key in KEYS] == [*KEYS]
    assert {each.label for each in TOUR_COMMANDS} == {*KEYS}
