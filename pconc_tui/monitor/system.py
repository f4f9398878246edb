"""CPU figures of the machine and of the app itself, from the operating system."""

from __future__ import annotations

import os
import time

import psutil

from pconc_tui.monitor.last_second import LastSecond


def usable_cores() -> int:
    """Number of cores that this program and its labs may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class SystemUsage:
    """Load of each core and CPU usage of the app; `sample` a few times a second."""

    def __init__(self) -> None:
        self.core_loads: tuple[float, ...] | None = None
        """Share of time that each core was busy since the last sample, 0 to 1; None before the first."""
        self._app_cpu_ns = LastSecond()

    def sample(self, now_ns: int) -> None:
        """Read the figures."""
        self.core_loads = tuple(percent / 100 for percent in psutil.cpu_percent(percpu=True))
        self._app_cpu_ns.add(now_ns, time.process_time_ns())

    @property
    def app_cpu(self) -> float | None:
        """CPU time per wall time of this process over the last second; 1.0 is one core."""
        rates = self._app_cpu_ns.rates()
        return None if rates is None else rates[0] / 1e9
