"""What a stack shows that its worker waits for."""

from __future__ import annotations

from pathlib import Path

import pytest

from pconc_tui.monitor.wait_description import Call, Stack, describe
from pconc_tui.protocol.block import State


@pytest.mark.parametrize(
    ("functions", "words"),
    [
        ("threading.wait", "waits for a condition"),
        ("threading.wait threading.wait", "waits for an event"),
        ("threading.wait threading._wait threading.wait", "waits at a barrier"),
        ("threading.wait threading.wait_for threading._wait threading.wait", "waits at a barrier"),
        ("threading.wait queue.get", "waits for an item of a queue"),
        ("threading.wait concurrent/futures/_base.result", "waits for a future"),
        ("asyncio/locks.wait", "waits for an event or a condition"),
        ("asyncio/tasks.sleep", "sleeps"),
        ("asyncio/locks.acquire asyncio/tasks.wait_for", "waits for a lock"),
        ("subprocess.wait subprocess.run", "waits for a child process"),
        ("decimal.unknown", "is blocked"),
    ],
)
def test_the_outermost_known_call_says_it(functions: str, words: str) -> None:
    inner = [Call(f"{module}.py", 1, name) for module, _, name in (each.rpartition(".") for each in functions.split())]
    assert describe(Stack((*inner, Call("/nowhere.py", 1, "work"))), State.LOCK) == words


@pytest.mark.parametrize(
    ("line", "state", "words"),
    [
        ("with lock:", State.LOCK, "waits for a lock"),
        ("    queue.get()  # with a comment", State.LOCK, "waits for an item of a queue"),
        ("with lock: queue.get()", State.LOCK, "is blocked"),
        ("compute()", State.LOCK, "is blocked"),
        ("data = sock.recv(10)", State.IO, "waits for I/O"),
        ("name = input('?')", State.IO, "waits for input"),
        ("time.sleep(3)", State.IO, "sleeps"),
        ("with lock:", State.IO, "is blocked"),
        ("await gather(sleep(3), wait())", State.IO, "waits for a task or a future"),
        ("compute()", State.GIL_WAIT, "waits for the GIL"),
    ],
)
def test_the_line_says_it_where_it_fits_the_state(tmp_path: Path, line: str, state: State, words: str) -> None:
    file = tmp_path / "work.py"
    file.write_text(line + "\n")
    assert describe(Stack((Call(str(file), 1, "work"),)), state) == words


def test_what_is_not_known_is_not_guessed() -> None:
    assert describe(None, State.LOCK) == "is blocked"
    assert describe(Stack(()), State.IO) == "is blocked"
    assert describe(Stack((Call("/nowhere.py", 1, "work"),), loop_blocked=True), State.LOCK) == (
        "waits for its event loop, which is blocked"
    )
