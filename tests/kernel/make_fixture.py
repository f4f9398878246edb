"""Makes `recorded.json.gz`: records of four computing threads of CPython 3.15, and which held the GIL by its flag.

`.venv/bin/python -m tests.kernel.make_fixture`; the machine should be idle.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from pconc_tui.kernel.records import Switch
from tests.bench.kernel import computing, with_flag
from tests.support import interpreters

FIXTURE = Path(__file__).with_name("recorded.json.gz")
SECONDS = 1


def main() -> None:
    """Write the file."""
    python = interpreters()["3.15"]
    with computing(python, 4) as process:
        found, seen = with_flag(python, process.pid, SECONDS, keep_records=True)
    content = {
        "pid": found.pid,
        "gil": found.locks[0][2:],
        "switches": [list(each) for each in found.records if isinstance(each, Switch)],
        "samples": seen["samples"],
        "handoffs": found.counted,
    }
    FIXTURE.write_bytes(gzip.compress(json.dumps(content, separators=(",", ":")).encode(), mtime=0))


if __name__ == "__main__":
    main()
