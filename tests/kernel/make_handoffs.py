"""Makes `handoffs.json.gz`: records of experiments that take turns in different ways, and CPython's count of hand-offs.

`.venv/bin/python -m tests.kernel.make_handoffs`; the machine should be idle.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from pconc_tui.kernel.outside import ClockSample, HolderSample
from pconc_tui.kernel.records import Switch
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from tests.kernel.observation import observe
from tests.support import ended, interpreters, running, until

FIXTURE = Path(__file__).with_name("handoffs.json.gz")
RUNS = ("3.9", "queue", "work", 0.3), ("3.14", "queue", "work", 1.0), ("3.15", "convoy", "heartbeat", 0.5)
"""CPython, experiment, variant, and for how long it is recorded, in seconds."""


def recorded() -> Iterator[dict[str, Any]]:
    """What each run was, what the kernel and CPython said of it meanwhile, and the count."""
    for version, experiment, variant, seconds in RUNS:
        with closing(Monitor(interpreters()[version], history_pieces=None)) as monitor:
            for _ in range(4):
                monitor.launch(Request(experiment, variant, "threads"))
            pid = until(monitor, running).workers[0].pid
            assert pid is not None
            end_s = time.monotonic() + seconds
            found = observe(pid, lambda _: time.monotonic() > end_s, keep_records=True)  # noqa: B023
            monitor.stop_all()
            until(monitor, ended)
        yield {
            "what": f"{version}, {experiment}",
            "pid": pid,
            "gil": found.locks[0][2:],
            "switches": [each for each in found.records if isinstance(each, Switch)],
            "holders": [each for each in found.outside if isinstance(each, HolderSample)],
            "clocks": [each for each in found.outside if isinstance(each, ClockSample)],
            "between": (found.began_ns, found.ended_ns),
            "handoffs": found.counted,
        }


def main() -> None:
    """Write the file."""
    content = json.dumps([*recorded()], separators=(",", ":"))
    FIXTURE.write_bytes(gzip.compress(content.encode(), mtime=0))


if __name__ == "__main__":
    main()
