"""What a switch between threads costs a program more with each kind of event: what recording takes at the least.

Two threads on one core do nothing but switch. Each of them has an event that records nothing at all, or one with the
times of switches, as an unprivileged user gets it, or one with times and registers. Nothing is read meanwhile.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import product
from typing import NamedTuple

from pconc_tui.kernel import perf_event
from pconc_tui.kernel.recorder import thread_ids
from pconc_tui.kernel.rings import Ring, online_cpus
from tests.bench.figures import Figure
from tests.bench.target_cost import interval, one_round, program

_ROOM_BYTES = 4 << 20
"""For all records of a round."""
_FLAGS = slice(40, 48)
"""Where a `struct perf_event_attr` has them."""


class Extent(NamedTuple):
    """How much is measured."""

    trials: int
    """Rounds with each kind of event, each between two without."""
    switches: int
    """Round trips between the two threads in a round."""


FULL, SMOKE = Extent(80, 3_000), Extent(2, 10)


def figures(extent: Extent) -> Iterator[Figure]:
    """From no event to the one with registers."""
    times = perf_event.attributes(registers=False)
    kinds = {
        "no event": None,
        "an event that records nothing": _without_switches(times),
        "an event with times": times,
        "an event with times and registers": perf_event.attributes(registers=True),
    }
    each_us: dict[str, list[float]] = {kind: [] for kind in kinds}
    with program("switch", 2, extent.switches) as process:
        before = one_round(process)
        for _ in range(extent.trials):
            for kind, attributes in kinds.items():
                with _events(process.pid, attributes):
                    took = one_round(process)
                after = one_round(process)
                bare_s = (before.cpu_s + after.cpu_s) / 2
                each_us[kind].append(1e6 * (took.cpu_s - bare_s) / max(1, took.switches))
                before = after
    for kind, values in each_us.items():
        low, high = interval(values)
        remark = f"95 % interval of the median {low:.2f} to {high:.2f} us; {len(values)} rounds"
        yield Figure(kind, f"{statistics.median(values):.2f} us", "", remark)


def _without_switches(attributes: bytes) -> bytes:
    flags = int.from_bytes(attributes[_FLAGS], "little") & ~perf_event.CONTEXT_SWITCH
    return attributes[: _FLAGS.start] + flags.to_bytes(8, "little") + attributes[_FLAGS.stop :]


@contextmanager
def _events(pid: int, attributes: bytes | None) -> Iterator[None]:
    """An event with these attributes for each thread of a process on each core, and a ring for each; None: none."""
    with ExitStack() as opened:
        if attributes is not None:
            for tid, cpu in product(thread_ids(pid), online_cpus()):
                ring = Ring(perf_event.open_with(attributes, tid, cpu), _ROOM_BYTES)
                opened.callback(ring.close)
        yield
