"""Recording real threads of other processes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise

import pytest

from pconc_tui.cpython import Runtime
from pconc_tui.kernel.episodes import Episodes, Gil, Hold
from pconc_tui.kernel.perf_event import KERNEL, access
from pconc_tui.kernel.recorder import Recorder
from pconc_tui.protocol.block import State
from tests.support import LONG_S

pytestmark = pytest.mark.skipif(access().source != KERNEL, reason=access().reason)

THREADS = """
import sys, threading
def work():
    while True:
        len(str(1))
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def program() -> Iterator[subprocess.Popen[bytes]]:
    """Three threads that compute, and a main thread that waits for its input's end."""
    with subprocess.Popen([sys.executable, "-c", THREADS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_threads_take_turns_with_the_gil(program: subprocess.Popen[bytes]) -> None:
    with closing(Recorder(program.pid)) as recorder, closing(Runtime(program.pid)) as runtime:
        episodes = Episodes(program.pid, [Gil(*locks[2:]) for locks in runtime.locks()])
        states: set[State] = set()
        holds: list[Hold] = []
        requests = 0
        deadline = time.monotonic() + LONG_S
        while len({hold.tid for hold in holds}) < 3 or requests < 20:
            assert time.monotonic() < deadline
            time.sleep(0.02)
            found = episodes.add(recorder.read(), recorder.watermark_ns)
            states |= {transition.state for transition in found.transitions}
            holds += found.holds
            requests += len(found.requests)
    assert {State.RUNNING, State.RELEASED, State.GIL_WAIT} <= states
    for before, after in pairwise(holds):
        assert before.began_ns <= before.ended_ns <= after.began_ns
