"""Workers that count in a plain global and in shared memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Tuple

from pconc_tui.experiments import ALL_MODELS, LOCKED, Experiment

if TYPE_CHECKING:
    from pconc_tui.worker.worker import Worker

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


async def count_async(worker: Worker, shared_num: Any, lock: Any) -> None:
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
    title="Shared value: processes share only what they are told to",
    models=("processes", *(model for model in ALL_MODELS if model != "processes")),
    variants={LOCKED: count_locked, "no-lock": count},
    watch=(
        "Every process adds one to both numbers. Each adds to its own copy of the plain global, so each believes it "
        "to be 1 and the parent still has 0. The multiprocessing.Value lies in memory that all of them map, so it "
        "counts them all. Threads and tasks share both numbers."
    ),
    tasks={LOCKED: count_locked_async, "no-lock": count_async},
    sharing={
        "threads": "Threads share all of their process's memory: the plain global is one for all, and so is the Value.",
        "processes": "Each process has its own copy of the plain global; they share only the multiprocessing.Value.",
        "interpreters": (
            "Each interpreter has its own copy of the plain global, in one process; they share only the number that "
            "lies in memory all of them map."
        ),
        "asyncio": "Tasks share all: they run on one thread, in turn, so the plain global is one for all.",
        "thread-pool": "The tasks of a thread pool share all of their process's memory, as threads do.",
        "process-pool": (
            "Each process of the pool has its own copy of the plain global, which the tasks that it runs one after "
            "the other share; all share only the multiprocessing.Value."
        ),
        "interpreter-pool": (
            "Each interpreter of the pool keeps its own copy of the plain global for all tasks that it ever runs; all "
            "share only the number that lies in memory all of them map."
        ),
    },
    setup=setup,
    report=report,
)
