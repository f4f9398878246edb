"""Workers that wait: the sleep stands for a disk, a network or a database."""

from __future__ import annotations

from pconc_tui.experiments import ALL_MODELS, BUSY, Experiment, Figure, Point, Worker


def wait(worker: Worker) -> None:
    for _ in worker.rounds(1):
        worker.sleep(2)


async def wait_async(worker: Worker) -> None:
    for _ in worker.rounds(1):
        await worker.sleep_async(2)


EXPERIMENT = Experiment(
    id="io-bound",
    key="1",
    title="I/O-bound: waiting overlaps",
    models=ALL_MODELS,
    variants={"sleep": wait},
    tasks={"sleep": wait_async},
    watch=(
        "All workers wait at the same time, so four take as long as one. "
        "A thread releases the GIL before it waits for I/O, so the others can run or wait too. "
        "No core is busy: this is the work that threads are good at."
    ),
    point=Point(
        live=("{asleep} sleep at the same time", "{sleeper} sleeps"),
        result=("{Runs} took {took}",),
        figures=(
            (Figure("one_run", "for one run"), Figure("n_runs", "for {runs}")),
            (Figure("sleeping", "asleep at the same time"), BUSY),
        ),
    ),
    window_ms=5000,
    endless=True,
    needs_core=False,
    one_run_s=2.0,
)
