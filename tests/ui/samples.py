"""Handmade, realistic snapshots."""

from __future__ import annotations

from dataclasses import replace

from pconc_tui.measurement import Counters, Measurement, Progress, Wait
from pconc_tui.protocol.block import State
from pconc_tui.protocol.delay_histogram import BUCKETS, DelayHistogram, upper_ns
from pconc_tui.snapshot import Lab, LogLine, Snapshot, Worker
from pconc_tui.timeline.spans import Span, Times
from pconc_tui.ui.drawing.slow_motion import SlowMotion
from pconc_tui.ui.drawing.timeline_window import TimelineWindow
from pconc_tui.watched_program import Hold, Place, WatchedProcess, WatchedProgram, WatchedThread

MS = 10**6
NOW = 5_000_000 * MS
LAB = Lab("ready", "/usr/bin/python3.13", "3.13.0", True, False, 0.005, "fork")


def turns(index: int, of: int, start_ns: int, end_ns: int, slice_ns: int = 5 * MS) -> tuple[Span, ...]:
    """The spans of one of several threads that take turns with the GIL."""
    spans: list[Span] = []
    at, turn = start_ns, 0
    while at < end_ns:
        state = State.RUNNING if turn % of == index else State.GIL_WAIT
        stop = min(at + slice_ns, end_ns)
        if spans and spans[-1].state == state:
            spans[-1] = spans[-1]._replace(end_ns=stop)
        else:
            spans.append(Span(at, stop, state))
        at, turn = stop, turn + 1
    return tuple(spans)


