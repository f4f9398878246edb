"""The work that `probe` measures, run inside the measured interpreter: standard library only, CPython from 3.9 on."""

# ruff: noqa: UP006, UP035, B905 - what they ask for is newer than CPython 3.9
from __future__ import annotations

import json
import statistics
import sys
from itertools import chain, repeat
from threading import Thread
from time import process_time_ns
from typing import Any, Dict, Iterator, List

from pconc_tui.experiments.cpu_bound import compute
from pconc_tui.protocol.block import Block
from pconc_tui.worker import worker as worker_module

WARM_UPS = 3


class Bare:
    """A worker without a probe, for the same experiment."""

    def __init__(self, size: int, scale: float) -> None:
        self.size = size
        self._scale = scale

    def begin(self) -> None:
        pass

    def rounds(self, n: int) -> range:
        return range(max(1, round(n * self._scale)))

    # Cut into the ranges that the probe makes: counting past 256 makes an int object for each number, so one range of
    # all n would cost more than short ones do. Cut by C code: resuming the probe's generator is part of its cost.
    def chunks(self, n: int) -> Iterator[range]:
        return chain(repeat(range(self.size), n // self.size), [range(n % self.size)])


def probed(index: int, scale: float) -> worker_module.Worker:
    """A worker as the lab makes it."""
    block = Block.create()
    block.clear(0)
    return worker_module.Worker(block.slot(0), f"Thread-{index}", index, "threads", scale)


def chunk_size(worker: worker_module.Worker) -> int:
    """The size of the chunks that the worker has settled on."""
    return len(next(worker.chunks(1 << 40)))


def _run(worker: Any) -> None:
    worker.begin()
    compute(worker)


def cpu_ns(workers: List[Any]) -> int:
    """The CPU time of this process for all the workers' work, done in threads."""
    threads = [Thread(target=_run, args=(worker,)) for worker in workers]
    before = process_time_ns()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return process_time_ns() - before


def seconds(threads: int, scale: float, pairs: int) -> Dict[str, Any]:
    """CPU times of the work with the probe, without it, and without it once more: the null control."""
    workers = [probed(index, scale) for index in range(threads)]
    for _ in range(WARM_UPS):
        cpu_ns(workers)
    bare = [Bare(chunk_size(worker), scale) for worker in workers]
    times: Dict[str, List[int]] = {"probed": [], "bare": [], "null": []}
    sizes = []
    order = list(times)
    for _ in range(pairs):
        for name in order:
            times[name].append(cpu_ns(workers if name == "probed" else bare))
            for with_probe, without in zip(workers, bare):
                without.size = chunk_size(with_probe)
                sizes.append(without.size)
        order.append(order.pop(0))
    return {"times": times, "size": int(statistics.median(sizes))}


def fixed(index: int, size: int, scale: float) -> worker_module.Worker:
    """A worker whose chunks have one size, however long they take."""
    vars(worker_module).update(SHORTEST_NS=-1, LONGEST_NS=1 << 62)
    worker = probed(index, scale)
    worker._size = size
    return worker


def main(what: str, *numbers: str) -> None:
    """`seconds THREADS SCALE PAIRS` prints times as JSON; `probed` and `bare`, with `THREADS SIZE SCALE`, only work."""
    if what == "seconds":
        print(json.dumps(seconds(int(numbers[0]), float(numbers[1]), int(numbers[2]))))
    else:
        threads, size, scale = int(numbers[0]), int(numbers[1]), float(numbers[2])
        cpu_ns([fixed(index, size, scale) if what == "probed" else Bare(size, scale) for index in range(threads)])


if __name__ == "__main__":
    main(*sys.argv[1:])
