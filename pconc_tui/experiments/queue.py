"""Producers and consumers with a queue between them."""

from __future__ import annotations

from typing import Any, Tuple

from pconc_tui.experiments import ALL_MODELS, Experiment, Figure, Point, Worker


def setup(model: Any) -> Tuple[Any, ...]:
    return (model.Queue(100),)


def work(steps: int) -> int:
    total = 0
    for n in range(steps):
        total = (total * 31 + n) % 65521
    return total


def with_work(worker: Worker, items: Any) -> None:
    take_part(worker, items, 1000)


def bare(worker: Worker, items: Any) -> None:
    take_part(worker, items, 1)


def take_part(worker: Worker, items: Any, steps: int) -> None:
    if worker.team == 1:
        alone(worker, items, steps)
    elif worker.index % 2 == 0:
        produce(worker, items, steps)
    else:
        consume(worker, items, steps)


def alone(worker: Worker, items: Any, steps: int) -> None:
    for _ in worker.rounds(50):
        for chunk in worker.chunks(50):
            for _ in chunk:
                worker.put(items, work(steps))
                worker.get(items)
                work(steps)


def producers(worker: Worker) -> int:
    return max(1, (worker.team + 1) // 2)


def consumers(worker: Worker) -> int:
    return worker.team // 2


def produce(worker: Worker, items: Any, steps: int) -> None:
    for _ in worker.rounds(50 * max(1, worker.team) // producers(worker)):
        for chunk in worker.chunks(50):
            for _ in chunk:
                worker.put(items, work(steps))
    for _ in range(consumers(worker)):
        worker.put(items, None)


def consume(worker: Worker, items: Any, steps: int) -> None:
    left = producers(worker)
    while True:
        for chunk in worker.chunks(50):
            for _ in chunk:
                if worker.get(items) is None:
                    left -= 1
                    if left == 0:
                        return
                work(steps)


async def with_work_async(worker: Worker, items: Any) -> None:
    await take_part_async(worker, items, 1000)


async def bare_async(worker: Worker, items: Any) -> None:
    await take_part_async(worker, items, 1)


async def take_part_async(worker: Worker, items: Any, steps: int) -> None:
    if worker.team == 1:
        await alone_async(worker, items, steps)
    elif worker.index % 2 == 0:
        await produce_async(worker, items, steps)
    else:
        await consume_async(worker, items, steps)


async def alone_async(worker: Worker, items: Any, steps: int) -> None:
    for _ in worker.rounds(50):
        for chunk in worker.chunks(50):
            for _ in chunk:
                await worker.put_async(items, work(steps))
                await worker.get_async(items)
                work(steps)


async def produce_async(worker: Worker, items: Any, steps: int) -> None:
    for _ in worker.rounds(50 * max(1, worker.team) // producers(worker)):
        for chunk in worker.chunks(50):
            for _ in chunk:
                await worker.put_async(items, work(steps))
    for _ in range(consumers(worker)):
        await worker.put_async(items, None)


async def consume_async(worker: Worker, items: Any, steps: int) -> None:
    left = producers(worker)
    while True:
        for chunk in worker.chunks(50):
            for _ in chunk:
                if await worker.get_async(items) is None:
                    left -= 1
                    if left == 0:
                        return
                work(steps)


EXPERIMENT = Experiment(
    id="queue",
    key="0",
    title="Queue: producers and consumers",
    models=ALL_MODELS,
    variants={"work": with_work, "bare": bare},
    tasks={"work": with_work_async, "bare": bare_async},
    watch=(
        "Half of the workers put items into a queue, the others take them out. Producers wait while it is full, "
        "consumers while it is empty: both count as I/O. Processes work on items at the same time, but each item has "
        "to go through a pipe: in the variant bare, with almost no work for an item, threads are faster. An "
        "interpreter that waits polls its queue every 10 ms only. Tasks take turns."
    ),
    sharing={
        "threads": "The queue is a queue.Queue: it passes items on as they are; nothing is copied.",
        "processes": "The queue is a multiprocessing.Queue: it pickles items and sends them through a pipe.",
        "interpreters": "The queue is one of concurrent.interpreters: it copies simple items and pickles others.",
        "asyncio": "The queue is an asyncio.Queue: it passes items on as they are, from task to task.",
        "thread-pool": "The queue is a queue.Queue: it passes items on as they are; nothing is copied.",
        "process-pool": "The queue is a multiprocessing.Queue: it pickles items and sends them through a pipe.",
        "interpreter-pool": "The queue is one of concurrent.interpreters: it copies simple items and pickles others.",
    },
    point=Point(
        live=(
            "{items_s} items/s, {depth} in the queue; producers wait {producers_wait} of the time",
            "{items_s} items/s, {depth} queued; producers wait {producers_wait} of the time",
            "{items_s} items/s, {depth} in the queue",
        ),
        result=(
            "{items_s} items/s, {depth} in the queue; producers waited {producers_wait} of the time",
            "{items_s} items/s, {depth} queued; producers waited {producers_wait}",
            "{items_s} items/s, {depth} in the queue",
        ),
        figures=((Figure("items_s", "items per second"), Figure("depth", "items in the queue")),),
    ),
    setup=setup,
    endless=True,
    multiplies=False,
    one_run_s=0.3,
    role=lambda index, together: "" if together == 1 else "consumer" if index % 2 else "producer",
)
