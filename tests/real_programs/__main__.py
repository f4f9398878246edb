"""The command: starts each program, gives it work, watches it, and prints what `pconc-tui watch` says beside what is
known of it, as a row of a table. `--only-run NAME` runs one until Ctrl+C, to watch it on the dashboard.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pconc_tui.protocol.process_stat import descendants, process_stat
from tests.real_programs.catalogue import PROGRAMS, Program
from tests.real_programs.environment import made
from tests.real_programs.running import started

VENV = Path(tempfile.gettempdir()) / "pconc-real-programs"


def main() -> None:
    """Run the command line."""
    listed = "\n".join(f"  {name:<15} {each.title}" for name, each in PROGRAMS.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.real_programs",
        description=f"Watch real programs under load.\n\nprograms (default: all):\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", metavar="NAME", nargs="*")
    parser.add_argument("--seconds", type=float, default=4.0, help="for how long each is watched (default: 4)")
    parser.add_argument("--warm-up", type=float, default=5.0, help="seconds before that (default: 5)")
    parser.add_argument("--venv", type=Path, default=VENV, help=f"the programs' environment (default: {VENV})")
    parser.add_argument("--only-run", action="store_true", help="run the program, and print its process id")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(PROGRAMS):
        parser.error(f"no program {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # So that what was started ends.
    signal.signal(signal.SIGINT, lambda *_: sys.exit())
    python = made(arguments.venv)
    for name in arguments.names or PROGRAMS:
        with started(PROGRAMS[name], python) as pid:
            if arguments.only_run:
                print(pid, flush=True)
                time.sleep(1e6)
            time.sleep(arguments.warm_up)
            print(row(PROGRAMS[name], pid, arguments.seconds), flush=True)


def row(program: Program, pid: int, seconds: float) -> str:
    """Watch it, and make a row of the table."""
    before_ns, began_s = _cpu_ns(pid), time.perf_counter()
    command = [sys.executable, "-m", "pconc_tui", "watch", str(pid), "--seconds", str(seconds), "--json"]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    used = (_cpu_ns(pid) - before_ns) / 1e9 / (time.perf_counter() - began_s)
    said = found["headline"]
    load = os.getloadavg()[0]
    remark = f"{found['source']}; its CPU clocks: {used:.2f} cores busy; load {load:.0f}"
    return f"| {program.title} | {program.known} | {said} {_rows(found)} | {remark} |"


def _rows(found: dict[str, Any]) -> str:
    """The threads that did most, in words."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for thread in found["threads"]:
        kinds.setdefault(_kind(thread), []).append(thread)
    return "".join(f" {name}: {_shares(threads)}." for name, threads in kinds.items())


def _kind(thread: dict[str, Any]) -> str:
    """Its name without a number at the end, and without its function."""
    name: str = thread["name"].partition(" (")[0] if thread["python"] else "native"
    return name.rstrip("0123456789-_ ") or name


def _shares(threads: list[dict[str, Any]]) -> str:
    sums: dict[str, float] = {}
    for thread in threads:
        for state, seconds in thread["seconds"].items():
            if state != "released":
                sums[state] = sums.get(state, 0.0) + seconds
    all_s = sum(sums.values())
    parts = [f"{state} {share:.0%}" for state, each in sums.items() if all_s and (share := each / all_s) >= 0.02]
    return f"{len(threads)} x " + ", ".join(parts)


def _cpu_ns(pid: int) -> int:
    """CPU time of the process and all below it, ended ones that were waited for included."""
    found = [process_stat(pid), *descendants(pid).values()]
    return sum(stat.cpu_ns + stat.reaped_ns for stat in found if stat is not None)


if __name__ == "__main__":
    main()
