"""Workers that take two locks each, in one order or in opposite orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Tuple

from pconc_tui.experiments import ALL_MODELS, Experiment

if TYPE_CHECKING:
    from pconc_tui.worker.worker import Worker


def setup(model: Any) -> Tuple[Any, ...]:
    return model.Lock(), model.Lock()


def take_both(worker: Worker, first: Tuple[Any, str], second: Tuple[Any, str]) -> None:
    for _ in worker.rounds(20):
        with worker.holding(*first):
            worker.sleep(0.01)
            with worker.holding(*second):
                worker.sleep(0.01)


def opposite_order(worker: Worker, a: Any, b: Any) -> None:
    if worker.index % 2 == 0:
        take_both(worker, (a, "A"), (b, "B"))
    else:
        take_both(worker, (b, "B"), (a, "A"))


def same_order(worker: Worker, a: Any, b: Any) -> None:
    take_both(worker, (a, "A"), (b, "B"))


async def take_both_async(worker: Worker, first: Tuple[Any, str], second: Tuple[Any, str]) -> None:
    for _ in worker.rounds(20):
        async with worker.holding_async(*first):
            await worker.sleep_async(0.01)
            async with worker.holding_async(*second):
                await worker.sleep_async(0.01)


async def opposite_order_async(worker: Worker, a: Any, b: Any) -> None:
    if worker.index % 2 == 0:
        await take_both_async(worker, (a, "A"), (b, "B"))
    else:
        await take_both_async(worker, (b, "B"), (a, "A"))


async def same_order_async(worker: Worker, a: Any, b: Any) -> None:
    await take_both_async(worker, (a, "A"), (b, "B"))


EXPERIMENT = Experiment(
    id="deadlock",
    key="9",
    title="Deadlock: two locks, taken in opposite orders",
    models=ALL_MODELS,
    variants={"opposite": opposite_order, "same": same_order},
    watch=(
        "One worker holds lock A and waits for B, another holds B and waits for A: both lanes stop in waiting for a "
        "lock, and nothing but a stop gets them out. A measurement stops them after two seconds. In the variant same "
        "all take A before B, and nobody ever waits for somebody who waits for them."
    ),
    tasks={"opposite": opposite_order_async, "same": same_order_async},
    sharing={
        "threads": "The locks are threading.Lock: objects that all threads of the process have.",
        "processes": "The locks are multiprocessing.Lock: semaphores of the system, which all processes have open.",
        "interpreters": "The locks are pipes with one byte in them: who has read the byte holds the lock.",
        "asyncio": "The locks are asyncio.Lock: who waits for one lets the event loop run the others.",
        "thread-pool": "The locks are threading.Lock, which all threads of the pool have.",
        "process-pool": "The locks are multiprocessing.Lock, which all processes of the pool have open.",
        "interpreter-pool": "The locks are pipes with one byte in them: who has read the byte holds the lock.",
    },
    setup=setup,
    endless=True,
    needs_core=False,
    roles=True,
)
