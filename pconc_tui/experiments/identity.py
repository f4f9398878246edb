"""Workers that say who they are."""

from __future__ import annotations

import os
from multiprocessing import current_process
from threading import current_thread
from typing import TYPE_CHECKING

from pconc_tui.experiments import Experiment

if TYPE_CHECKING:
    from pconc_tui.lab.probe import Worker


def introduce(worker: Worker) -> None:
    if worker.model == "processes":
        print(f"Pid is {os.getpid()}, process id is {current_process().name}")
    else:
        print(f"Pid is {os.getpid()}, thread id is {current_thread().name}")


EXPERIMENT = Experiment(
    id="identity",
    key="3",
    title="Identity: threads share a process, processes do not",
    models=("threads", "processes"),
    variants={"print": introduce},
    watch=(
        "Compare the PIDs. Threads live in one process and so print the same PID; only their names and native ids "
        "differ. Each process has a PID of its own, and with it an interpreter, a memory and a GIL of its own."
    ),
)
