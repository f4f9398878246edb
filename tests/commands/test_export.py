"""`pconc-tui export` of recordings of real workers: every span once and as it was, fields, pictures, errors."""

from __future__ import annotations

import csv
import html
import io
import json
import sys
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from pconc_tui.commands.json_fields import MEASUREMENT_COLUMNS, RECORDED_SPAN_FIELDS, RECORDING_FIELDS
from pconc_tui.recording.reader import Recording
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from pconc_tui.text.numbers import position
from pconc_tui.timeline.spans import Span
from pconc_tui.ui.animated_svg import MAX_BYTES
from pconc_tui.ui.recording_pictures import View, moving_picture
from tests.commands.test_run import field_names, pconc
from tests.recording.watch import Watch, from_csv, is_cut
from tests.support import ended, running


class Recorded(NamedTuple):
    """A recording, and the spans that its workers had."""

    path: Path
    spans: dict[int, dict[int, Span]]
    """By the worker's id and the start of the span."""
    last: Snapshot


def record(path: Path, python: str) -> Recorded:
    """Threads and a process whose lanes get longer than a snapshot holds; then a measurement."""
    watch = Watch(path, python)
    with closing(watch.monitor) as monitor:
        for model in ("threads", "threads", "processes"):
            monitor.launch(Request("cpu-bound", "calls", model))
        watch.until(lambda snapshot: running(snapshot) and all(map(is_cut, snapshot.workers)))
        monitor.stop_all()
        watch.until(ended)
        monitor.clear()
        watch.until(lambda snapshot: not snapshot.workers)
        monitor.measure(Request("lost-update", "call", "threads", 2, 0.2))
        last = watch.until(lambda snapshot: snapshot.measurements)
    return Recorded(path, watch.spans, last)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return record(tmp_path_factory.mktemp("recorded") / "recording.json.gz", sys.executable)


def exported(recorded: Recorded, *arguments: str) -> str:
    result = pconc("export", str(recorded.path), *arguments)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def test_every_span_is_exported_once_and_as_it_was(recorded: Recorded) -> None:
    text = exported(recorded, "--csv-spans")
    assert text.splitlines()[0].split(",") == list(RECORDED_SPAN_FIELDS)
    assert text.count("\n") > 1000
    assert from_csv(text) == {id: list(spans.values()) for id, spans in recorded.spans.items() if spans}


def test_measurements_have_a_line_each(recorded: Recorded) -> None:
    (row,) = csv.DictReader(io.StringIO(exported(recorded, "--csv-measurements")))
    (measurement,) = recorded.last.measurements
    assert tuple(row) == MEASUREMENT_COLUMNS
    assert row["experiment"] == "lost-update"
    assert float(row["n_runs_s"]) == measurement.n_runs_s
    assert row["workers"] == "2"


def test_the_json_object_has_documented_fields_only(recorded: Recorded) -> None:
    found = json.loads(exported(recorded, "--json"))
    with closing(Recording.open(str(recorded.path))) as recording:
        assert found["frames"] == len(recording.frame_times)
        assert found["duration_s"] == (recording.ended_ns - recording.began_ns) / 1e9
    (measurement,) = found["measurements"]
    assert measurement["counters"]["expected"] == recorded.last.counters[0].expected
    assert {each["id"] for each in found["workers_detail"]} == set(recorded.spans)
    measurement["counters"] = 0
    elsewhere = ("comparisons[]", "log[]")
    names = {name for name in field_names(found) if not name.startswith(elsewhere)}
    assert names == {name for name in RECORDING_FIELDS if not name.startswith(elsewhere)}


def test_help_describes_every_field() -> None:
    text = pconc("export", "--help").stdout
    assert all(f"  {name}  " in text for name in (*RECORDING_FIELDS, *RECORDED_SPAN_FIELDS))


def with_spaces(image: str) -> str:
    """Its text as it is read: spaces in pictures don't break lines."""
    return html.unescape(image).replace("\xa0", " ")


