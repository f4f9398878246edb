"""`run` and `compare` at a terminal of 80 columns: every line fits, and no word is cut."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import sys
import termios
from pathlib import Path

import pytest

from pconc_tui.text.table import display_width, wrapped

COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def shown(width: int, *arguments: str) -> list[str]:
    """The lines that the command shows at a terminal of this width, progress bars erased."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.pop("COLUMNS", None)
        os.execv(sys.executable, [sys.executable, "-P", "-m", "pconc_tui", *arguments])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    output = b""
    try:
        while data := os.read(fd, 65536):
            output += data
    except OSError:
        pass  # The terminal is closed when the command has ended.
    os.close(fd)
    os.waitpid(pid, 0)
    text = COLOURS.sub("", output.decode().replace("\r\n", "\n"))
    return [line.rpartition("\r")[2] for line in text.splitlines()]


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "identity", "--workers", "2"),
        ("run", "lost-update", "--scale", "0.02", "--variant", "call", "--model", "process-pool"),
        ("run", "queue", "--scale", "0.05"),
        ("run", "deadlock", "--workers", "2"),
        (
            "compare",
            "cpu-bound",
            "--models",
            "threads,thread-pool",
            "--scale",
            "0.02",
            "--repeat",
            "1",
            "--workers",
            "2",
        ),
    ],
    ids=" ".join,
)
def test_every_line_fits(arguments: tuple[str, ...]) -> None:
    python = ("--python", sys.executable) if arguments[0] == "compare" else ()
    lines = shown(80, *arguments, *python)
    assert [line for line in lines if display_width(line) > 80] == []
    assert "…" not in "".join(lines)
    assert any("threads" in line or "process-pool" in line for line in lines)


def test_a_long_ending_stands_below_its_row(own_code: Path) -> None:
    (own_code / "wordy.py").write_text(f"def f():\n    raise ValueError({'word ' * 40!r})\n")
    lines = shown(80, "run", "wordy.py:f", "--workers", "1")
    table = lines[lines.index(next(line for line in lines if line.startswith("worker "))) :]
    ending = table[2 : next(number for number, line in enumerate(table) if line.startswith("Traceback"))]
    assert table[1].startswith("Thread-1 ")
    assert len(ending) > 1
    assert all(line.startswith("  ") and display_width(line) <= 80 for line in ending)
    assert " ".join(ending).split()[:2] == ["ValueError:", "word"]


def test_wrapping_cuts_no_word() -> None:
    assert wrapped("a line that fits", 20) == ["a line that fits"]
    assert wrapped("a line that does not-really fit", 14, 2) == ["a line that", "  does", "  not-really", "  fit"]
    assert wrapped("short andmuchtoolongforthat", 10) == ["short", "andmuchtoolongforthat"]
    assert wrapped("as wide as it is", None) == ["as wide as it is"]
