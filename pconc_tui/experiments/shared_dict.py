"""Threads that add to one dict."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from pconc_tui.experiments import LOCKED, Experiment, Figure, Point, Worker


def setup(model: Any) -> Tuple[Any, ...]:
    return {}, model.Lock()


def put(worker: Worker, obj: Dict[str, int], lock: Any) -> None:
    n = worker.index
    print(f"Obj has {len(obj)} values")
    obj[str(n)] = n
    print(f"Obj now has {len(obj)} values")


def put_locked(worker: Worker, obj: Dict[str, int], lock: Any) -> None:
    with worker.holding(lock):
        put(worker, obj, lock)


async def put_locked_async(worker: Worker, obj: Dict[str, int], lock: Any) -> None:
    async with worker.holding_async(lock):
        put(worker, obj, lock)


def report(obj: Dict[str, int], lock: Any) -> Dict[str, Any]:
    print(f"Obj is {obj}")
    return {"object": obj}


EXPERIMENT = Experiment(
    id="shared-dict",
    key="4",
    title="Shared dict: threads see the same objects",
    models=("threads", "asyncio", "thread-pool"),
    variants={LOCKED: put_locked, "no-lock": put},
    watch=(
        "All threads add a value to the same dict, since they share all memory. With the lock, each pair of lines in "
        "the log adds exactly one value. Without it, the pairs may interleave: a thread can lose the GIL between any "
        "two of its lines."
    ),
    tasks={LOCKED: put_locked_async},
    sharing={
        "threads": "Threads share all memory, so all of them use the same dict object.",
        "asyncio": "Tasks share all memory and one thread: even without the lock, their lines never interleave.",
        "thread-pool": "The tasks of a thread pool share all memory, as threads do.",
    },
    point=Point(
        live=(
            "One dict for all: {values} of {count} values; printed {order}",
            "One dict for all: {values} of {count} values",
        ),
        result=(),
        figures=((Figure("values", "values of {count}"), Figure("interleaved", "interleaved pairs of prints")),),
    ),
    window_ms=0,
    setup=setup,
    report=report,
)
