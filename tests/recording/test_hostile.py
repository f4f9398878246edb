"""Files that are no recordings, or made to harm: one clear line, and no more than 500 MB."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pconc_tui.recording.compressor import Compressor, opening_bytes
from pconc_tui.recording.file_format import FORMAT, GZIP_HEADER, KEY, MARKER, SEGMENT, RecordingError, own_line
from pconc_tui.recording.reader import Recording
from tests.recording.damage import whole_recording
from tests.support import LONG_S

LIMIT_MB = 500
READ = """
import re, sys
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.file_format import RecordingError
try:
    recording = Recording.open(sys.argv[1])
    for time_ns in (recording.began_ns, recording.ended_ns, 0):
        shown = recording.at(time_ns)
        for worker in shown.workers:
            for piece in worker.history:
                list(piece)
        recording.next_handoff(time_ns), recording.previous_handoff(time_ns)
        recording.settings(time_ns), recording.sources(time_ns)
    print("read")
except RecordingError as error:
    print(error)
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
"""


def read(path: Path) -> str:
    """What a reader in a process of its own says: `read`, or why it can't; it may not take more than LIMIT_MB."""
    command = [sys.executable, "-c", READ, str(path)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=LONG_S, check=False)
    assert found.stderr == ""
    said, peak_mb = found.stdout.strip().splitlines()
    assert int(peak_mb) < LIMIT_MB
    return said


def head(number: int = 1, **other: Any) -> dict[str, Any]:
    """The arguments of the first line of a segment."""
    usual = {"format": FORMAT, "program": "0", "about": {}, "began": 0, "number": number, "t": number, "times": []}
    return {**usual, "marks": [], "handoffs": 0, "lanes": [], **other}


def segment(*lines: tuple[str, str]) -> bytes:
    """The text of a segment with these lines of ours: names, and arguments without their brackets."""
    text, crc = b"", 0
    for name, args in lines:
        line, crc = own_line(name, args, crc)
        text += line
    return text


def starting(number: int = 1, **other: Any) -> tuple[str, str]:
    """The first line of a segment."""
    return SEGMENT, json.dumps(head(number, **other))[1:-1]


def write(path: Path, segments: Iterable[bytes]) -> None:
    """Write a file with segments of these texts."""
    with open(path, "wb") as file:
        file.write(opening_bytes())
        for text in segments:
            compressor = Compressor()
            file.write(compressor.add(text) + compressor.end_segment())


@cache
def zeros() -> bytes:
    """1 GB of zeros, compressed, without a marker but at the end."""
    deflate, block = zlib.compressobj(1, zlib.DEFLATED, -15), bytes(1 << 24)
    return b"".join(deflate.compress(block) for _ in range(64)) + deflate.flush(zlib.Z_FULL_FLUSH)


def bomb(path: Path) -> None:
    write(path, [segment(starting())])
    with open(path, "ab") as file:
        file.write(zeros() * 10)


def bomb_in_a_frame(path: Path) -> None:
    write(path, [segment(starting(), (KEY, f'"t":1,"s":"{"0" * (200 << 20)}"'))])


def all_zeros(path: Path) -> None:
    path.write_bytes(GZIP_HEADER)
    os.truncate(path, 10 << 30)


def zeros_after_a_segment(path: Path) -> None:
    write(path, [segment(starting(), (KEY, '"t":1,"s":{"now_ns":1,"core_count":2.0}'))])
    os.truncate(path, 10 << 30)


def compressed_zeros(path: Path) -> None:
    path.write_bytes(GZIP_HEADER + zeros() * 10)


def deep(path: Path) -> None:
    write(path, [segment(starting(), (KEY, f'"t":1,"s":{"[" * 5_000_000}'))])


def deep_and_closed(path: Path) -> None:
    write(path, [segment(starting(), (KEY, f'"t":1,"s":{"[" * 100_000}{"]" * 100_000}'))])


def many_lists(path: Path) -> None:
    write(path, [segment(starting(), (KEY, f'"t":1,"s":[{"[]," * 4_500_000}0]'))])


def many_slices(path: Path) -> None:
    slices = '{"name":"running","ph":"X","pid":1,"tid":2,"ts":1.000,"dur":1.000},\n' * 280_000
    text, crc = own_line(*starting(), 0)
    own, _ = own_line(KEY, '"t":1,"s":{"now_ns":1,"core_count":2.0}', zlib.crc32(slices.encode(), crc))
    write(path, [text + slices.encode() + own])


def markers(path: Path) -> None:
    path.write_bytes(GZIP_HEADER + MARKER * (16 << 20))


def many_segments(path: Path) -> None:
    write(path, (segment(starting(number)) for number in range(1, 40_000)))


def long_heads(path: Path) -> None:
    lanes = [number for lane in range(3000) for number in (lane, 9, 0, 9)]
    write(path, (segment(starting(number, lanes=lanes, times=[1] * 9000)) for number in range(1, 1500)))


