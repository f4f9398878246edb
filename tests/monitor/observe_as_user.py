"""Observes threads that often wait, and prints as JSON how many ran at each moment up to which all was known.

`python -m tests.monitor.observe_as_user`, run as another user; an interpreter that may not have pytest.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import closing

from pconc_tui.monitor.observed_thread import ThreadReader
from pconc_tui.monitor.tree_client import TreeObserver
from pconc_tui.protocol.block import RUNS, State, unpack

MOMENTS = 20
WAITS = """
import sys, threading, time
lock = threading.Lock()
def take_turns():
    while True:
        with lock:
            time.sleep(0.02)
def sleep():
    while True:
        time.sleep(0.03)
for work in [take_turns] * 3 + [sleep] * 3:
    threading.Thread(target=work, daemon=True).start()
print("up", flush=True)
sys.stdin.read()
"""


def main() -> None:
    """Print it."""
    command = [sys.executable, "-c", WAITS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        running: list[int] = []
        shown_ns = 0
        readers: dict[int, tuple[ThreadReader, list[int]]] = {}
        with closing(TreeObserver(process.pid)) as tree:
            while len(running) < MOMENTS and not tree.died:
                tree.receive()
                for thread in tree.threads.values():
                    if thread.id not in readers:
                        readers[thread.id] = thread.reader(), []
                for reader, words in readers.values():
                    words += reader.read()
                if len(readers) == 7 and tree.until_ns > shown_ns:
                    shown_ns = tree.until_ns
                    running.append(sum(state_at(words, shown_ns) in RUNS for _, words in readers.values()))
                time.sleep(0.02)
            source = tree.source
        process.kill()
    print(json.dumps({"source": source and source.value, "running": running}))


def state_at(words: list[int], time_ns: int) -> State:
    """The state of the last of these transitions by then."""
    states = [state for at_ns, state in map(unpack, words) if at_ns <= time_ns]
    return states[-1] if states else State.UNKNOWN


if __name__ == "__main__":
    main()
