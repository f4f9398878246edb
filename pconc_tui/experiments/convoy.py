"""One worker wakes up every millisecond while the others compute: how late does it run?"""

from __future__ import annotations

from typing import Any, Tuple

from pconc_tui.experiments import ALL_MODELS, Experiment, Figure, Point, Worker


def setup(model: Any) -> Tuple[Any, ...]:
    return model.Value("q", 0), model.Value("q", 0), model.Lock()


def add(a: int, b: int) -> int:
    return a + b


def live(worker: Worker, over: Any, computing: Any, lock: Any) -> None:
    if worker.index == 0:
        over.value = 0
        answer(worker, computing)
        over.value = 1
    else:
        with worker.holding(lock):
            computing.value += 1
    while not over.value:
        compute(worker)


def others(worker: Worker) -> int:
    return min(1, worker.team - 1) if worker.model.endswith("pool") else worker.team - 1


def answer(worker: Worker, computing: Any) -> None:
    while computing.value < others(worker):
        worker.heartbeat(0.001, counts=False)
    for _ in worker.rounds(300):
        worker.heartbeat(0.001)
        add(3, 4)


def compute(worker: Worker) -> None:
    for chunk in worker.chunks(10_000):
        for _ in chunk:
            add(3, 4)


async def live_async(worker: Worker, over: Any, computing: Any, lock: Any) -> None:
    if worker.index == 0:
        over.value = 0
        while computing.value < others(worker):
            await worker.heartbeat_async(0.001, counts=False)
        for _ in worker.rounds(300):
            await worker.heartbeat_async(0.001)
            add(3, 4)
        over.value = 1
    else:
        async with worker.holding_async(lock):
            computing.value += 1
    while not over.value:
        compute(worker)
        await worker.sleep_async(0)


EXPERIMENT = Experiment(
    id="convoy",
    key="7",
    title="Convoy: a heartbeat behind threads that compute",
    models=ALL_MODELS,
    variants={"heartbeat": live},
    tasks={"heartbeat": live_async},
    watch=(
        "The first worker sleeps for a millisecond, answers, and sleeps again; the others compute. Alone, it wakes up "
        "about 0.1 ms late. Beside threads that compute, it has to request the GIL each time, and each of them may "
        "keep it for a whole switch interval: shorten the interval with - and watch the delay shrink. Processes, "
        "interpreters and threads without a GIL compete only for cores. A task waits until the others await. Delays "
        "count from the moment when all workers run."
    ),
    point=Point(
        live=("The heartbeat wakes {late} late; alone it was {alone}", "The heartbeat wakes {late} late"),
        result=("The heartbeat woke {late} late; alone it was {alone}", "The heartbeat woke {late} late"),
        figures=((Figure("late", "late"), Figure("alone", "late when alone")),),
    ),
    setup=setup,
    endless=True,
    needs_core=False,
    one_run_s=0.4,
    multiplies=False,
    role=lambda index, together: "computing" if index else "heartbeat",
)
