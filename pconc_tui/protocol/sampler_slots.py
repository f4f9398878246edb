"""Header words of the sampler's own block: one slot for each slot of the lab's block.

Beside these a slot has `LAST_RAN`, the ring of transitions, `CPU`, which is its thread's CPU clock at the last sample,
and `GIL`, which is `UNSET` where the worker's own word counts.
"""

WORKER = 0  # the worker that the slot is of; written last when the slot is made ready for another
FIRST = 1  # ns: the first sample
LAST = 2  # ns: the last sample
SAMPLES = 3  # how many samples so far
