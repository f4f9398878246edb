"""Workers that compute in C code, which releases the GIL, or in Python code, which does not."""

from __future__ import annotations

import ctypes  # noqa: F401  The clock of workers uses it: they should not have to import it first.
import hashlib
import zlib

from pconc_tui.experiments import ALL_MODELS, Experiment, Point, Worker


def checksum(data: bytes) -> int:
    total = 0
    for byte in data:
        total = (total * 31 + byte) % 65521
    return total


def in_hashlib(worker: Worker) -> None:
    data = bytes(1_000_000)
    for _ in worker.rounds(100):
        for chunk in worker.chunks(6, released=True):
            for _ in chunk:
                hashlib.sha256(data).digest()


def in_zlib(worker: Worker) -> None:
    data = bytes(range(256)) * 1000
    for _ in worker.rounds(100):
        for chunk in worker.chunks(6, released=True):
            for _ in chunk:
                zlib.compress(data)


def in_python(worker: Worker) -> None:
    data = bytes(100)
    for _ in worker.rounds(100):
        for chunk in worker.chunks(1000):
            for _ in chunk:
                checksum(data)


EXPERIMENT = Experiment(
    id="gil-release",
    key="8",
    title="GIL release: C code can run in parallel",
    models=ALL_MODELS,
    variants={"hashlib": in_hashlib, "zlib": in_zlib, "python": in_python},
    watch=(
        "Threads run at the same time, on as many cores as there are, although the GIL is on: hashlib and zlib release "
        "it while they work on a large buffer, and request it again when they are done. The variant python computes "
        "in Python code, so its threads take turns. Tasks still run one after the other: they share one thread."
    ),
    point=Point(
        live=("{release}: {workers}, {busy} of {cores} cores busy", "{workers}, {busy} of {cores} cores busy"),
        result=("{release}: {runs} took {took}", "{Runs} took {took}"),
        words={
            "release": {
                "no GIL": "{variant}, no GIL",
                "one thread": "{variant}, one thread for all",
                "a GIL each": "{variant}, a GIL each",
                "python": "Python code keeps the GIL",
                "": "{variant} releases the GIL",
            },
        },
    ),
    endless=True,
    one_run_s=0.4,
)
