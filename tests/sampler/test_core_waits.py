"""What a thread that was woken up and waits for a core is shown to wait for, by records made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

from pconc_tui.cpython import GilLocks
from pconc_tui.kernel.records import NO_FUTEX, Switch
from pconc_tui.protocol.block import Block, State, transitions, unpack
from pconc_tui.protocol.observer_slots import OBSERVER_SLOTS
from pconc_tui.sampler.observed_process import ObservedProcess
from pconc_tui.sampler.thread_slots import ThreadSlots
from tests.kernel.streams import COND, GIL, SWITCH_COND, A, B, blocked, on

PID = 1 << 30
"""There is no process with such an id."""
US = 1000


def lane(records: Iterable[Switch], waits_us: int) -> list[tuple[int, State]]:
    """What B does; it has waited for a core for so long after the wake-ups in these records."""
    with closing(Block.create(OBSERVER_SLOTS)) as block:
        slots = ThreadSlots(block, lambda *_, **__: None)
        process = ObservedProcess(PID, None, slots, lambda *_, **__: None, 0)
        for tid in (A, B):
            process.add_living_thread(tid, 0)
        interpreter = process._interpreter
        interpreter.locks = (GilLocks(0, 5_000_000, *GIL),)
        interpreter.find = lambda now_ns: True  # type: ignore[method-assign]
        clocks = dict.fromkeys((A, B), (0, 0))
        process._samples._read_clocks = lambda tid: clocks[tid]  # type: ignore[method-assign]
        process.add([on(0, A), on(1, B), blocked(10, B, COND)], 1000 * US, 1000 * US)
        clocks[B] = 0, waits_us * US
        process.add(list(records), 100_000 * US, 100_000 * US)
        words, slot = block.slot(process.threads[B].slot), process.threads[B]
        found = [(time_ns // US, state) for time_ns, state in map(unpack, transitions(words, 0)[0])]
        process.close()
        del process, slots, words, slot, interpreter
    return found


def test_a_thread_that_waits_for_a_core_to_ask_for_the_gil_waits_for_the_gil() -> None:
    asks = [on(7010, B), blocked(7020, B, COND)]
    found = lane([*asks, blocked(9000, A, SWITCH_COND), on(9005, B), blocked(9900, B, NO_FUTEX)], 3000)
    assert State.ASKING in [state for _, state in found]
    assert State.CORE_WAIT not in [state for us, state in found if us < 7010]
