"""What runs, in words."""

from __future__ import annotations

from dataclasses import replace

from pconc_tui.text.what_runs import briefly, one, running
from tests.ui import samples


def test_what_runs_is_counted_by_model_and_experiment() -> None:
    threads = [samples.thread(number, 2) for number in (1, 2)]
    process = replace(samples.process(3), experiment="queue")
    ended = samples.ended(samples.thread(4, 4), "done")
    assert running([*threads, process, ended]) == [
        "2 threads of cpu-bound, 1 process of queue",
        "2 threads, 1 process",
        "3 workers",
    ]
    assert running([ended]) == ["nothing"]


def test_interpreters_are_named_where_they_differ() -> None:
    other = replace(samples.thread(2, 2), python="3.13.5t", model="free-threaded")
    assert running([samples.thread(1, 2), other])[0] == (
        "1 thread of cpu-bound under 3.13, 1 free-threaded thread of cpu-bound under 3.13t"
    )


def test_a_function_of_the_user_is_named_without_its_path_where_it_is_narrow() -> None:
    own = replace(samples.thread(1, 1), experiment="a/long/path/to/work.py:crunch")
    assert running([own])[:2] == ["1 thread of a/long/path/to/work.py:crunch", "1 thread of crunch"]
    assert briefly("cpu-bound") == "cpu-bound"


def test_models_have_nouns() -> None:
    models = ("threads", "interpreters", "asyncio", "process-pool")
    assert [one(model) for model in models] == ["a thread", "an interpreter", "an asyncio task", "a process-pool task"]
