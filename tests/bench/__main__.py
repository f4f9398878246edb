"""The command: runs the benchmarks named, or all, one after another; exits 1 only if one of them crashed."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import traceback
from importlib import import_module

from tests.bench.figures import HEADER, row

BENCHMARKS = {
    "truth": "the timeline's GIL holder against CPython's own",
    "every": "the same under every interpreter and in every model",
    "kernel": "lanes from the kernel's records against CPython and CPU clocks, and what they cost",
    "lanes": "the same lanes against those that workers report, in the same runs",
    "app": "the app's CPU",
    "slow_motion": "slow motion: the app's CPU, and frames a second",
    "replay": "replay of ten minutes: first picture, seeks, memory and CPU",
    "paint": "launch to first paint",
    "keys": "key to screen while all cores are saturated",
    "probe": "the cost of the probe",
    "input": "random keys, clicks, pastes and sizes: whether they end the app",
    "hostile": "files of the current folder that are run",
    "growth": "memory of the app over 30 minutes, and after 1,000 launches",
    "history": "memory of a measurement's lanes, and how long they take to be drawn",
    "sampling": "sampled lanes against reported ones, and what they cost",
    "recording": "recordings: spans kept, size, CPU, time to open and to seek, damaged files",
    "functions": "lanes of users' functions at each level of permission, against CPU clocks and records",
    "registers": "lanes of users' functions without registers against those with them, of the same records",
    "sampled_running": "sampled running time against the CPU clock",
    "exported": "spans lost or changed through a recording and its export",
    "watch": "watching a program: first lanes, and what it costs",
    "observing": "what the recorder, the monitor and the dashboard cost while a program is watched",
    "target_cost": "what recording costs the program that is recorded",
    "event_cost": "what a switch between threads costs more with each kind of event",
    "children": "processes that functions leave",
    "kills": "what is left when a process of the program is ended at a random moment",
}


def main() -> int:
    """Run the command line."""
    listed = "\n".join(f"  {name:<8} {title}" for name, title in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=f"Print figures beside their targets.\n\nbenchmarks (default: all):\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", metavar="NAME", nargs="*")
    parser.add_argument("--smoke", action="store_true", help="only check that they run: the figures mean nothing")
    parser.add_argument("--seed", type=int, help="the first seed, of a benchmark with random trials")
    parser.add_argument("--trials", type=int, help="the number of its trials")
    arguments = parser.parse_args()
    given = {name: value for name in ("seed", "trials") if (value := getattr(arguments, name)) is not None}
    names = arguments.names or list(BENCHMARKS)
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # So that folders and programs are removed.
    crashed = False
    for name in names:
        load = ", ".join(f"{each:.2f}" for each in os.getloadavg())
        print(f"\n{name}: {BENCHMARKS[name]} (load average before: {load})\n{row(HEADER)}", flush=True)
        try:
            benchmark = import_module(f"tests.bench.{name}")
            extent = benchmark.SMOKE if arguments.smoke else benchmark.FULL
            for figure in benchmark.figures(extent._replace(**given) if given else extent):
                print(row(figure), flush=True)
        except Exception:
            crashed = True
            traceback.print_exc()
    return crashed


if __name__ == "__main__":
    sys.exit(main())
