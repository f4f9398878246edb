"""Watches a running program: a Controller whose workers are the threads of a process and of all processes below it.

Nothing is launched, stopped, written to or injected: requests to do so are refused. The lanes come from the kernel's
scheduling records, or are sampled where it refuses those; functions and names from what reads stacks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from pconc_tui.monitor.cpu_quota import usable_cores
from pconc_tui.monitor.last_second import LastSecond
from pconc_tui.monitor.lock_shares import RecentLocks
from pconc_tui.monitor.log import Log
from pconc_tui.monitor.only_watches import OnlyWatches
from pconc_tui.monitor.process_tree import ProcessTree
from pconc_tui.monitor.python_processes import command_line
from pconc_tui.monitor.sampled_tree import SampledTree
from pconc_tui.monitor.shown_moment import LONGEST_LAG_NS, ShownMoment
from pconc_tui.monitor.started_program import StartedProgram
from pconc_tui.monitor.system import SystemUsage
from pconc_tui.monitor.thread_holds import LongHold
from pconc_tui.monitor.thread_waits import ThreadWaits
from pconc_tui.monitor.tree_client import PERIOD_NS, REPLACED, TreeObserver
from pconc_tui.monitor.watchable import require_watchable
from pconc_tui.monitor.watched_lanes import WatchedLanes
from pconc_tui.monitor.watched_processes import WatchedProcesses
from pconc_tui.monitor.watched_stacks import WatchedStacks
from pconc_tui.monitor.watched_thread import ThreadLane
from pconc_tui.monitor.watched_tree import WatchedTree
from pconc_tui.protocol.block import State
from pconc_tui.protocol.lane_source import Source
from pconc_tui.protocol.process_stat import process_stat
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.watched_program import WatchedProgram

MAX_HISTORY_PIECES = 40
FIGURES_NS = 900_000_000
"""From one reading of the figures of cores and threads to the next, at least."""
PROCESSES_NS = 400_000_000
"""The same of whether processes have ended, were stopped, or run something else."""
LONG_HOLD_NS = 50_000_000
"""From when on a hold is a long one."""
KEEP_ENDED_NS = 5_000_000_000
MOST_REPLACED = 3
"""An observer that ends while the program runs is replaced so often, and not again and again where none can live."""


class Watch(OnlyWatches):
    """Watches one program. Not thread-safe; no method blocks except `close`."""

    def __init__(
        self,
        pid: int,
        clock: Callable[[], int] = time.perf_counter_ns,
        history_pieces: int | None = MAX_HISTORY_PIECES,
        long_hold_ns: int = LONG_HOLD_NS,
        keep_ended_ns: int | None = KEEP_ENDED_NS,
        program: StartedProgram | None = None,
    ) -> None:
        """`history_pieces`: kept of each lane, None: all; `long_hold_ns`: from when on a hold is a long one;
        `keep_ended_ns`: for how long a thread that has ended has a lane, None: always; `program`: this process, if it
        was started to be watched: it executes its first instruction once it is observed.

        Raises RequestError if there is no such process, or it can't be watched.
        """
        if program is None:
            require_watchable(pid)
        self._pid = pid
        self._clock = clock
        self._program = program
        self._command = command_line(pid) if program is None else program.command
        self.began_ns: int | None = None
        """When observing began; None: it has not yet."""
        self._since_ns = clock()
        self._tree: WatchedTree = TreeObserver(pid, while_new_ns=PERIOD_NS)
        self._shown = ShownMoment()
        self._abandoned: list[WatchedTree] = []
        """What observed before `_tree`, and could not keep up."""
        self._stacks = WatchedStacks(long_hold_ns)
        self._log = Log(self._since_ns)
        self._lanes = WatchedLanes(history_pieces, long_hold_ns, keep_ended_ns)
        self._processes = WatchedProcesses(pid, program, self._log)
        self._own = ProcessTree()
        self._system = SystemUsage()
        self._cores = usable_cores()
        self._busy = LastSecond()
        self._handoffs = LastSecond()
        self._switches = LastSecond()
        self._locks = RecentLocks()
        self._updated_ns = self._sampled_ns = 0
        self._last: Snapshot | None = None
        """The last Snapshot, unless the log has been cleared since."""

    # Frames

    def poll(self) -> Snapshot:
        """The Snapshot of this moment; where no more is known than at the last poll, that one."""
        now_ns = self._clock()
        # In each frame, since the stack of a long hold is to be read before that ends.
        self._stacks.urge(self._processes.views, now_ns)
        if self._last is not None and not self._tree.has_unread and now_ns - self._tree.until_ns < LONGEST_LAG_NS:
            self._last = self._last.at(self._now_ns())
        else:
            self._tree.receive()
            self._stacks.read(self._processes.views, self._lanes)
            self._last = self._read()
        return self._last

    def _read(self) -> Snapshot:
        """Read everything, and make the Snapshot of it."""
        if self._tree.ready and self._tree.source is None:
            problem = self._tree.problem
            self._tree.close()
            self._tree = SampledTree(self._pid, problem)
        elif self._tree.overload is not None:
            self._sample_from_now_on(self._tree.overload)
        elif self._tree.died and len(self._abandoned) < MOST_REPLACED and self._processes.runs:
            self._sample_from_now_on(REPLACED)
        now_ns = self._now_ns()
        if self.began_ns is None and self._tree.ready and self._tree.threads:
            self.began_ns = now_ns
        if self._program is not None:
            if self.began_ns is not None:
                self._start(self._program)
            for line in self._program.lines():
                self._log.add(now_ns, "output", line)
        self._processes.find(self._tree, now_ns)
        self._lanes.find(self._tree, self._processes, now_ns)
        self._lanes.read(self._tree, now_ns)
        if now_ns - self._updated_ns >= PROCESSES_NS:
            self._updated_ns = now_ns
            self._processes.update(now_ns)
            if now_ns - self._sampled_ns >= FIGURES_NS:
                self._sampled_ns = now_ns
                self._sample(now_ns)
        return self._snapshot(now_ns)

    def _start(self, program: StartedProgram) -> None:
        if program.start():
            self._since_ns = self._clock()

    def _sample_from_now_on(self, problem: str) -> None:
        """The kernel's records are read no longer: sample the threads instead. `problem` says why."""
        known_ns = self._tree.until_ns
        self._abandoned.append(self._tree)
        self._tree.abandon()
        self._tree = tree = SampledTree(self._pid, problem, self._lanes.last_thread_id)
        tree.receive()
        self._lanes.continue_with(tree, known_ns)
        self._log.add(self._clock(), "lanes", problem)

    def _now_ns(self) -> int:
        """The moment that is shown: that up to which all is known, where that is known."""
        now_ns, until_ns = self._clock(), self._tree.until_ns
        is_sampled = self._tree.source is Source.SAMPLED
        return self._shown.move(now_ns, until_ns if until_ns and not is_sampled else now_ns)

    def take_long_holds(self, until_ns: int | None = None) -> list[LongHold]:
        """The long holds that ended before `until_ns` and were not taken yet; None: all that have ended."""
        return self._lanes.take_long_holds(until_ns)

    def present_long_holds(self) -> list[LongHold]:
        """The long holds that go on."""
        return self._lanes.present_long_holds()

    def clear(self) -> None:
        """Clear the log."""
        self._log.clear()
        self._last = None

    def reset(self) -> None:
        """Clear the log."""
        self.clear()

    def close(self) -> None:
        """Stop watching; the program goes on."""
        self._stacks.close()
        for tree in (self._tree, *self._abandoned):
            tree.close()
        self._processes.close()

    @property
    def exit_status(self) -> int:
        """That of the program, if it was started to be watched and has ended; else 0."""
        status = self._program.exit_status if self._program is not None else None
        return 0 if status is None else status if status >= 0 else 128 - status

    def _sample(self, now_ns: int) -> None:
        """Read the figures of threads and the machine: what the system counts is as of now, not `now_ns`."""
        read_ns = self._clock()
        self._lanes.sample(now_ns, read_ns)
        self._locks.add(now_ns, self._lanes.lock_times(now_ns))
        alive = self._processes.alive
        stats = {pid: stat for pid in alive if (stat := process_stat(pid)) is not None}
        self._system.sample(read_ns, {**self._own.read(), **stats}, alive)
        self._busy.add(read_ns, self._processes.cpu_ns / 1e9)
        self._switches.add(read_ns, self._processes.switches)
        self._handoffs.add(now_ns, self._lanes.handoffs)

    def _snapshot(self, now_ns: int) -> Snapshot:
        order = {self._pid: -1, **{pid: number for number, pid in enumerate(self._processes.views) if pid != self._pid}}
        lanes = sorted(
            self._lanes,
            key=lambda lane: (order.get(lane.thread.pid, len(order)), lane.thread.tid != lane.thread.pid, lane.id),
        )
        states = {lane.id: lane.lane.state(now_ns) for lane in lanes}
        waits = ThreadWaits(lanes, self._tree)
        several = len(self._processes.alive) > 1
        shares = any(lane.lane.gil for lane in lanes)
        return Snapshot(
            now_ns=now_ns,
            core_count=self._cores,
            core_loads=self._system.core_loads,
            cores_busy=self._busy.rate,
            others=self._system.others,
            throttled=self._system.throttled,
            running_at_once=None,
            handoffs_per_s=self._handoffs.rate if shares else None,
            switches_per_s=self._switches.rate if shares else None,
            app_cpu=self._system.app_cpu,
            workers=tuple(self._worker(lane, now_ns, states[lane.id], waits, several) for lane in lanes),
            log=self._log.lines,
            log_began_ns=self._log.began_ns,
            log_cut=self._log.cut,
            has_run=True,
            program=self._watched(),
        )

    def _worker(self, lane: ThreadLane, now_ns: int, state: State, waits: ThreadWaits, several: bool) -> Worker:
        process = self._processes.views.get(lane.thread.pid)
        role = str(lane.thread.pid) if several else ""
        source = self._tree.source.value if self._tree.source else None
        version = process.version if process else ""
        halted = process.doing if process and process.halted_ns else ""
        worker = lane.snapshot(now_ns, version, role, waits.words(lane, state), state, source, halted)
        return replace(worker, lock=waits.lock(lane, state)) if state is State.LOCK else worker

    def _watched(self) -> WatchedProgram:
        return WatchedProgram(
            self._pid,
            self._command,
            self._tree.source.value if self._tree.source else None,
            self._tree.problem or "",
            self._stacks.problem,
            tuple(process.view() for process in self._processes.views.values()),
            self._processes.ended,
            self._since_ns,
            self._program is not None,
            self._tree.not_shown,
            self._locks.recent,
            self._locks.all,
            self._processes.switches,
            self._processes.ended_ns(self._tree),
        )


def not_watched_yet(pid: int, is_ours: bool) -> Snapshot:
    """What is known before watching begins. `is_ours`: the program was started to be watched."""
    program = WatchedProgram(pid, command_line(pid), None, "", "", (), "", time.perf_counter_ns(), is_ours)
    return Snapshot(now_ns=0, core_count=usable_cores(), has_run=True, program=program)
