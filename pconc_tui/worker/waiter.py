"""Waiting: a worker enters a state, waits until it can go on, and stops if it is asked to."""

from __future__ import annotations

import sys
from time import perf_counter_ns
from typing import Any, Callable, Coroutine, Optional

from pconc_tui.protocol.block import AWAITED_LOCK, CONTROL, HELD_LOCKS, REQUESTED_INTERVAL, STOP, SWITCH_INTERVAL, State
from pconc_tui.worker.core_waits import Wait
from pconc_tui.worker.interruptible_sleep import InterruptibleSleep
from pconc_tui.worker.recorder import Recorder


class Stopped(BaseException):
    """Raised in a worker's code when the worker is asked to stop."""


class Waiter(Recorder):
    """A recorder that can wait, and applies the requests of the monitor. Its own thread calls everything but `wake`."""

    def __init__(self, slot: memoryview, model: str, sleeper: Optional[InterruptibleSleep] = None) -> None:
        super().__init__(slot, model)
        self.model = model
        self._control = 0
        """The value of `CONTROL` that was last applied."""
        self._sleeper = sleeper or InterruptibleSleep()

    def wait(self, state: State, attempt: Callable[[], Any], ready: Callable[[Any], Optional[int]]) -> Any:
        """Repeat `attempt` until it returns a result, recording this state meanwhile. Raises Stopped if asked to stop.

        `attempt` blocks for a short time and returns None if it had no success. `ready(result)` returns the time in ns
        from which the worker could have gone on; None: only now.
        """
        start = self._enter(state)
        while True:
            result = attempt()
            now = perf_counter_ns()
            if result is not None:
                since = ready(result)
                self._resume(now, ready=now if since is None else max(start, since))
                return result
            if self._slot[CONTROL] != self._control:
                self._resume(now, ready=now)
                self._apply_control()
                start = self._enter(state)

    async def wait_async(
        self, state: State, awaited: Coroutine[Any, Any, Any], ready: Callable[[Any], Optional[int]]
    ) -> Any:
        """The same in a task: await a coroutine, recording this state meanwhile."""
        start = self._enter(state)
        result, woken = await self._sleeper.interruptible(awaited)
        now = perf_counter_ns()
        since = None if woken else ready(result)
        self._resume(now, ready=now if since is None else max(start, since))
        if woken:
            raise Stopped
        self.check()
        return result

    def record_wait(self, state: State, start_ns: int, wait: Wait, end_ns: int) -> None:
        """Record a wait that has ended."""
        self._enter_at(start_ns, state)
        if self.knows_core_waits:
            self._resume(end_ns, end_ns)
        else:
            self._write_core_loss(wait.blocked_ns)
            self._write(wait.ready_ns, State.WAITING)
            self._start_running(end_ns)
            self._write(end_ns, self._running_state)

    def record_within_wait(self, ready_ns: int, state: State, time_ns: int, blocked_ns: int = 0) -> None:
        """In the wait that the worker is in, it could have gone on from `ready_ns` on, but then entered this state."""
        self._entered_ns = max(ready_ns, self._entered_ns)
        self._write(self._entered_ns, State.WAITING)
        self.record_change_within_wait(state, time_ns, blocked_ns)

    def record_change_within_wait(self, state: State, time_ns: int, blocked_ns: int = 0) -> None:
        """In the wait that the worker is in, it then entered this state, and blocked at `blocked_ns`."""
        self._enter_wait(time_ns, state)
        self._write_core_loss(blocked_ns)

    def record_held(self, lock: int, held: bool) -> None:
        """Publish whether the worker holds the named lock with this number."""
        self._slot[HELD_LOCKS] = self._slot[HELD_LOCKS] & ~(1 << lock) | held << lock

    def record_awaited(self, lock: int) -> None:
        """Publish the number of the named lock that the worker waits for; 0: none."""
        self._slot[AWAITED_LOCK] = lock

    def check(self) -> None:
        """Raise Stopped if the worker is asked to stop."""
        if self._slot[CONTROL] != self._control:
            self._apply_control()

    @property
    def asked_to_stop(self) -> bool:
        """Whether the monitor has asked the worker to stop."""
        return bool(self._slot[CONTROL] & 1)

    def wake(self) -> None:
        """End the worker's sleep, now or the next one, so that it checks for requests. Any thread may call this."""
        self._sleeper.wake()

    def _apply_control(self) -> None:
        self._control = control = self._slot[CONTROL]
        if control & STOP:
            raise Stopped
        sys.setswitchinterval(self._slot[REQUESTED_INTERVAL] / 1e9)
        self._slot[SWITCH_INTERVAL] = round(sys.getswitchinterval() * 1e9)
