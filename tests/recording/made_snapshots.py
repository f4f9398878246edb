"""Snapshots made without workers, in no time: as of threads that hand one GIL on every 5 ms."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from pconc_tui.protocol.block import State, pack
from pconc_tui.snapshot import CpuSample, GilRate, Lab, Snapshot, Worker, WorkerProcess
from pconc_tui.timeline.gil_waits import Gil
from pconc_tui.timeline.span_builder import SpanBuilder
from pconc_tui.timeline.spans import Times

MS = 1_000_000
FRAME_NS = 100 * MS
LABS = (Lab("ready", "/usr/bin/python3", "3.14.0", True, False, 0.005, "forkserver"),)


def made_snapshots(workers: int, seconds: float, max_pieces: int | None = 40, seed: int = 1) -> Iterator[Snapshot]:
    """A Snapshot each 100 ms."""
    random = Random(seed)
    gil = Gil()
    lanes = [SpanBuilder(id, 1000 * MS, max_pieces) for id in range(1, workers + 1)]
    for lane in lanes:
        lane.gil = gil
    now_ns = time_ns = 1000 * MS
    running = 0
    last: dict[int, tuple[Times, int]] = {}
    pending: list[list[int]] = [[pack(time_ns + 1000 * id, State.WAITING)] for id in range(workers)]
    while now_ns < 1000 * MS + seconds * 1e9:
        now_ns += FRAME_NS
        while time_ns < now_ns:
            pending[running].append(pack(time_ns, State.RUNNING))
            time_ns += 5 * MS + random.randrange(400_000)
            pending[running].append(pack(time_ns, State.WAITING))
            time_ns += 20_000 + random.randrange(60_000)
            running = (running + 1 + (random.random() < 0.2)) % workers
        for lane, words in zip(lanes, pending, strict=True):
            lane.add([word for word in words if word >> 5 <= now_ns], now_ns)
            words[:] = [word for word in words if word >> 5 > now_ns]
        gil.update(now_ns)
        for lane in lanes:
            lane.finalize(now_ns)
        whole = now_ns % (500 * MS) == 0
        for id, lane in enumerate(lanes):
            if whole or id not in last:
                last[id] = lane.times(now_ns), random.randrange(1000)
        yield Snapshot(
            now_ns=now_ns,
            core_count=2.0,
            core_loads=(0.5, 0.5) if not whole else (random.random(), random.random()),
            cores_busy=round(1 + last[0][1] / 9000, 9),
            handoffs_per_s=190 + random.random(),
            switches_per_s=191 + random.random(),
            gils=(GilRate(0, 77, 0, workers, 190.5, 191.5, None),),
            app_cpu=last[0][1] / 7000,
            running_at_once=1 + last[0][1] / 1e5,
            workers=tuple(_worker(id, lane, now_ns, gil, *last[id], random) for id, lane in enumerate(lanes)),
            processes=(WorkerProcess(77, tuple(range(1, workers + 1)), last[0][1] / 99999, 0.0),),
            labs=LABS,
            has_run=True,
        )


def _worker(index: int, lane: SpanBuilder, now_ns: int, gil: Gil, sampled: Times, drawn: int, random: Random) -> Worker:
    total = lane.times(now_ns)
    return Worker(
        id=index + 1,
        name=f"Thread-{index + 1}",
        experiment="cpu-bound",
        variant="calls",
        model="threads",
        python="3.14.0",
        launched_ns=lane.launched_ns,
        state=lane.state(now_ns),
        pid=77,
        native_id=100 + index,
        core=drawn % 2,
        cpu=drawn / 4001,
        recent=Times(drawn / 4e3, 0.7 + drawn / 9e3, 0.01 + drawn / 1e5),
        total=total,
        cpu_s=sampled.running,
        last_cpu=CpuSample(sampled.running + drawn / 1e7, sampled),
        starting_cpu_s=0.0001,
        iterations=int(total.running * 12_000_000) + random.randrange(100),
        rate=3e6 + drawn,
        handoffs=gil.handoffs.received(index + 1),
        started_ns=lane.started_ns,
        held_s=lane.held_s(now_ns),
        history=lane.history(now_ns),
        gil=1,
    )
