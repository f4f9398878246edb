"""Workers that compute in Python code."""

from __future__ import annotations

from pconc_tui.experiments import ALL_MODELS, Experiment, Worker


def add(a: int, b: int) -> int:
    return a + b


def multiply(a: int, b: int) -> int:
    return a * b


def compute(worker: Worker) -> None:
    for _ in worker.rounds(100):
        for chunk in worker.chunks(100_000):
            for _ in chunk:
                add(3, 4)
                multiply(3, 4)


EXPERIMENT = Experiment(
    id="cpu-bound",
    key="2",
    title="CPU-bound: threads take turns, processes do not",
    models=ALL_MODELS,
    variants={"calls": compute},
    watch=(
        "Only one thread runs at any time: it holds the GIL, and the others wait. After each switch interval the GIL "
        "is handed to another thread. Four threads take four times as long as one and keep about one core busy. "
        "Each process has a GIL of its own, so as many processes run at the same time as there are cores."
    ),
    endless=True,
    one_run_s=0.6,
)
