"""Workers that increment one shared counter."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from pconc_tui.experiments import ALL_MODELS, LOCKED, Experiment, Figure, Point, Worker


def setup(model: Any) -> Tuple[Any, ...]:
    return model.Value("q", 0), model.Lock()


def plus_one(n: int) -> int:
    return n + 1


def add(worker: Worker, counter: Any, lock: Any) -> None:
    for _ in worker.rounds(100):
        for chunk in worker.chunks(2000):
            for _ in chunk:
                counter.value += 1
        worker.show_value(counter.value)


def add_with_call(worker: Worker, counter: Any, lock: Any) -> None:
    for _ in worker.rounds(100):
        for chunk in worker.chunks(2000):
            for _ in chunk:
                counter.value = plus_one(counter.value)
        worker.show_value(counter.value)


def add_locked(worker: Worker, counter: Any, lock: Any) -> None:
    for _ in worker.rounds(100):
        for chunk in worker.chunks(2000):
            for _ in chunk:
                with worker.holding(lock):
                    counter.value += 1
        worker.show_value(counter.value)


async def add_async(worker: Worker, counter: Any, lock: Any) -> None:
    for _ in worker.rounds(100):
        for chunk in worker.chunks(2000):
            for _ in chunk:
                counter.value += 1
        worker.show_value(counter.value)
        await worker.sleep_async(0)


async def add_with_call_async(worker: Worker, counter: Any, lock: Any) -> None:
    for _ in worker.rounds(100):
        for chunk in worker.chunks(2000):
            for _ in chunk:
                counter.value = plus_one(counter.value)
        worker.show_value(counter.value)
        await worker.sleep_async(0)


async def add_locked_async(worker: Worker, counter: Any, lock: Any) -> None:
    for _ in worker.rounds(100):
        for chunk in worker.chunks(2000):
            for _ in chunk:
                async with worker.holding_async(lock):
                    counter.value += 1
        worker.show_value(counter.value)
        await worker.sleep_async(0)


def report(counter: Any, lock: Any) -> Dict[str, Any]:
    print(f"counter is {counter.value}")
    return {"value": counter.value}


EXPERIMENT = Experiment(
    id="lost-update",
    key="6",
    title="Lost updates: += is a read, an addition and a write",
    models=ALL_MODELS,
    variants={"call": add_with_call, "plain": add, LOCKED: add_locked},
    watch=(
        "A worker that is interrupted between its read and its write overwrites what others have added meanwhile. "
        "With a GIL, CPython switches threads only after calls and at the end of a loop pass, so a plain += loses "
        "nothing, but one with a call in the middle does. Processes and interpreters lose updates with both, tasks "
        "with neither. With the lock, no update is lost."
    ),
    tasks={"call": add_with_call_async, "plain": add_async, LOCKED: add_locked_async},
    sharing={
        "threads": "Threads share all memory; with a GIL, they switch only after calls and loop passes.",
        "processes": "Processes share nothing but the counter, a multiprocessing.Value, and run at the same time.",
        "interpreters": (
            "Interpreters share nothing but the counter, in memory that all of them map, and run at the same time."
        ),
        "asyncio": "Tasks share all memory, and switch only where one awaits: between two awaits no update is lost.",
        "thread-pool": "The tasks of a thread pool share all memory, as threads do.",
        "process-pool": (
            "Tasks in different processes share nothing but the counter; tasks that one process runs, one after the "
            "other, lose no updates to each other."
        ),
        "interpreter-pool": (
            "Tasks in different interpreters share nothing but the counter; tasks that one interpreter runs, one after "
            "the other, lose no updates to each other."
        ),
    },
    point=Point(
        live=("{about}{lost} of {expected} updates lost ({lost_share})",),
        result=(),
        figures=((Figure("lost_briefly", "updates lost"), Figure("lost_share", "of all updates")),),
    ),
    setup=setup,
    report=report,
    endless=True,
    counts=True,
)
