"""Observes a program of three computing threads, and prints as JSON what was found; run as another user.

`python -m tests.kernel.as_user`; an interpreter that may not have pytest.
"""

from __future__ import annotations

import json
import subprocess
import sys

from pconc_tui.kernel.perf_event import NotAllowedError, access
from tests.kernel.observation import COMPUTE, Observation, observe


def main() -> None:
    """Print it."""
    allowed = access()
    found: dict[str, object] = {"source": allowed.source, "reason": allowed.reason, "how": allowed.how}
    command = [sys.executable, "-c", COMPUTE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            observed = observe(process.pid, _enough)
        except NotAllowedError as error:
            found["refused"] = str(error)
        else:
            ran_ns = sum(observed.running_ns(tid) for tid in observed.clocks_ns)
            found |= {
                "observed": observed.source,
                "states": sorted({each.state.name for each in observed.transitions}),
                "handoffs": [observed.handoffs, observed.counted],
                "running": ran_ns / sum(observed.clocks_ns.values()),
            }
        process.kill()
    print(json.dumps(found))


def _enough(found: Observation) -> bool:
    return len(found.holds) > 60 and found.began_ns + 1_000_000_000 < (found.holds[-1].ended_ns)


if __name__ == "__main__":
    main()
