"""Where a lane comes from: what the sampler reports, the monitor shows and users read."""

from __future__ import annotations

from enum import Enum


class Source(str, Enum):
    """From the most exact to the least; the value is the name on the screen."""

    REPORTED = "reported"
    """The worker's own code reports when it runs."""
    KERNEL = "kernel"
    """The kernel's scheduling records, with what each thread blocks in."""
    KERNEL_SAMPLED = "kernel + sampled"
    """The kernel's scheduling records without that: running and waits for a core are exact, the rest is sampled."""
    SAMPLED = "sampled"
    """The thread's clocks and activity, read some hundred times a second."""


RECORDS = Source.KERNEL, Source.KERNEL_SAMPLED
"""Lanes of these come from the kernel's records."""
RECORDS_LAG_NS = 260_000_000
"""What happened is known so much later from records, which are read five times a second."""
