"""The workers' table: its columns at every width, and what rows say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pconc_tui.protocol.block import State
from pconc_tui.protocol.lane_source import Source
from pconc_tui.snapshot import WorkerProcess
from pconc_tui.timeline.spans import Times
from pconc_tui.ui.panels import cores, status, worker_columns, workers
from tests.ui import samples
from tests.ui.screens import text_of


@pytest.mark.parametrize("width", [58, 60, 78, 98, 120, 156, 200])
def test_the_tables_columns_keep_their_places(width: int) -> None:
    fitted = worker_columns.fit_columns(width)
    crowd = (*samples.MANY.workers[:4], *samples.ENDED.workers, samples.process(200))
    rows = [text_of(workers.row(worker, fitted, False)) for worker in crowd]
    assert {len(row) for row in rows} == {len(text_of(workers.header(fitted)))}
    assert len(rows[0]) <= width
    assert {"name", "state", "run%", "GIL%"} <= {column.title for column in fitted.columns}


def test_the_wide_table_has_every_column() -> None:
    all_titles = [each.title for each in worker_columns.COLUMNS]
    fork = replace(samples.process(1), role="producer", python="3.14.0", start_method="fork")
    spawn = replace(fork, python="3.13.0t", start_method="spawn")
    sampled = replace(spawn, source=Source.SAMPLED.value, total=Times(io=1.0, blocked_with_gil=0.1))
    assert [column.title for column in worker_columns.fit_columns(220, (fork, sampled)).columns] == all_titles
    all_titles = [each for each in all_titles if each not in ("lanes", worker_columns.BLOCKED)]
    assert [column.title for column in worker_columns.fit_columns(180, (fork, spawn)).columns] == all_titles
    all_titles.remove("start")
    assert [
        column.title for column in worker_columns.fit_columns(170, (fork, replace(spawn, start_method="fork"))).columns
    ] == all_titles


def test_rows_say_how_workers_ended() -> None:
    fitted = worker_columns.fit_columns(156)
    rows = [text_of(workers.row(worker, fitted, False)) for worker in samples.ENDED.workers]
    for row, ending in zip(rows, ("done", "stopped", "killed by signal 9", "ValueError: bad\\x1b[2J"), strict=True):
        assert ending in row


def test_the_selected_row_is_marked_without_colour_too() -> None:
    fitted = worker_columns.fit_columns(80)
    assert text_of(workers.row(samples.thread(1, 4), fitted, True)).startswith("▸")


def test_shares_are_of_the_last_second_and_unknown_before_it() -> None:
    fitted = worker_columns.fit_columns(156)
    fresh = replace(samples.thread(1, 4), recent=None, cpu=None, rate=None, state=State.STARTING)
    assert text_of(workers.row(fresh, fitted, False)).count(" - ") >= 6
    assert " 25 " in text_of(workers.row(samples.thread(1, 4), fitted, False))


def test_a_task_that_no_pool_worker_has_taken_is_queued() -> None:
    fresh = replace(samples.thread(1, 4), state=State.STARTING, started_ns=None)
    assert worker_columns.state_text(fresh) == "» starting"
    assert worker_columns.state_text(replace(fresh, model="process-pool")) == "» queued"


def test_the_selected_worker_stays_in_sight() -> None:
    assert workers.first_row(256, 0, 10, 50) == 0
    assert workers.first_row(256, 255, 10, 0) == 246
    assert workers.first_row(256, 55, 10, 50) == 50
    assert workers.first_row(3, 2, 10, 50) == 0


def test_helper_threads_and_child_processes_have_rows_under_the_last_worker_of_their_process() -> None:
    crowd = tuple(samples.thread(number, 3) for number in range(1, 4))
    process = WorkerProcess(samples.thread(1, 3).pid or 0, (crowd[0].id, crowd[1].id), helpers=0.93, children=0.41)
    lines = [text_of(line) for line in workers.lines(crowd, (process,), 0, 0, 156, 20)]
    assert [line.split()[:2] for line in lines[3:5]] == [["helper", "threads"], ["child", "processes"]]
    at = lines[0].index("CPU%")
    assert [line[at : at + 4].strip() for line in lines[3:5]] == ["93", "41"]
    assert "Thread-3" in lines[5]


def test_rows_of_helpers_do_not_hide_the_selected_worker() -> None:
    crowd = tuple(samples.thread(number, 3) for number in range(1, 4))
    process = WorkerProcess(1, tuple(worker.id for worker in crowd[:1]), helpers=0.93, children=0.41)
    assert [row.worker for row in workers.rows(crowd, (process,), 2, 0, 3)] == [0, 1, 2]
    assert [row.worker for row in workers.rows(crowd, (process,), 0, 0, 3)] == [0, 0, 0]


def test_helpers_that_use_next_to_nothing_have_no_row() -> None:
    process = WorkerProcess(1, (samples.thread(1, 1).id,), helpers=0.01, children=None)
    assert len(workers.rows((samples.thread(1, 1),), (process,), 0, 0, 9)) == 1


def test_cores_that_other_programs_use_stand_beside_the_busy_ones() -> None:
    assert "others" not in text_of(cores.cores_busy(replace(samples.THREADS, others=0.1)))
    found = text_of(cores.cores_busy(replace(samples.THREADS, others=1.7, core_count=1.5)))
    assert found == "cores busy 1.00 of 1.5 · others 1.70"


def test_throttling_stands_in_the_status() -> None:
    found = text_of(status.labs_line(replace(samples.THREADS, throttled=0.4, core_count=1.5), 160))
    assert "1.5 cores, throttled 40 %" in found
