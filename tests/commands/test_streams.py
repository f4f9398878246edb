"""Streams that are closed, full, or can't express a character; a machine without /proc: a line, never a traceback."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import LONG_S, complaints, eventually

PCONC = f"{sys.executable} -m pconc_tui"
RUN = f"{PCONC} run identity --workers 1"


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=LONG_S,
        check=False,
    )


@pytest.mark.parametrize("command", [f"{PCONC} --version", f"{PCONC} run --help", RUN, f"{RUN} --json"])
@pytest.mark.parametrize(
    ("target", "reason"), [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")]
)
def test_output_that_can_not_be_written_is_reported_in_one_line(command: str, target: str, reason: str) -> None:
    result = shell(f"{command} {target}")
    assert (result.returncode, complaints(result.stderr)) == (
        1,
        f"pconc-tui: can't write to standard output: {reason}\n",
    )


def test_a_file_that_can_not_be_written_is_reported_in_one_line() -> None:
    result = shell(f"{RUN} --spans /dev/full")
    complaint = "pconc-tui: can't write /dev/full: No space left on device\n"
    assert (result.returncode, complaints(result.stderr)) == (1, complaint)
    assert "One run took" in result.stdout


@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
def test_other_streams_may_be_closed(closed: str) -> None:
    result = shell(f"{RUN} {closed}")
    assert (result.returncode, complaints(result.stderr)) == (0, "")
    assert "One run took" in result.stdout


def test_a_reader_that_stops_reading_is_no_error_to_report() -> None:
    result = shell(f"{RUN} --help | head -1; exit ${{PIPESTATUS[0]}}")
    assert (result.returncode in (0, 1), result.stderr) == (True, "")


@pytest.mark.parametrize("encoding", ["ascii", "ascii:strict"])
def test_what_the_encoding_can_not_express_is_escaped(encoding: str) -> None:
    result = shell(RUN, PYTHONIOENCODING=encoding)
    assert (result.returncode, complaints(result.stderr)) == (0, "")
    assert "One run took" in result.stdout


def test_a_file_name_that_is_not_text_is_escaped(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/w\xff.py"
    with open(path, "w") as file:
        file.write("def f():\n    pass\n")
    result = subprocess.run(
        [*PCONC.encode().split(), b"run", path + b":f", b"--workers", b"1"],
        capture_output=True,
        timeout=LONG_S,
        check=False,
    )
    assert (result.returncode, complaints(result.stderr.decode())) == (0, "")
    assert b"w\\udcff.py:f" in result.stdout


@pytest.mark.skipif(not shutil.which("unshare") or os.getuid() != 0, reason="needs root and unshare")
def test_without_proc_a_line_says_so() -> None:
    hidden = "mount -t tmpfs none /proc || exit 99"
    result = shell(f'unshare -m bash -c "{hidden}; {RUN}"')
    if result.returncode == 99:
        pytest.skip("mounts are not allowed here")
    assert (result.returncode, result.stderr) == (1, "pconc-tui: needs /proc, which is not mounted here\n")


def test_ctrl_c_while_modules_are_imported_prints_nothing(tmp_path: Path) -> None:
    # The module stands for any that is imported before a command can handle Ctrl+C.
    (tmp_path / "argparse.py").write_text("open('reached', 'w').close()\nimport time\ntime.sleep(1e6)\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with subprocess.Popen(
        [*PCONC.split(), "list"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=tmp_path, env=environment
    ) as process:
        eventually((tmp_path / "reached").exists)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=LONG_S)
    assert (process.returncode, errors) == (-signal.SIGINT, b"")
