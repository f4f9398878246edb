"""The sampler's loop: looks at all workers that it was told to watch, as often as it may."""

from __future__ import annotations

import gc
import os
import random
import select
import time

from pconc_tui.protocol.block import GIL, Block, State
from pconc_tui.protocol.json_lines import JsonLinesReader, encode_line
from pconc_tui.sampler.pace import BUDGET, BUDGET_SHARING, Pace
from pconc_tui.sampler.process_sampler import Process, sharing
from pconc_tui.sampler.worker_sampler import WorkerSampler


class Sampler:
    """Watches workers, by their slots in the lab's block; notes what they do in a block of its own."""

    def __init__(self, lab: Block, own: Block) -> None:
        self.problems: set[tuple[int, str, bool]] = set()
        """What can't be told of a worker, and whether that is all of it."""
        self.sharing = False
        """Whether at the last look some workers needed the same GIL."""
        self._lab = lab
        self._own = own
        self._watched: dict[int, WorkerSampler] = {}
        self._processes: dict[int, Process] = {}

    def __len__(self) -> int:
        return len(self._watched)

    def watch(self, slot: int, worker: int) -> None:
        """Watch the worker in this slot from now on; 0: nobody."""
        if slot in self._watched:
            watched = self._watched.pop(slot)
            if watched.pid in self._processes:
                self._processes[watched.pid].unaccounted_ns += watched.unaccounted_ns
            watched.close()
        if worker:
            self._watched[slot] = WorkerSampler(worker, self._lab.slot(slot), self._own.slot(slot))

    def look(self) -> None:
        """Look at all of them once."""
        now_ns = time.perf_counter_ns()
        self.sharing = False
        there: dict[int, list[WorkerSampler]] = {}
        for slot, watched in list(self._watched.items()):
            state = watched.state()
            if state == State.ENDED:
                self.watch(slot, 0)
            elif state != State.STARTING:
                watched.looked(now_ns)
                workers = there.setdefault(watched.pid, [])
                if state in (State.RUNNING, State.WAITING):
                    workers.append(watched)
        for pid in self._processes.keys() - there.keys():
            self._processes.pop(pid).close()
        for pid, workers in there.items():
            if workers:
                self._look_at(pid, workers, now_ns)

    def _look_at(self, pid: int, workers: list[WorkerSampler], now_ns: int) -> None:
        process = self._processes.get(pid)
        if process is None:
            process = self._processes[pid] = Process(pid)
        # An import can turn the GIL on where none was needed, and does so for a moment wherever it loads an extension.
        gils = process.gils(now_ns) if any(0 in (each.told[GIL], each.gil) for each in workers) else None
        if gils is not None:
            for watched in workers:
                watched.needs_one_of(gils)
        threads = {each.native_id: thread for each in workers if (thread := each.thread()) is not None}
        shared = len(workers) > 1 and sharing([each.gil for each in workers])
        self.sharing = self.sharing or shared
        looks = process.look(threads, shared)
        unaccounted_ns = process.unaccounted_ns + sum(each.unaccounted_ns for each in workers)
        found = []
        for watched in workers:
            if problem := watched.problem or process.problem:
                self.problems.add((watched.worker, problem, watched.problem is not None))
            look = looks.get(watched.native_id)
            if look is not None:
                unaccounted_ns -= watched.unaccounted_ns
                found += [(time_ns, state, watched) for time_ns, state in watched.take(look, unaccounted_ns)]
                unaccounted_ns += watched.unaccounted_ns
        if found:
            _write(found)


def _write(found: list[tuple[int, State, WorkerSampler]]) -> None:
    # Who reads this meanwhile must not find two that run with one GIL.
    for time_ns, state, watched in sorted(found, key=lambda each: (each[0], each[1] is State.RUNNING)):
        watched.write(time_ns, state)


def main(lab_fd: int, own_fd: int, tell_fd: int) -> None:
    """Look until the monitor closes standard input."""
    sampler, pace, commands = Sampler(Block(lab_fd), Block(own_fd)), Pace(), JsonLinesReader(0)
    told: set[tuple[int, str, bool]] = set()
    gc.disable()  # There are no cycles here, and looking for them is not free.
    os.write(tell_fd, encode_line({"ready": True}))
    while True:
        # At random times, so that it can't fall into step with switch intervals and ticks.
        period = pace.period_s * random.uniform(0.5, 1.5) if sampler else None
        if select.select([0], [], [], period)[0]:
            batch = commands.read()
            if batch is None:
                return
            for command in batch:
                sampler.watch(**command)
            pace.rest()
            continue
        sampler.look()
        pace.looked(time.process_time_ns(), BUDGET_SHARING if sampler.sharing else BUDGET)
        for worker, problem, blind in sampler.problems - told:
            os.write(tell_fd, encode_line({"worker": worker, "problem": problem, "blind": blind}))
        told |= sampler.problems
