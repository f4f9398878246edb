"""`pconc-tui watch` without a terminal: summary, JSON, spans, long holds; and that it leaves the program alone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from pconc_tui.commands.json_fields import SPAN_FIELDS
from pconc_tui.protocol.block import State
from pconc_tui.recording.reader import Recording
from tests.support import needed
from tests.watched import BUSY, STALLS, program

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
COMMAND = [sys.executable, "-m", "pconc_tui", "watch"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "needs a process id, or a command"),
        (("999999999",), "there is no process 999999999"),
        (("0",), "there is no process 0"),
        (("1", "2"), "no such program"),
        (("--", "no-such-program-here"), "no such program"),
        (("1", "--seconds", "0"), "is not a number"),
        (("1", "--longer-than", "soon"), "is not a duration"),
        (("1", "--longer-than", "0ms"), "is not a duration"),
        (("1", "--spans", "/no/such/file"), "can't write /no/such/file"),
    ],
)
def test_usage_errors_are_one_line(arguments: tuple[str, ...], problem: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert problem in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_summary_has_the_headline_and_a_row_for_each_thread() -> None:
    with program(BUSY) as process:
        done = run(str(process.pid), "--seconds", "3")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Process {process.pid}" in done.stdout
    for name in ("MainThread", "cruncher-0", "cruncher-1", "cruncher-2", "waiter"):
        assert re.search(rf"^{name} +\d+ +\d+", done.stdout, re.MULTILINE), done.stdout


def test_json_and_spans_say_the_same(tmp_path: Path) -> None:
    path = tmp_path / "spans.jsonl"
    with program(BUSY) as process:
        done = run(str(process.pid), "--seconds", "2", "--json", "--spans", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["pid"] == process.pid
    assert found["headline"]
    assert [each["pid"] for each in found["processes"]] == [process.pid]
    assert len(found["threads"]) == 5
    spans = [json.loads(line) for line in path.read_text().splitlines()]
    assert all(each.keys() == SPAN_FIELDS.keys() for each in spans)
    for thread in found["threads"]:
        own = [each for each in spans if each["native_id"] == thread["native_id"]]
        for state in ("gil_wait", "core_wait", "io", "lock_wait", "released"):
            states = (state, "asking") if state == "released" else (state,)  # It asks for the GIL without having it.
            total_ns = sum(each["end_ns"] - each["start_ns"] for each in own if each["state"] in states)
            assert total_ns / 1e9 == pytest.approx(thread["seconds"][state], abs=1e-6)


def test_a_recording_has_the_threads_and_what_they_wait_for(tmp_path: Path) -> None:
    path = tmp_path / "watch.json.gz"
    with program(BUSY) as process:
        done = run(str(process.pid), "--seconds", "2", "--record", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    with closing(Recording.open(str(path))) as recording:
        snapshot = recording.at(recording.ended_ns)
    assert snapshot.program is not None
    assert snapshot.program.pid == process.pid
    assert len(snapshot.workers) == 5
    assert all(each.thread is not None and each.thread.python for each in snapshot.workers)
    assert any(span.state is State.GIL_WAIT for each in snapshot.workers for piece in each.history for span in piece)


def test_long_holds_are_printed_with_thread_and_stack() -> None:
    with program(STALLS) as process:
        done = run(str(process.pid), "--seconds", "5", "--longer-than", "20ms")
        in_json = run(str(process.pid), "--seconds", "3", "--longer-than", "20ms", "--json")
    assert done.returncode == 0
    assert re.search(r"^ +\d+\.\d{3} s  staller \(PID \d+, TID \d+\) held the GIL for ", done.stdout, re.MULTILINE)
    holds = json.loads(in_json.stdout)["holds"]
    assert all(each["seconds"] >= 0.02 for each in holds)


HANGS = """
import ctypes, sys, threading
def hang():
    ctypes.PyDLL(None).usleep(60_000_000)
def wait():
    while True:
        sum(range(100))
