"""How often to look: as often as is useful, and no more often than the sampler may cost. Pure."""

from __future__ import annotations

MOST_HZ = 400
"""Two looks a switch interval find nearly all hand-offs; more of them mainly cost."""
BUDGET = 0.05
"""The part of a core that looking may cost where the workers can use all cores."""
BUDGET_SHARING = 0.12
"""The same where they share a GIL, and so leave cores idle: there who runs is only known by looking."""
AFTER = 32
"""Looks after which their cost is worked out anew."""


class Pace:
    """Follows what looks cost."""

    def __init__(self) -> None:
        self.period_s = 1 / MOST_HZ
        """From one look to the next, on average."""
        self._looks = 0
        self._cpu_ns: int | None = None

    def looked(self, cpu_ns: int, budget: float) -> None:
        """Note a look, the process's CPU time so far, and the part of a core that looking may cost now."""
        self._looks += 1
        if self._cpu_ns is None:
            self._looks, self._cpu_ns = 0, cpu_ns
        elif self._looks >= AFTER:
            cost_s = (cpu_ns - self._cpu_ns) / 1e9 / self._looks
            # Half of what it was: one dear look, such as the first at a new process, changes little.
            self.period_s = max(1 / MOST_HZ, (self.period_s + cost_s / budget) / 2)
            self._looks, self._cpu_ns = 0, cpu_ns

    def rest(self) -> None:
        """Nothing was looked at for a while."""
        self._cpu_ns = None
