"""CPU figures of the machine, of this program and of other programs, from the operating system."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Set
from dataclasses import dataclass

import psutil

from pconc_tui.measurement import Disturbance
from pconc_tui.monitor.cpu_quota import CpuQuota, Throttling
from pconc_tui.monitor.last_second import LastSecond
from pconc_tui.protocol.process_stat import ProcessStat

SHORTEST_S = 0.2
"""The CPU time of other programs is unknown over a shorter time: the system counts it in ticks of 10 ms."""


@dataclass(frozen=True)
class SystemTotals:
    """Running totals."""

    now_ns: int
    others_s: float | None
    """CPU seconds of other programs; None: unknown."""
    throttling: Throttling
    cores: int
    """The number of cores of the machine."""

    def since(self, before: SystemTotals) -> Disturbance:
        """What happened since `before`."""
        seconds = (self.now_ns - before.now_ns) / 1e9
        known = self.others_s is not None and before.others_s is not None and seconds >= SHORTEST_S
        others = max(0.0, (self.others_s or 0.0) - (before.others_s or 0.0)) / seconds if known else None
        return Disturbance(others, self.throttling.share_since(before.throttling), self.cores)


class SystemUsage:
    """Load of each core, and CPU use of this program and of others; `sample` a few times a second."""

    def __init__(self, quota: CpuQuota | None = None) -> None:
        self.core_loads: tuple[float, ...] | None = None
        """Share of time that each core was busy since the last sample, 0 to 1; None before the first."""
        self._quota = quota or CpuQuota()
        psutil.cpu_percent(percpu=True)  # The first sample is measured from here on.
        self._last_ns: dict[int, int] = {}
        """CPU time of each process of this program when it was last read, by process id."""
        self._own_ns = 0
        """CPU time of the app's and the labs' own processes."""
        self._own_cpu_s = LastSecond()
        self._others_s = LastSecond()
        self._throttling = LastSecond()
        self._core_count = psutil.cpu_count() or 1
        self.totals = SystemTotals(0, None, self._quota.throttling, self._core_count)

    def sample(self, now_ns: int, tree: Mapping[int, ProcessStat], workers: Set[int]) -> None:
        """Read the figures. `tree`: all processes of this program; `workers`: those of workers and their children."""
        self.core_loads = tuple(load / 100 for load in psutil.cpu_percent(percpu=True))
        self._sample_own(now_ns, tree, workers)
        ours_s = sum(stat.cpu_ns + stat.reaped_ns for stat in tree.values()) / 1e9
        others_s = _busy_s() - ours_s if tree else None
        self.totals = SystemTotals(now_ns, others_s, self._quota.throttling, self._core_count)
        if others_s is not None:
            self._others_s.add(now_ns, others_s)
        self._throttling.add(now_ns, *self.totals.throttling)

    @property
    def app_cpu(self) -> float | None:
        """CPU time per wall time of the app's and the labs' own processes over the last second; 1.0 is one core."""
        return self._own_cpu_s.rate

    @property
    def others(self) -> float | None:
        """CPU time per wall time of all other programs over the last second; 1.0 is one core."""
        rate = self._others_s.rate
        return None if rate is None else max(0.0, rate)

    @property
    def throttled(self) -> float | None:
        """The share of the quota's periods in the last second in which it was used up; None: there is no quota."""
        growth = self._throttling.growth()
        return None if growth is None or not growth[0] else growth[1] / growth[0]

    def _sample_own(self, now_ns: int, tree: Mapping[int, ProcessStat], workers: Set[int]) -> None:
        read = {pid: stat.cpu_ns for pid, stat in tree.items()} or {os.getpid(): time.process_time_ns()}
        self._own_ns += sum(cpu_ns - self._last_ns.get(pid, 0) for pid, cpu_ns in read.items() if pid not in workers)
        self._last_ns = read
        self._own_cpu_s.add(now_ns, self._own_ns / 1e9)


def _busy_s() -> float:
    """Busy seconds of all cores so far, in ticks of 10 ms."""
    times: dict[str, float] = psutil.cpu_times()._asdict()
    # Linux counts the time of virtual machines in user and nice as well.
    not_busy = ("idle", "iowait", "guest", "guest_nice")
    return sum(seconds for name, seconds in times.items() if name not in not_busy)
