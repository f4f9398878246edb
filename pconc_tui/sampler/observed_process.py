"""One process of an observed tree: its records become transitions in the slots of its threads."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress

from pconc_tui.cpython import GilLocks, living_thread
from pconc_tui.kernel.episodes import LOOKAHEAD_NS, Episodes, Found, Gil
from pconc_tui.kernel.found import WITHOUT_CORE
from pconc_tui.kernel.gathering import Gathering
from pconc_tui.kernel.outside import BlockedSample, Outside
from pconc_tui.kernel.records import Comm, Decoded
from pconc_tui.protocol.block import UNSET, State
from pconc_tui.sampler.core_waits import CoreWaits
from pconc_tui.sampler.lock_waits import LockWaits
from pconc_tui.sampler.observed_interpreter import ObservedInterpreter
from pconc_tui.sampler.thread_samples import ThreadSamples
from pconc_tui.sampler.thread_slots import ThreadSlot, ThreadSlots

DEFAULT_INTERVAL_NS = 5_000_000
COMMAND_BYTES = 4096
GIL_SHIFT = 32
"""The number of a GIL is the id of its process, and that of its interpreter shifted by so much."""
MOST_SAMPLED = 64
"""Threads that are sampled at once; of more, these are drawn."""
MOST_READY = 8
"""The same where it is only sampled whether they are ready."""


def no_pause() -> None:
    """Nothing is done between the steps."""


class ObservedProcess:
    """Its threads, and the GILs that they wait for."""

    def __init__(
        self, pid: int, parent: ObservedProcess | None, slots: ThreadSlots, report: Callable[..., None], now_ns: int
    ) -> None:
        """`parent`: the process that forked it, whose memory it has a copy of; None: observing begins with it."""
        self.pid = pid
        self.threads: dict[int, ThreadSlot] = {}
        """By native id."""
        self.command: str = _command(pid) or ("" if parent is None else parent.command)
        """Its command line."""
        locks = () if parent is None else parent._locks
        self._interpreter = ObservedInterpreter(pid, locks, now_ns)
        self._locks: tuple[GilLocks, ...] = ()
        """Those that `_episodes` knows."""
        self._episodes = Episodes(pid)
        self._gathering = Gathering(self._episodes)
        self._first_has_ended = False
        """Whether its first thread has ended, and no other has got its id since."""
        self._executed_ns = 0
        """When it was last given another program."""
        self._settled_ns = 0
        """All records up to this time have been judged."""
        self._samples = ThreadSamples(pid)
        self._waits_on_stacks = False
        """Whether its C library is musl: samples then find the addresses at which threads wait."""
        self._core_waits = CoreWaits(self._episodes)
        self._outside: list[Outside] = []
        """What was sampled since the last records."""
        self._slots = slots
        self._report = report
        self._lock_waits = LockWaits(pid, self.threads, report)
        self._reported: tuple[bool | None, str | None] = None, None
        report(
            "process", pid=pid, parent=parent.pid if parent else _parent(pid), command=self.command, started_ns=now_ns
        )
        self._know()

    def start_thread(self, tid: int, started_ns: int, started_by: int) -> None:
        """A thread starts; `started_by`: the id of the thread that starts it, 0: unknown."""
        if tid not in self.threads:
            self._interpreter.thread_started(started_ns)
            slot = self._slots.start(self.pid, tid, self._name(tid), started_ns, started_by)
            if slot is not None:
                self.threads[tid] = slot
                slot.needs(self._gil)

    def add_living_thread(self, tid: int, now_ns: int) -> None:
        """A thread is there when observing begins."""
        self.start_thread(tid, now_ns, 0)
        self._outside += self._samples.blocked(tid)

    @property
    def needs_samples(self) -> bool:
        """Whether a thread can take and release a GIL unnoticed: there are others, and not always one waits for it."""
        return len(self.threads) > 1 and (self._waits_on_stacks or not self._episodes.all_on_record)

    @property
    def has_few_samples(self) -> bool:
        """Whether it needs samples and has few."""
        return self.needs_samples and self._episodes.has_few_samples

    @property
    def is_blocked(self) -> bool:
        """Whether all of its threads are blocked now, as far as that can be read."""
        samples = ([*self._samples.blocked(tid)] for tid in self.threads)
        return all(each and type(each[0]) is BlockedSample for each in samples)

    @property
    def probes_locks(self) -> bool:
        """Whether what its threads wait for is read from its memory."""
        return self._lock_waits.probes

    @property
    def needs_ready_samples(self) -> bool:
        """Whether it matters which threads are ready."""
        return self._episodes.needs_ready_samples

    def sample_holders(self) -> None:
        """Sample which thread holds each GIL: what is taken and released while no other waits leaves no record.

        And, where that matters, which threads are ready then.
        """
        if len(self.threads) > 1:
            samples = [*self._interpreter.holders()]
            if self.needs_ready_samples:
                tids = random.sample(list(self.threads), min(MOST_READY, len(self.threads)))
                ready = tuple(filter(self._samples.is_ready, tids))
                samples = [each._replace(ready=ready) for each in samples]
            self._outside += samples
            waits = self._interpreter.musl_waits()
            self._waits_on_stacks = bool(waits)
            for number, (cond, switch_cond) in enumerate(waits):
                self._episodes.learn(number, cond, switch_cond)

    def sample_clocks(self) -> None:
        """Sample for how long new threads have waited for cores: that can be read only while they live."""
        self._samples.read_early()

    def sample_blocked(self, most: int = MOST_SAMPLED) -> None:
        """Sample what threads are blocked in, where records don't have that; of more than `most`, these are drawn."""
        self._outside += self._interpreter.gil_waits()
        tids = list(self.threads)
        for tid in tids if len(tids) <= most else random.sample(tids, most):
            self._outside += self._samples.blocked(tid)
        if len(tids) <= most:
            self._outside += self._samples.blocked_new(self.threads, len(tids))

    def add(
        self, decoded: Collection[Decoded], watermark_ns: int, now_ns: int, pauses: Callable[[], None] = no_pause
    ) -> None:
        """Write what these records say into the slots. All records until `watermark_ns` are known.

        `pauses`: is called between the steps of that, and may `sample`.
        """
        # `_episodes` forgets all GILs at the record of an execve: what is found before would be lost.
        if self._settled_ns >= self._executed_ns and self._interpreter.find(now_ns):
            self._know()
        records = self._gathering.gather(decoded, pauses)
        for tid, moments in self._gathering.moments.items():
            self._samples.left_out(tid, moments)
        samples = self._samples.read(records, self._gathering.conds, self._episodes.interval_ns)
        outside, self._outside = [*self._outside, *samples], []
        pauses()
        found = self._episodes.add(records, watermark_ns, outside)
        self._samples.divide(self._episodes.take_gil_waits(), self._episodes.interval_ns)
        pauses()
        self._write(found)
        for tid, slot in self.threads.items():
            if (use := self._episodes.use(self._gil_number(tid))) is not None:
                slot.gil_is_held(use.held)
        pauses()
        self._settled_ns = watermark_ns - LOOKAHEAD_NS
        self._lock_waits.probe(now_ns, self._interpreter.parked, self._interpreter.is_waited_at)
        self._lock_waits.report(now_ns, self._settled_ns)
        if len(self._locks) > 1:
            self._find_gils()

    def named(self, record: Comm) -> None:
        """A thread has a new name, or the process another program."""
        if record.exec:
            self.command = _command(self.pid) or record.name
            self._report("command", pid=self.pid, command=self.command, executed_ns=record.time_ns)
            for thread in self.threads.values():
                thread.has_python_state = False
            self._executed_ns = record.time_ns
            self._interpreter.close()
            self._interpreter = ObservedInterpreter(self.pid, (), record.time_ns)
            self._locks = ()  # `_episodes` forgets them at this record.
            self._gathering.know(())
            self._lock_waits = LockWaits(self.pid, self.threads, self._report)
            self._know()
        slot = self.threads.get(record.tid)
        if slot is not None:
            self._report("name", id=slot.id, name=record.name)

    def close(self) -> None:
        """The process has ended, or is no longer observed."""
        self._interpreter.close()
        self._samples.close()

    def _name(self, tid: int) -> str:
        """The system's name of a thread. One that has ended already had that of its process, as all have at first."""
        return _comm(self.pid, tid) or _comm(self.pid, self.pid) or self.command.split(" ")[0].rpartition("/")[2]

    def _write(self, found: Found) -> None:
        requests = set(found.requests)
        self._core_waits.add_holds(found.holds, self._gil_number)
        self._lock_waits.add(found.transitions)
        threads, samples, waited, core_waits = self.threads, self._samples, self._samples.waited, self._core_waits
        for time_ns, tid, state, detail in found.transitions:
            slot = threads.get(tid)
            if slot is None and tid == self.pid and self._first_has_ended:
                # Another thread calls execve, and goes on with the id of this one.
                self._first_has_ended = False
                self.start_thread(tid, time_ns, 0)
                slot = threads.get(tid)
            if slot is None:
                continue
            if state is _RELEASED or state is _RUNNING:
                if state is _RELEASED and (time_ns, tid) in requests:
                    state = _ASKING
                wake_ups = waited.get(tid)
                if wake_ups is not None and (waited_ns := wake_ups.waited_ns(time_ns)):
                    core_waits.write(slot, self._gil_number(tid), time_ns - waited_ns, time_ns, is_woken=True)
                elif slot.without_core_ns:
                    core_waits.write(slot, self._gil_number(tid), slot.without_core_ns, time_ns, is_woken=False)
            if state is _GIL_WAIT and detail != WITHOUT_CORE and not slot.has_python_state:
                self._runs_python(slot)
            slot.write(time_ns, state)
            slot.without_core_ns = time_ns if state is _GIL_WAIT and detail == WITHOUT_CORE else 0
            if state is _ENDED:
                samples.forget(tid)
                self._slots.end(threads.pop(tid), time_ns)
                self._first_has_ended = self._first_has_ended or tid == self.pid

    def _gil_number(self, tid: int) -> int:
        """Of the GIL that a thread needs, also of one that has ended."""
        return self._episodes.gil_of(tid) if len(self._locks) > 1 else 0

    def _know(self) -> None:
        """Pass on what is known of the interpreters now."""
        interpreter = self._interpreter
        if interpreter.locks != self._locks:
            if _gils(interpreter.locks) != _gils(self._locks):
                self._episodes.know(_gils(interpreter.locks))
                self._gathering.know(_gils(interpreter.locks))
                self._core_waits.forget_holds()
            self._locks = interpreter.locks
            self._episodes.interval_ns = self._locks[0].interval_ns if self._locks else DEFAULT_INTERVAL_NS
        if len(self._locks) < 2:
            for slot in self.threads.values():
                slot.needs(self._gil)
        self._episodes.native_tids = interpreter.native_tids
        self._lock_waits.parks, self._lock_waits.states = interpreter.parks, interpreter.thread_states or {}
        for tid in interpreter.thread_states or ():
            known = self.threads.get(tid)
            if known is not None and not known.has_python_state:
                self._runs_python(known)
        if (interpreter.found, interpreter.problem) != self._reported:
            self._reported = interpreter.found, interpreter.problem
            self._report("interpreter", pid=self.pid, python=interpreter.found, problem=interpreter.problem)

    def _runs_python(self, slot: ThreadSlot) -> None:
        slot.has_python_state = True
        self._report("python", id=slot.id)

    def _find_gils(self) -> None:
        """Subinterpreters can have GILs of their own."""
        for tid, slot in self.threads.items():
            slot.needs(self.pid | self._locks[self._episodes.gil_of(tid)].interpreter_id << GIL_SHIFT)

    @property
    def _gil(self) -> int:
        """The number of the GIL that its threads need; 0: none, `UNSET`: not known yet."""
        return self.pid if self._locks else 0 if self._interpreter.found else UNSET


def _gils(locks: Iterable[GilLocks]) -> tuple[Gil, ...]:
    return tuple(Gil(each.cond, each.mutex, each.switch_cond, each.switch_mutex, each.end) for each in locks)


def _command(pid: int) -> str:
    with suppress(OSError), open(f"/proc/{living_thread(pid)}/cmdline", "rb") as file:
        return file.read(COMMAND_BYTES).replace(b"\0", b" ").decode(errors="replace").strip()
    return ""


def _comm(pid: int, tid: int) -> str:
    with suppress(OSError), open(f"/proc/{pid}/task/{tid}/comm", "rb") as file:
        return file.read().decode(errors="replace").strip()
    return ""


def _parent(pid: int) -> int:
    with suppress(OSError, ValueError, IndexError), open(f"/proc/{pid}/stat", "rb") as file:
        return int(file.read().rpartition(b")")[2].split()[1])
    return 0


# Found faster than through their class.
_RUNNING, _RELEASED, _ASKING = State.RUNNING, State.RELEASED, State.ASKING
_GIL_WAIT, _ENDED = State.GIL_WAIT, State.ENDED
