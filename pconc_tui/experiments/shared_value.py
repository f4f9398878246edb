"""Workers that add to a plain global and to a number in shared memory."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from pconc_tui.experiments import ALL_MODELS, LOCKED, Experiment, Figure, Point, Worker

plain_num = 0


def setup(model: Any) -> Tuple[Any, ...]:
    global plain_num
    plain_num = 0
    return model.Value("d", 0), model.Lock()


def count(worker: Worker, shared_num: Any, lock: Any) -> None:
    global plain_num
    plain_num += 1
    shared_num.value += 1
    worker.show(value=int(shared_num.value), plain=plain_num)


def count_locked(worker: Worker, shared_num: Any, lock: Any) -> None:
    with worker.holding(lock):
        count(worker, shared_num, lock)


async def count_locked_async(worker: Worker, shared_num: Any, lock: Any) -> None:
    async with worker.holding_async(lock):
        count(worker, shared_num, lock)


def report(shared_num: Any, lock: Any) -> Dict[str, Any]:
    print(f"plain_num is {plain_num}, shared_num is {shared_num.value:.0f}")
    return {"plain_num": plain_num, "shared_num": int(shared_num.value)}


EXPERIMENT = Experiment(
    id="shared-value",
    key="5",
    title="Shared value: processes share only what is made for sharing",
    models=("processes", *(model for model in ALL_MODELS if model != "processes")),
    variants={LOCKED: count_locked, "no-lock": count},
    watch=(
        "Every process adds 1 to two numbers. The plain global is copied into each process, so each process sees 1 "
        "there and the parent still sees 0. The multiprocessing.Value is in memory that all processes map, so it "
        "counts all of them. Threads and tasks share both numbers."
    ),
    tasks={LOCKED: count_locked_async},
    sharing={
        "threads": "Threads share all memory of their process: both the plain global and the Value.",
        "processes": "Each process has its own copy of the plain global; they share only the multiprocessing.Value.",
        "interpreters": (
            "Each interpreter has its own copy of the plain global, in one process; they share only the number in "
            "memory that all of them map."
        ),
        "asyncio": "Tasks share all memory, even the plain global: one thread runs them in turn.",
        "thread-pool": "The tasks of a thread pool share all memory of their process, as threads do.",
        "process-pool": (
            "Each process of the pool has its own copy of the plain global, shared by the tasks that it runs one after "
            "the other; only the multiprocessing.Value is shared by all."
        ),
        "interpreter-pool": (
            "Each interpreter of the pool has its own copy of the plain global, shared by all tasks that it runs; only "
            "the number in memory that all interpreters map is shared by all."
        ),
    },
    point=Point(
        live=("plain_num is {plain}, shared_num is {shared}",),
        result=(),
        figures=((Figure("plain", "plain_num"), Figure("shared", "shared_num")),),
    ),
    window_ms=0,
    setup=setup,
    report=report,
)
