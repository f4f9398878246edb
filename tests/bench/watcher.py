"""Which threads hold the GILs of processes, as `pconc_tui.cpython` reads it: `SECONDS PID...`, prints JSON."""

from __future__ import annotations

import json
import sys
import time
from typing import NamedTuple

from pconc_tui.cpython import Runtime

PERIOD_S = 0.001


class Watched(NamedTuple):
    """What one GIL was sampled as."""

    samples: list[tuple[int, int, int | None]]
    """`before_ns, after_ns, holder`."""
    switches: list[tuple[int, int | None]]
    """Two reads of its count: `ns, switch_number`."""


def main(seconds: float, *pids: int) -> None:
    """Sample for so many seconds, and print each GIL's samples. A holder is a native id; 0: none, None: not known."""
    runtimes = {pid: Runtime(pid) for pid in pids}
    gils = {
        (pid, gil.interpreter_id): Watched([], [(time.perf_counter_ns(), gil.switch_number)])
        for pid, runtime in runtimes.items()
        for gil in runtime.interpreters()
    }
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        time.sleep(PERIOD_S)
        for pid, runtime in runtimes.items():
            before = time.perf_counter_ns()
            states = runtime.sample()
            after = time.perf_counter_ns()
            for gil in states:
                gils[pid, gil.interpreter_id].samples.append((before, after, gil.holder if gil.locked else 0))
    for pid, runtime in runtimes.items():
        for gil in runtime.sample():
            gils[pid, gil.interpreter_id].switches.append((time.perf_counter_ns(), gil.switch_number))
    json.dump([gil._asdict() for gil in gils.values()], sys.stdout)


if __name__ == "__main__":
    main(float(sys.argv[1]), *map(int, sys.argv[2:]))