HOSTILE: tuple[Callable[[Path], None], ...] = (
    bomb, bomb_in_a_frame, all_zeros, zeros_after_a_segment, compressed_zeros, deep, deep_and_closed, many_lists,
    many_slices, markers, many_segments, long_heads,
)  # fmt: skip


@pytest.mark.parametrize("make", HOSTILE, ids=lambda each: each.__name__)
def test_a_hostile_file_is_read_in_part_or_refused_in_one_line(make: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "hostile.json.gz"
    make(path)
    said = read(path)
    assert said == "read" or said.startswith(f"can't read {path}: ") or "whole" in said


def foreign() -> Iterator[tuple[str, bytes]]:
    trace = json.dumps([{"name": "a", "ph": "X", "pid": 1, "tid": 1, "ts": 0, "dur": 1}]).encode()
    yield "empty", b""
    yield "text", b"pconc-tui\n" * 1000
    yield "trace", trace
    yield "gzipped", gzip.compress(trace)
    yield "image", b"\x89PNG\r\n\x1a\n" + bytes(1000)
    yield "no segment", opening_bytes()


@pytest.mark.parametrize(("name", "data"), list(foreign()), ids=lambda each: each if isinstance(each, str) else "")
def test_a_foreign_file_is_refused(name: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(RecordingError, match=re.escape(f"can't read {path}: it is no recording of pconc-tui")):
        Recording.open(str(path))


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["unzipped", "compressed again"])
def test_a_recording_that_was_repacked_is_refused_with_the_reason(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = tmp_path / "recording.json.gz"
    write(path, [segment(starting(), (KEY, '"t":1,"s":{"now_ns":1,"core_count":2.0}'))])
    path.write_bytes(pack(zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(path.read_bytes())))
    with pytest.raises(RecordingError, match="it was unzipped or compressed again since it was recorded"):
        Recording.open(str(path))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (str(tmp_path), str(tmp_path / "pipe"), str(tmp_path / "missing"), "/dev/zero", "a\0b"):
        with pytest.raises(RecordingError, match="can't read"):
            Recording.open(path)


def test_a_newer_file_is_refused_in_a_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "newer.json.gz"
    write(path, [segment(starting(format=FORMAT + 1, program="9.1.0"))])
    with pytest.raises(RecordingError, match=rf"pconc-tui '9\.1\.0' has recorded it in format {FORMAT + 1}"):
        Recording.open(str(path))


VALUES: tuple[Any, ...] = (
    None, True, -1, 1 << 62, 1 << 70, 1e308, -0.5, "", "x" * 1000, [], {}, [[]], [1, 2], {"=": 1}, {"d": -1},
    {"i": [[9]]}, {"+": 1}, {"n": True}, [[1, 2, 3]], float("inf"), float("nan"),
)  # fmt: skip
LINE = re.compile(rb'^\{"name":"(pconc-tui \w+)".*?"args":(\{.*),"crc":\d+\}\},?$')


def mutated(found: Any, random: Random) -> Any:
    """The JSON with another value at a random place."""
    if random.random() < 0.25 or not isinstance(found, (dict, list)) or not found:
        return random.choice(VALUES)
    place = random.choice(list(found) if isinstance(found, dict) else range(len(found)))
    copy: Any = dict(found) if isinstance(found, dict) else list(found)
    copy[place] = mutated(found[place], random)
    return copy


def with_wrong_values(text: bytes, random: Random) -> bytes:
    """The text of a segment with wrong values in some of its lines, whose checksums are right."""
    crc, found = 0, b""
    for line in text.splitlines():
        match = LINE.match(line)
        if match is None:
            new = line + b"\n"
            crc = zlib.crc32(new, crc)
        else:
            args = json.loads(match[2] + b"}")
            if random.random() < 0.1:
                args = mutated(args, random)
                args = args if isinstance(args, dict) else {"t": args}
            new, crc = own_line(match[1].decode(), json.dumps(args)[1:-1], crc)
        found += new
    return found


def test_wrong_types_and_values_are_found(tmp_path: Path) -> None:
    path = tmp_path / "made.json.gz"
    whole_recording(path, workers=2, seconds=6)
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)[1:-2]
    starts = [number for number, line in enumerate(lines) if line.startswith(b'{"name":"pconc-tui segment"')]
    texts = [b"".join(lines[start:end]) for start, end in zip(starts, [*starts[1:], None], strict=True)]
    assert len(texts) == 2
    opened = refused = 0
    for seed in range(60):
        random = Random(seed)
        write(path, [with_wrong_values(text, random) for text in texts])
        try:
            recording = Recording.open(str(path))
        except RecordingError:
            refused += 1
            continue
        opened += 1
        with closing(recording):
            for time_ns in (recording.began_ns, *recording.frame_times[::7], recording.ended_ns):
                try:
                    shown = recording.at(time_ns)
                except RecordingError:
                    continue
                for worker in shown.workers:
                    assert all(span.end_ns > span.start_ns for piece in worker.history for span in piece)
                recording.next_handoff(time_ns)
                recording.settings(time_ns)
                recording.sources(time_ns)
    assert opened
    assert refused < 60
