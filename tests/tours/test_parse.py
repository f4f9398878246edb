"""The parser of tours: settings are taken over, and every error names file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from pconc_tui.tours import library
from pconc_tui.tours.parse import STEP_KEYS, TOUR_KEYS, TourError, parse
from pconc_tui.tours.tour import Do, Settings
from pconc_tui.tours.values import VALUES

SHORT = '''
title = "Two ways"

[[step]]
title = "Threads"
say = """
One GIL
for all.
"""
notes = """
wait = "until it is quiet"
"""
experiment = "cpu-bound"
workers = 2
do = "measure"
times = 3
question = "How many run at once?"
answers = ["one", "two"]
right = 1
reveal = "{busy} cores busy"
claims = ["gil_wait > 30 %"]
name = "threads"

[[step]]
title = "Processes"
model = "processes"
do = "launch"
claims = ["busy > 0.5 * threads.busy"]
'''


def test_a_step_takes_over_the_settings_of_the_one_before() -> None:
    tour = parse(SHORT, "two.toml", "two")
    first, second = tour.steps
    assert (tour.name, tour.title, tour.needs_function) == ("two", "Two ways", False)
    assert first.settings == Settings("cpu-bound", "calls", "threads", 2)
    assert second.settings == Settings("cpu-bound", "calls", "processes", 2)
    assert (first.say, first.notes) == ("One GIL for all.", 'wait = "until it is quiet"')
    assert (first.do, first.times, second.times) == (Do.MEASURE, 3, 3)
    assert (first.answers, first.right) == (("one", "two"), 1)
    assert second.claims[0].names == ("busy", "threads.busy")


def test_another_experiment_has_its_own_defaults() -> None:
    more = '[[step]]\ntitle = "More"\nexperiment = "lost-update"\nlock = true\n'
    assert parse(SHORT + more, "two.toml", "two").steps[2].settings == Settings("lost-update", "lock", "threads")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title = ", "titel = ", "two.toml:2: titel: there is no such key; there are title, about, recording, step"),
        ('title = "Two ways"', "title = Two", "two.toml:2: Invalid value"),
        ("workers = 2", "workers = 0", "two.toml:14: workers: its value must be a number from 1 to 256"),
        ("workers = 2", "workers = true", "two.toml:14: workers: its value must be a number from 1 to 256"),
        ("workers = 2", "workers = 2.5", "two.toml:14: workers: its value must be a whole number"),
        ('"cpu-bound"', '"cpu"', "two.toml:13: experiment: 'cpu' is none of convoy, cpu-bound"),
        ('"processes"', '"fibres"', "two.toml:26: model: 'fibres' is none of threads, free-threaded"),
        ('do = "launch"', 'do = "lunch"', "two.toml:27: do: 'lunch' is none of nothing, launch, measure, stop"),
        ("gil_wait > 30 %", "gil_wait is 3", "two.toml:21: claims: 'gil_wait is 3' is not a value, a comparison"),
        ("gil_wait > 30 %", "gil_wait > 30 kg", "two.toml:21: claims: '30 kg' is not a number"),
        ("gil_wait > 30 %", "gil > __import__('os')", "two.toml:21: claims: "),
        ("gil_wait > 30 %", "gill > 3", "two.toml:21: claims: there is no value 'gill'"),
        ("{busy}", "{bussy}", "two.toml:20: reveal: there is no value 'bussy'"),
        ("threads.busy", "thread.busy", "two.toml:28: claims: no step above has the name 'thread'"),
        ("right = 1", "right = 3", "two.toml:19: right: its value must be a number from 0 to 2"),
        ('["one", "two"]', '["one"]', "two.toml:18: answers: a question needs two to four answers"),
        ('question = "How many run at once?"\n', "", "two.toml:17: answers: there is no question to it"),
        ('experiment = "cpu-bound"\n', "", "two.toml:13: workers: name an experiment first"),
        ('title = "Processes"', 'title = ""', "two.toml:25: title: it is needed"),
        ('title = "Processes"', "lock = true\ntitle = 'P'", "two.toml:25: lock: its value must be true or false, and"),
        ('"threads"', '"T 1"', "two.toml:22: name: 'T 1' must be of the letters"),
        ('do = "launch"\n', "claims2 = 1\n", "two.toml:27: claims2: there is no such key"),
        ("[[step]]", "[[steps]]", "two.toml:1: steps: there is no such key"),
    ],
)
def test_an_error_names_file_line_and_key(old: str, new: str, message: str) -> None:
    assert old in SHORT
    with pytest.raises(TourError) as raised:
        parse(SHORT.replace(old, new), "two.toml", "two")
    assert str(raised.value).startswith(message)


def test_a_tour_is_found_by_name_and_by_path(tmp_path: Path) -> None:
    path = tmp_path / "two.toml"
    path.write_text(SHORT)
    assert library.load(str(path)) == parse(SHORT, str(path), "two")
    for wrong, message in (
        ("two", "no tour 'two'; there are "),
        (str(tmp_path / "none.toml"), f"can't read {tmp_path}/none.toml: No such file"),
        (str(tmp_path), f"can't read {tmp_path}: Is a directory"),
    ):
        with pytest.raises(TourError, match="^" + message.replace("(", r"\(")):
            library.load(wrong)
    path.write_bytes(b"title = '\xff'")
    with pytest.raises(TourError, match="not UTF-8"):
        library.load(str(path))


def test_all_keys_and_values_are_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "tours.md").read_text()
    assert {name for name in (*TOUR_KEYS, *STEP_KEYS, *VALUES) if f"| `{name}` |" not in page} == set()
