"""The sampling rate: as high as is useful, and no higher than the sampler's CPU budget allows. Pure."""

from __future__ import annotations

MOST_HZ = 400
"""Two samples in each switch interval find nearly all hand-offs; more mainly cost."""
BUDGET = 0.05
"""The share of a core that sampling may use where the workers can use all cores."""
BUDGET_SHARING = 0.12
"""The same where workers share a GIL, and so leave cores idle: their order is known from sampling alone."""
AFTER = 32
"""The rate is adapted after this many samples."""


class Pace:
    """Adapts the period between samples to what samples cost."""

    def __init__(self) -> None:
        self.period_s = 1 / MOST_HZ
        """From one sample to the next, on average."""
        self._samples = 0
        self._cpu_ns: int | None = None

    def sampled(self, cpu_ns: int, budget: float) -> None:
        """Note a sample, this process's CPU time so far, and the share of a core that sampling may use now."""
        self._samples += 1
        if self._cpu_ns is None:
            self._samples, self._cpu_ns = 0, cpu_ns
        elif self._samples >= AFTER:
            cost_s = (cpu_ns - self._cpu_ns) / 1e9 / self._samples
            # Half of the old period: one expensive sample, such as the first of a new process, changes little.
            self.period_s = max(1 / MOST_HZ, (self.period_s + cost_s / budget) / 2)
            self._samples, self._cpu_ns = 0, cpu_ns

    def pause(self) -> None:
        """Forget the CPU time so far: this process has done something else."""
        self._cpu_ns = None
