"""Workers that acquire two locks, in the same order or in opposite orders."""

from __future__ import annotations

from typing import Any, Tuple

from pconc_tui.experiments import ALL_MODELS, Experiment, Figure, Point, Worker


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
    title="Deadlock: two locks, acquired in opposite orders",
    models=ALL_MODELS,
    variants={"opposite": opposite_order, "same": same_order},
    watch=(
        "One worker holds lock A and waits for B; another holds B and waits for A. Both wait for ever: only stopping "
        "one of them ends the deadlock, and a measurement does so after two seconds. In the variant same, every "
        "worker acquires A before B. The worker that holds B never waits for A, so it always finishes."
    ),
    tasks={"opposite": opposite_order_async, "same": same_order_async},
    sharing={
        "threads": "The locks are threading.Lock objects, which all threads of the process share.",
        "processes": "The locks are multiprocessing.Lock objects: system semaphores that all processes open.",
        "interpreters": "Each lock is a pipe with one byte in it: the worker that has read it holds the lock.",
        "asyncio": "The locks are asyncio.Lock objects: while a task waits for one, the event loop runs the others.",
        "thread-pool": "The locks are threading.Lock objects, which all threads of the pool share.",
        "process-pool": "The locks are multiprocessing.Lock objects: semaphores, which all processes of the pool open.",
        "interpreter-pool": "Each lock is a pipe with one byte in it: the worker that has read it holds the lock.",
    },
    point=Point(
        live=("{cycle}", "{briefly}", "{order}: {workers}, no deadlock"),
        result=("{cycle}", "{briefly}", "{Runs} took {took}, without a deadlock"),
        figures=((Figure("stuck_s", "in a deadlock"), Figure("stuck", "workers stuck")),),
        words={"order": {"opposite": "Two locks, opposite orders", "same": "Two locks, one order"}},
    ),
    window_ms=2000,
    setup=setup,
    endless=True,
    needs_core=False,
    role=lambda index, together: "",
)
