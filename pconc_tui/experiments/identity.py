"""Workers that print their process and thread."""

from __future__ import annotations

import os
from threading import current_thread

from pconc_tui.experiments import ALL_MODELS, Experiment, Figure, Point, Worker


def introduce(worker: Worker) -> None:
    if worker.model.startswith("process"):
        from multiprocessing import current_process

        print(f"Pid is {os.getpid()}, process id is {current_process().name}")
    elif worker.model.startswith("interpreter"):
        from concurrent.interpreters import get_current  # type: ignore[import-not-found]

        print(f"Pid is {os.getpid()}, interpreter id is {get_current().id}")
    else:
        print(f"Pid is {os.getpid()}, thread id is {current_thread().name}")


async def introduce_async(worker: Worker) -> None:
    from asyncio import current_task

    task = current_task()
    assert task is not None
    print(f"Pid is {os.getpid()}, task id is {task.get_name()}")


EXPERIMENT = Experiment(
    id="identity",
    key="3",
    title="Identity: threads share a process, processes do not",
    models=ALL_MODELS,
    variants={"print": introduce},
    tasks={"print": introduce_async},
    watch=(
        "Compare the PIDs. Threads live in one process, so they print the same PID; only their names and native ids "
        "differ. Each process has its own PID, and with it its own interpreter, memory and GIL. "
        "Subinterpreters have a GIL each, yet share the PID; tasks share even the thread."
    ),
    point=Point(
        live=("{identity}",),
        result=(),
        figures=((Figure("pids", "distinct PIDs"), Figure("names", "distinct names")),),
    ),
    window_ms=0,
)