threading.Thread(target=wait, name="waits", daemon=True).start()
print("up", flush=True)
threading.Thread(target=hang, name="hangs", daemon=True).start()
sys.stdin.read()
"""
"""A thread that blocks with the GIL, for longer than it is watched."""


def test_a_long_hold_that_goes_on_is_printed_at_the_end_and_may_have_begun_earlier() -> None:
    with program(HANGS) as process:
        done = run(str(process.pid), "--seconds", "3", "--longer-than", "500ms")
        found = json.loads(run(str(process.pid), "--seconds", "2", "--longer-than", "500ms", "--json").stdout)
    if found["source"] != "kernel":
        pytest.skip("only records with registers show that a thread has blocked with the GIL")
    assert re.search(r"TID \d+\) has held the GIL for \d\.\d+ s( or longer)? so far", done.stdout), done.stdout
    (hold,) = [each for each in found["holds"] if each["goes_on"]]
    assert hold["name"].startswith(("hangs", "python"))
    assert hold["seconds"] > 1.5


def test_a_command_passes_its_exit_status_on_and_prints_beside_the_summary() -> None:
    code = "import sys; print('from the program'); sys.exit(7)"
    done = run("--json", "--", sys.executable, "-c", code)
    assert done.returncode == 7
    assert json.loads(done.stdout)["ended"] == "has ended with exit status 7"
    assert "from the program" in done.stderr


def test_of_a_program_that_ends_at_once_nothing_is_said_that_is_not_known() -> None:
    found = json.loads(run("--json", "--", "true").stdout)
    if found["source"] == "sampled":
        pytest.skip("no records say when it was executed")
    assert found["processes"][0]["command"] == "true"
    assert found["processes"][0]["python"] == ""
    assert not any(each["python"] for each in found["threads"])
    assert found["headline"].endswith(("it ended before it was known whether it runs Python code", "runs Python code"))


REQUESTS_IN_TURN = """
import threading, time
def handle():
    while time.thread_time() < 0.004:
        pass
for _ in range(250):
    thread = threading.Thread(target=handle)
    thread.start()
    thread.join()
"""
"""A thread for each piece of work, one after another: few of them live when the interpreter is read."""


def test_threads_that_live_for_a_moment_count_as_python_s() -> None:
    found = json.loads(run("--json", "--", sys.executable, "-c", REQUESTS_IN_TURN).stdout)
    if found["source"] == "sampled":
        pytest.skip("no records have such threads")
    assert len(found["threads"]) == 251
    assert sum(not each["python"] for each in found["threads"]) < 5
    assert sum(each["cpu_s"] for each in found["threads"]) == pytest.approx(1.1, abs=0.2)
    assert "threads take turns with the GIL, held" in found["headline"]
    assert int(re.findall(r"held (\d+) %", found["headline"])[0]) > 55


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_what_waits_in_the_place_of_a_command_is_not_taken_for_it(tmp_path: Path) -> None:
    spans = tmp_path / "spans.jsonl"
    done = run("--json", "--spans", str(spans), "--", "sleep", "0.3")
    found = json.loads(done.stdout)
    if found["source"] == "sampled":
        pytest.skip("no records say when it was executed")
    assert [(each["name"], each["python"]) for each in found["threads"]] == [("sleep", False)]
    assert found["processes"][0]["python"] == ""
    assert found["headline"].endswith("no thread runs Python code")
    assert json.loads(spans.read_text().splitlines()[0])["state"] == "running"


@pytest.mark.parametrize("version", ["", "3.14"], ids=["by py-spy", "by its own interpreter"])
def test_it_neither_stops_nor_signals_nor_writes_to_the_program(version: str, tmp_path: Path) -> None:
    path = tmp_path / "calls"
    calls = "ptrace,process_vm_writev,kill,tkill,tgkill,pidfd_send_signal,openat,open"
    with program(BUSY, needed(version) if version else sys.executable) as process:
        done = subprocess.run(
            ["strace", "-f", "-qq", "-e", f"trace={calls}", "-o", path, *COMMAND, str(process.pid), "--seconds", "2"],
            capture_output=True,
        )
        assert done.returncode == 0
        traced = path.read_text().splitlines()
        of_it = [line for line in traced if re.search(rf"\b{process.pid}\b", line)]
        assert any(f"/proc/{process.pid}/mem" in line for line in of_it)
        assert [line for line in of_it if "open" not in line or "O_WRONLY" in line or "O_RDWR" in line] == []
        assert not any("ptrace(" in line or "process_vm_writev(" in line for line in traced)