def test_a_picture_shows_the_moment(recorded: Recorded) -> None:
    with closing(Recording.open(str(recorded.path))) as recording:
        at_s = next(
            (time_ns - recording.began_ns) / 1e9
            for time_ns in recording.frame_times
            if len(recording.at(time_ns).workers) == 3
        )
    image = exported(recorded, "--svg", "--at", f"{at_s:.9f}", "--size", "100x30")
    words = " ".join(text.text or "" for text in ElementTree.fromstring(image).iter() if text.tag.endswith("text"))
    assert f"pconc-tui, recorded at {position(round(at_s * 1e9), 3)}" in with_spaces(words)
    assert "Process-1" in words
    assert "lost" not in words
    assert "lost" in exported(recorded, "--svg")


def test_a_moving_picture_of_a_part(recorded: Recorded, tmp_path: Path) -> None:
    path = tmp_path / "moving.svg"
    assert exported(recorded, "--animated-svg", "--to", "0:02", "--speed", "2", "-o", str(path)) == ""
    image = path.read_text()
    assert "animation:1s step-end infinite" in image
    assert ">pconc-tui, recorded, speed 2<" in with_spaces(image)
    assert len(image.encode()) <= MAX_BYTES
    assert 'viewBox="0 0 1482 ' in image  # 120 columns of 12.2 pixels, and the window around them.


@pytest.mark.parametrize(
    ("speed", "said"), [(1.0, ""), (0.01, ", speed 1/100"), (0.03, ", speed 0.03"), (16.0, ", speed 16")]
)
def test_the_title_of_a_moving_picture_says_how_fast_it_plays(recorded: Recorded, speed: float, said: str) -> None:
    with closing(Recording.open(str(recorded.path))) as recording:
        began_ns = recording.began_ns
        image = moving_picture(recording, began_ns, began_ns + round(speed * 5e8), speed, View())
    assert f">pconc-tui, recorded{said}<" in with_spaces(image)


def test_what_was_cut_becomes_a_whole_file(recorded: Recorded, tmp_path: Path) -> None:
    cut, whole = tmp_path / "cut.json.gz", tmp_path / "whole.json.gz"
    data = recorded.path.read_bytes()
    cut.write_bytes(data[: len(data) * 2 // 3])
    assert pconc("export", str(cut), "--trace", "-o", str(whole)).returncode == 0
    with closing(Recording.open(str(cut))) as before, closing(Recording.open(str(whole))) as after:
        assert [*after.frame_times] == [*before.frame_times]
        assert after.at(after.ended_ns).measurements == before.at(before.ended_ns).measurements
        assert len(after.frame_times) > 5


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--svg", "--at", "100:00:00"), "the recording lasts"),
        (("--animated-svg", "--from", "1", "--to", "1"), "--from must be before --to"),
        (("--animated-svg", "--speed", "0.001"), "15 s is most"),
        (("--json", "--at", "1"), "--at is for --svg"),
        (("--svg", "--from", "1"), "--from is for --animated-svg"),
        (("--svg", "--at", "soon"), "is no time"),
        (("--svg", "--size", "9x9"), "is no size"),
        ((), "one of the arguments"),
    ],
)
def test_usage_errors_are_one_line(recorded: Recorded, arguments: tuple[str, ...], reason: str) -> None:
    result = pconc("export", str(recorded.path), *arguments)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert reason in result.stderr


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\x1f\x8b\x08\0\0\0\0\0\0\xff"])
def test_what_is_no_recording_is_one_line(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    for form in ("--csv-spans", "--csv-measurements", "--json", "--trace", "--svg", "--animated-svg"):
        result = pconc("export", str(path), form)
        assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
        assert f"can't read {path}" in result.stderr


def test_where_nothing_can_be_written(recorded: Recorded, tmp_path: Path) -> None:
    result = pconc("export", str(recorded.path), "--json", "-o", str(tmp_path / "missing" / "file"))
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert "can't write" in result.stderr
