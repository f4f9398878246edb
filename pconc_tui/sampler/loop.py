"""The sampler's loop: samples all workers that the monitor asks for, as often as its budget allows."""

from __future__ import annotations

import gc
import os
import random
import select
import time

from pconc_tui.protocol.block import GIL, Block, State
from pconc_tui.protocol.json_lines import JsonLinesReader, encode_line
from pconc_tui.sampler.pace import BUDGET, BUDGET_SHARING, Pace
from pconc_tui.sampler.process_sampler import ProcessSampler, sharing
from pconc_tui.sampler.scheduling import request_short_slices
from pconc_tui.sampler.transition_builder import Sample, Transition
from pconc_tui.sampler.worker_sampler import WorkerSampler

_Found = list[tuple[Transition, WorkerSampler]]


class Sampler:
    """Samples workers by their slots in the lab's block; writes their transitions into a block of its own."""

    def __init__(self, lab: Block, own: Block) -> None:
        self.problems: set[tuple[int, str, bool]] = set()
        """Worker, what can't be sampled of it and why, and whether nothing of it can."""
        self.sharing = False
        """Whether some workers shared a GIL at the last sample."""
        self._lab = lab
        self._own = own
        self._workers: dict[int, WorkerSampler] = {}
        self._processes: dict[int, ProcessSampler] = {}

    def __len__(self) -> int:
        return len(self._workers)

    def watch(self, slot: int, worker: int, since_ns: int = 0) -> None:
        """Sample the worker in this slot from now on; 0: stop sampling the slot. `since_ns`: as in `WorkerSampler`."""
        if slot in self._workers:
            self._workers.pop(slot).close()
        if worker:
            self._workers[slot] = WorkerSampler(worker, self._lab.slot(slot), self._own.slot(slot), since_ns)

    def sample(self) -> None:
        """Sample all of them once."""
        now_ns = time.perf_counter_ns()
        self.sharing = False
        by_process: dict[int, list[WorkerSampler]] = {}
        for slot, worker in list(self._workers.items()):
            state = worker.state()
            if state is State.ENDED:
                self.watch(slot, 0)
            elif state is not State.STARTING:
                worker.sampled(now_ns)
                workers = by_process.setdefault(worker.pid, [])
                if state in (State.RUNNING, State.WAITING):
                    workers.append(worker)
        for pid in self._processes.keys() - by_process.keys():
            self._processes.pop(pid).close()
        for pid, workers in by_process.items():
            if workers:
                self._sample_process(pid, workers, now_ns)

    def _sample_process(self, pid: int, workers: list[WorkerSampler], now_ns: int) -> None:
        process = self._processes.get(pid)
        if process is None:
            process = self._processes[pid] = ProcessSampler(pid)
        # An import can turn the GIL on where none was needed, and does so briefly wherever it loads an extension.
        gils = process.gils(now_ns) if any(0 in (each.own[GIL], each.gil) for each in workers) else None
        if gils is not None:
            for worker in workers:
                worker.needs_one_of(gils)
        threads = {each.native_id: files for each in workers if (files := each.files()) is not None}
        shared = len(workers) > 1 and sharing([each.gil for each in workers])
        self.sharing = self.sharing or shared
        samples = process.samples(threads, shared)
        sampled = []
        for worker in workers:
            if problem := worker.problem or process.problem:
                self.problems.add((worker.worker, problem, worker.problem is not None))
            if worker.native_id in samples:
                sampled.append((worker, samples[worker.native_id]))
        found = _take_turns(sampled) if shared else _take(sampled)
        # A reader must not find two that run with one GIL.
        for transition, worker in sorted(found, key=lambda each: (each[0].time_ns, each[0].state is State.RUNNING)):
            worker.write(transition)
        for worker, _ in sampled:
            worker.publish()


def _take(sampled: list[tuple[WorkerSampler, Sample]]) -> _Found:
    return [(transition, worker) for worker, sample in sampled for transition in worker.take(sample, None, 0)[0]]


def _take_turns(sampled: list[tuple[WorkerSampler, Sample]]) -> _Found:
    """Fold workers that share a GIL in the order in which they had it, so that each runs when the one before ends."""
    found: _Found = []
    used_ns = {worker: worker.used_ns(sample) for worker, sample in sampled}
    all_ns = sum(used_ns.values())
    released_ns = None
    for worker, sample in sorted(sampled, key=lambda each: each[0].turn(each[1])):
        transitions, ended_ns = worker.take(sample, released_ns, all_ns - used_ns[worker])
        found += [(transition, worker) for transition in transitions]
        if ended_ns is not None:
            released_ns = max(released_ns or 0, ended_ns)
    return found


def main(lab_fd: int, own_fd: int, events_fd: int) -> None:
    """Sample until the monitor closes standard input."""
    sampler, pace, commands = Sampler(Block(lab_fd), Block(own_fd)), Pace(), JsonLinesReader(0)
    reported: set[tuple[int, str, bool]] = set()
    request_short_slices()
    gc.disable()  # There are no cycles here, and searching for them costs CPU time.
    os.write(events_fd, encode_line({"ready": True}))
    while True:
        # At random times, so that sampling can't fall into step with switch intervals and ticks.
        period_s = pace.period_s * random.uniform(0.5, 1.5) if sampler else None
        if select.select([0], [], [], period_s)[0]:
            batch = commands.read()
            if batch is None:
                return
            for command in batch:
                sampler.watch(**command)
            pace.pause()
            continue
        sampler.sample()
        pace.sampled(time.process_time_ns(), BUDGET_SHARING if sampler.sharing else BUDGET)
        for worker, problem, blind in sampler.problems - reported:
            os.write(events_fd, encode_line({"worker": worker, "problem": problem, "blind": blind}))
        reported |= sampler.problems
