"""Producers and consumers, with a queue between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Tuple

from pconc_tui.experiments import Experiment

if TYPE_CHECKING:
    from pconc_tui.lab.probe import Worker


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


def produce(worker: Worker, items: Any, steps: int) -> None:
    for _ in worker.rounds(100):
        for chunk in worker.chunks(50):
            for _ in chunk:
                worker.put(items, work(steps))
    consumers = worker.team // 2
    for _ in range(consumers):
        worker.put(items, None)


def consume(worker: Worker, items: Any, steps: int) -> None:
    producers = (worker.team + 1) // 2
    while True:
        for chunk in worker.chunks(50):
            for _ in chunk:
                if worker.get(items) is None:
                    producers -= 1
                    if producers == 0:
                        return
                work(steps)


EXPERIMENT = Experiment(
    id="queue",
    key="0",
    title="Queue: producers and consumers",
    models=("threads", "processes"),
    variants={"work": with_work, "bare": bare},
    watch=(
        "Every other worker puts items into a queue, the rest take them out. Producers wait where it is full, "
        "consumers where it is empty: that counts as I/O. Processes work on items at the same time, but pay for each "
        "with a trip through a pipe: in the variant bare, where there is next to no work, threads carry more."
    ),
    setup=setup,
    endless=True,
    roles=True,
)
