"""Processes that count in a plain global and in shared memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Tuple

from pconc_tui.experiments import LOCKED, Experiment

if TYPE_CHECKING:
    from pconc_tui.lab.probe import Worker

plain_num = 0


def setup(model: Any) -> Tuple[Any, ...]:
    return model.Value("d", 0), model.Lock()


def count(worker: Worker, shared_num: Any, lock: Any) -> None:
    global plain_num
    plain_num += 1
    shared_num.value += 1
    worker.show(value=int(shared_num.value), plain=plain_num)


def count_locked(worker: Worker, shared_num: Any, lock: Any) -> None:
    with worker.holding(lock):
        count(worker, shared_num, lock)


def report(shared_num: Any, lock: Any) -> Dict[str, Any]:
    print(f"plain_num is {plain_num}, shared_num is {shared_num.value:.0f}")
    return {"plain_num": plain_num, "shared_num": int(shared_num.value)}


EXPERIMENT = Experiment(
    id="shared-value",
    key="5",
    title="Shared value: processes share only what they are told to",
    models=("processes",),
    variants={LOCKED: count_locked, "no-lock": count},
    watch=(
        "Every process adds one to both numbers. Each adds to its own copy of the plain global, so each believes it "
        "to be 1 and the parent still has 0. The multiprocessing.Value lies in memory that all of them map, so it "
        "counts them all."
    ),
    setup=setup,
    report=report,
)
