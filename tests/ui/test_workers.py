"""The workers' table: its columns at every width, and what rows say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pconc_tui.protocol.block import State
from pconc_tui.ui.panels import workers
from tests.ui import samples
from tests.ui.screens import text_of


@pytest.mark.parametrize("width", [58, 60, 78, 98, 120, 156, 200])
def test_the_tables_columns_keep_their_places(width: int) -> None:
    fitted = workers.fit_columns(width)
    crowd = (*samples.MANY.workers[:4], *samples.ENDED.workers, samples.process(200))
    rows = [text_of(workers.row(worker, fitted, False)) for worker in crowd]
    assert {len(row) for row in rows} == {len(text_of(workers.header(fitted)))}
    assert len(rows[0]) <= width
    assert {"name", "state", "run%", "GIL%"} <= {column.title for column in fitted.columns}


def test_the_wide_table_has_every_column() -> None:
    all_titles = [each.title for each in workers.COLUMNS]
    assert [column.title for column in workers.fit_columns(170, True, True).columns] == all_titles
    all_titles.remove("start")
    assert [column.title for column in workers.fit_columns(156, True).columns] == all_titles


def test_rows_say_how_workers_ended() -> None:
    fitted = workers.fit_columns(156)
    rows = [text_of(workers.row(worker, fitted, False)) for worker in samples.ENDED.workers]
    for row, ending in zip(rows, ("done", "stopped", "killed by signal 9", "ValueError: bad\\x1b[2J"), strict=True):
        assert ending in row


def test_the_selected_row_is_marked_without_colour_too() -> None:
    fitted = workers.fit_columns(80)
    assert text_of(workers.row(samples.thread(1, 4), fitted, True)).startswith("▸")


def test_shares_are_of_the_last_second_and_unknown_before_it() -> None:
    fitted = workers.fit_columns(156)
    fresh = replace(samples.thread(1, 4), recent=None, cpu=None, rate=None, state=State.STARTING)
    assert text_of(workers.row(fresh, fitted, False)).count(" - ") >= 6
    assert " 25 " in text_of(workers.row(samples.thread(1, 4), fitted, False))


def test_a_task_that_no_pool_worker_has_taken_is_queued() -> None:
    fresh = replace(samples.thread(1, 4), state=State.STARTING, started_ns=None)
    assert workers.state_text(fresh) == "» starting"
    assert workers.state_text(replace(fresh, model="process-pool")) == "» queued"


def test_the_selected_worker_stays_in_sight() -> None:
    assert workers.first_row(256, 0, 10, 50) == 0
    assert workers.first_row(256, 255, 10, 0) == 246
    assert workers.first_row(256, 55, 10, 50) == 50
    assert workers.first_row(3, 2, 10, 50) == 0