def thread(number: int, of: int, now_ns: int = NOW, seconds: float = 2.0) -> Worker:
    """One of `of` threads that compute."""
    start = now_ns - round(seconds * 1e9)
    spans = turns(number - 1, of, start, now_ns)
    running = seconds / of
    return Worker(
        id=number,
        name=f"Thread-{number}",
        experiment="cpu-bound",
        variant="calls",
        model="threads",
        python="3.13.0",
        launched_ns=start - MS,
        state=spans[-1].state,
        pid=11240,
        native_id=11240 + number,
        core=number % 2,
        cpu=1 / of,
        recent=Times(running=1 / of, gil_wait=1 - 1 / of),
        total=Times(running=running, gil_wait=seconds - running),
        cpu_s=running,
        iterations=1_204_551 * number,
        rate=8_120.4,
        handoffs=100,
        started_ns=start,
        history=(spans[: len(spans) // 2], spans[len(spans) // 2 :]),
        gil=1,
    )


def process(number: int, now_ns: int = NOW, seconds: float = 2.0) -> Worker:
    """A process that computes on a core of its own."""
    start = now_ns - round(seconds * 1e9)
    return replace(
        thread(number, 1, now_ns, seconds),
        id=100 + number,
        name=f"Process-{number}",
        model="processes",
        pid=12000 + number,
        native_id=12000 + number,
        gil=100 + number,
        recent=Times(running=0.98, core_wait=0.02),
        history=((Span(start, now_ns, State.RUNNING),),),
    )


def ended(worker: Worker, ending: str, ago_ns: int = 500 * MS) -> Worker:
    at = NOW - ago_ns
    history = tuple(
        tuple(Span(span.start_ns, min(span.end_ns, at), span.state) for span in piece if span.start_ns < at)
        for piece in worker.history
    )
    return replace(worker, ending=ending, ended_ns=at, state=State.ENDED, history=history, recent=None, cpu=None)


def measurement(model: str = "threads", workers: int = 4, ratio: float = 4.0, **changes: object) -> Measurement:
    made = Measurement(
        experiment="cpu-bound",
        variant="calls",
        model=model,
        workers=workers,
        python="3.13.0",
        cores=2,
        core_share=1.0,
        one_run_s=0.61,
        n_runs_s=0.61 * ratio,
        cores_busy=min(2, workers / ratio),
        handoffs=480,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def slow_motion(snapshot: Snapshot, before_ns: int = 40 * MS, slowness: int = 200) -> SlowMotion:
    """Slow motion so long before the end of what the timeline shows."""
    made = SlowMotion.start(snapshot, TimelineWindow().at_newest(snapshot), 0.0, slowness)
    assert made is not None
    return made.at(made.ended_ns - before_ns, 0.0)


def snapshot(*workers: Worker, **changes: object) -> Snapshot:
    made = Snapshot(
        now_ns=NOW,
        core_count=2,
        core_loads=(0.61, 0.39),
        cores_busy=1.0 if workers else 0.0,
        running_at_once=0.99 if workers else None,
        handoffs_per_s=186.2 if workers else None,
        app_cpu=0.04,
        workers=workers,
        has_run=bool(workers),
        labs=(LAB,),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


EMPTY = snapshot()
THREADS = snapshot(*(thread(number, 4) for number in range(1, 5)))
PROCESSES = snapshot(
    *(process(number) for number in range(1, 5)), cores_busy=1.96, running_at_once=1.97, handoffs_per_s=None
)
MANY = snapshot(*(thread(number, 64, seconds=0.7) for number in range(1, 65)))
ENDED = snapshot(
    ended(thread(1, 4), "done"),
    ended(thread(2, 4), "stopped"),
    ended(process(3), "killed by signal 9"),
    ended(thread(4, 4), "ValueError: bad\x1b[2Jvalue"),
)
CRUNCH = Place("crunch", "/home/me/work.py", 12)
WAITS = Place("Queue.get", "/usr/lib/python3.13/queue.py", 171)


def watched(number: int, python: bool = True) -> Worker:
    """A thread of a program that is watched."""
    holds = Hold(NOW - 1500 * MS, NOW - 1270 * MS, (CRUNCH,), CRUNCH)
    of_gil = f"the GIL: Thread-3 in {CRUNCH}"
    known = (
        WatchedThread(python, CRUNCH, (CRUNCH,), of_gil, 0.23, 0.1, holds, CRUNCH) if python else WatchedThread(False)
    )
    return replace(thread(number, 4), experiment="", variant="", gil=11240, held_s=0.23, thread=known)


WATCHED = replace(
    snapshot(*(watched(n) for n in range(1, 5)), *(watched(n, False) for n in range(5, 8)), labs=()),
    program=WatchedProgram(
        11240,
        "python work.py",
        "kernel",
        processes=(WatchedProcess(11240, 1, "python work.py", "3.13", True),),
        since_ns=NOW - 2000 * MS,
    ),
)
"""Four threads that take turns, and three native ones."""
MEASURED = snapshot(
    *(replace(ended(thread(n, 4, NOW - 500 * MS, 0.9), "done"), id=10 + n) for n in range(1, 5)),
    one_run=ended(thread(1, 1, NOW - 1500 * MS, 0.5), "done", 1500 * MS),
    measurements=(measurement(),),
)
"""One run from 0 to 0.5 s, four runs from 0.6 to 1.5 s."""
COUNTERS = (
    Counters("lost-update", "call", "threads", 4, False, value=988_213, expected=1_204_551),
    Counters("lost-update", "plain", "threads", 4, True, value=1_204_551, expected=1_204_551),
    Counters("lost-update", "lock", "threads", 4, True, value=400_000, expected=400_000),
)
SHARED_VALUE = Counters(
    "shared-value",
    "lock",
    "processes",
    4,
    True,
    value=4,
    plain_num=0,
    plain_of=tuple((f"Process-{number}", 1) for number in range(1, 5)),
)
SHARED_DICT = Counters("shared-dict", "lock", "threads", 4, True, object={"0": 0, "1": 1, "2": 2, "3": 3})
DELAYS = Counters(
    "convoy",
    "heartbeat",
    "threads",
    4,
    False,
    delays=DelayHistogram((0,) * 30 + (90, 10) + (0,) * (BUCKETS - 32), 300_000),
    recent_delays=DelayHistogram((0,) * 50 + (60, 1) + (0,) * (BUCKETS - 52), upper_ns(51)),
)
CYCLE = (Wait("Thread-1", "B", "Thread-2"), Wait("Thread-2", "A", "Thread-1"))
DEADLOCK = Counters(
    "deadlock", "opposite", "threads", 3, False, waits=(*CYCLE, Wait("Thread-3", "A", "Thread-1")), deadlock=CYCLE
)
LOG = tuple(
    LogLine(0.5 + number / 10, f"Thread-{number}", f"Pid is 11240, thread id is Thread-{number}")
    for number in range(1, 5)
)
EVERYTHING = replace(
    THREADS,
    counters=(*COUNTERS, SHARED_VALUE, SHARED_DICT),
    measurements=(measurement(), measurement("processes", ratio=2.04), measurement("processes", 2, 1.02)),
    log=LOG,
)
LONG = replace(
    EVERYTHING,
    counters=tuple(replace(SHARED_VALUE, model=model) for model in ("threads", "processes", "interpreters", "asyncio")),
    measurements=tuple(measurement(workers=workers, ratio=workers) for workers in range(2, 20)),
    log=tuple(LogLine(number, "Thread-1", f"line {number} " + "of many words " * 8) for number in range(40)),
)
"""More in every panel than fits."""
MEASURING = replace(THREADS, progress=Progress("cpu-bound", "threads", "4 runs", 0.43))
DEAD = replace(THREADS, labs=(replace(LAB, state="dead", message="The lab was killed by signal 9"),))
STARTING = replace(EMPTY, labs=(Lab("starting", "/usr/bin/python3.13"),))


def cores(count: int) -> Snapshot:
    """A machine with this many cores."""
    loads = tuple((number * 37 % 101) / 100 for number in range(count))
    return replace(THREADS, core_count=count, core_loads=loads)
