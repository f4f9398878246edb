"""What workers write to standard output and error, by whichever means, is in the log in order."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pconc_tui.lab.channel import HEADER, PRINTED
from pconc_tui.lab.channel_reader import UNFRAMED, FrameParser, new_mark
from pconc_tui.lab.events import encode_fitting
from pconc_tui.lab.printed_lines import MAX_BYTES, PROGRESS_NS, PrintedLines
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.snapshot import Snapshot
from tests.lab.test_user_function import Shared, measured
from tests.support import model_under

MARK = bytes(range(16))
WRITTEN = ["print", "os.write", "subprocess", "shell", "buffer", "C", "stderr", "thread", "1 2 False", "no end"]
model = model_under(
    [
        ("threads", "3.14"),
        ("processes", "3.14"),
        ("process-pool", "3.9"),
        ("asyncio", "3.13t"),
        ("interpreters", "3.14"),
    ]
)
pytestmark = pytest.mark.usefixtures("own_code")


def outcome(monitor: Monitor, python: str, function: str, model: str, workers: int = 1) -> Snapshot:
    return measured(monitor, python, f"output.py:{function}", model, workers)[1]


def test_all_that_is_written_is_in_the_log_in_order(model: tuple[str, str], shared_monitor: Shared) -> None:
    name, python = model
    log = outcome(shared_monitor(python), python, "writes", name).log
    assert [line.text for line in log[len(log) // 2 :]] == WRITTEN
    assert [line.t_s for line in log] == sorted(line.t_s for line in log)
    own = {line.text for line in log if line.worker != "parent"}
    shared = {"os.write", "subprocess", "shell", "C", "thread"}
    assert own == set(WRITTEN) - (set() if name.startswith("process") else shared)


def test_workers_lines_are_not_mixed(monitor: Monitor) -> None:
    log = outcome(monitor, sys.executable, "in_parts", "threads", 4).log
    assert {line.text for line in log} == {f"worker {index} writes this" for index in range(4)}
    assert len(log) == 5 * 20


def test_redirected_output_is_the_users(own_code: Path, monitor: Monitor) -> None:
    log = outcome(monitor, sys.executable, "redirects", "threads").log
    assert [line.text for line in log] == ["back"] * 2
    assert (own_code / "redirected.txt").read_text() == "into a file\n"


def test_the_last_words_of_a_process_that_crashes_are_kept(monitor: Monitor) -> None:
    snapshot = outcome(monitor, sys.executable, "crashes", "processes")
    assert snapshot.workers[0].ending == "killed by signal 11"
    texts = [line.text for line in snapshot.log]
    assert texts[0] == "before"
    assert "Fatal Python error: Segmentation fault" in texts


def test_lines_that_are_dropped_are_counted(monitor: Monitor) -> None:
    snapshot = outcome(monitor, sys.executable, "floods", "processes", 1)
    assert len(snapshot.log) + snapshot.log_dropped + snapshot.log_cut == 2 * 3000


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        (b"one\ntwo\n", ["one", "two"]),
        (b"one\r\ntwo\r\n", ["one", "two"]),
        (b"\r 1%\r 2%\r100%\n", ["100%"]),
        (b"\xe4\n", ["\\xe4"]),
        (b"x" * (MAX_BYTES + 5) + b"\n", ["x" * MAX_BYTES + " ... (5 more bytes)"]),
    ],
)
@pytest.mark.parametrize("step", [1, 1 << 20])
def test_lines_are_as_a_terminal_shows_them(written: bytes, lines: list[str], step: int) -> None:
    printed = PrintedLines()
    found = [line for at in range(0, len(written), step) for line in printed.add(written[at : at + step], 0)]
    assert found + printed.finish(0) == lines


def test_a_progress_bar_is_shown_once_a_second() -> None:
    printed = PrintedLines()
    found = [line for number in range(21) for line in printed.add(b"\r%d" % number, number * PROGRESS_NS // 5)]
    assert found == ["4", "9", "14", "19"]
    assert printed.finish(5 * PROGRESS_NS) == ["20"]


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_frames_are_found_wherever_the_reads_end(step: int) -> None:
    written = b"before" + MARK + HEADER.pack(PRINTED, 3, 5, 4) + MARK[:4] + MARK[:3] + b"after"
    parser = FrameParser(MARK)
    parts = [frame for at in range(0, len(written), step) for frame in parser.parse(written[at : at + step])]
    frames = [frame for frame in parts if frame[0] != UNFRAMED]
    assert frames == [(PRINTED, 3, 5, MARK[:4])]
    assert b"".join(payload for kind, _, _, payload in parts if kind == UNFRAMED) == b"before" + MARK[:3] + b"after"


def test_text_is_never_held_back() -> None:
    for last in range(0xF5):  # The bytes of UTF-8.
        assert list(FrameParser(new_mark()).parse(bytes([last]))) == [(UNFRAMED, 0, 0, bytes([last]))]


def test_an_event_that_is_too_long_says_by_how_much() -> None:
    data = encode_fitting({"event": "log", "text": "\u20ac" * 2000}, 4096)
    assert len(data) <= 4096
    text = json.loads(data)["text"]
    kept = text.count("\u20ac")
    assert text == "\u20ac" * kept + f" ... ({2000 - kept:,} more characters)"
