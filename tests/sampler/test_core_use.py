"""For how long threads have had a core without a gap."""

from __future__ import annotations

from pconc_tui.kernel.records import BLOCKED, IN, PREEMPTED
from pconc_tui.sampler.core_use import JUST_WOKEN, UNUSED, CoreUse

MS = 1_000_000


def test_the_example() -> None:
    core = CoreUse()
    switches = [(10, IN), (12, BLOCKED), (12, IN), (12.1, PREEMPTED), (12.1, IN), (16.1, PREEMPTED), (16.1, IN)]
    switches += [(20, BLOCKED), (20.5, IN)]
    found: list[float] = []
    for time_ms, way in switches:
        time_ns = round(time_ms * MS)
        if way == IN:
            found.append(core.gets(time_ns))
        else:
            core.loses(time_ns, way)
    assert found == [UNUSED, 2 * MS, JUST_WOKEN, 6.1 * MS, UNUSED]


def test_a_core_of_which_records_are_out_of_order_counts_as_unused() -> None:
    core = CoreUse()
    core.gets(10 * MS)
    core.loses(20 * MS, BLOCKED)
    assert core.gets(19 * MS) == UNUSED
