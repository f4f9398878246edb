"""What the sampler keeps of a worker in its own block: a slot a worker.

Besides the ring of transitions, `LAST_RAN` and `GIL`, which is `UNSET` where nobody knows better than the worker.
"""

WORKER = 0  # whose slot it is now; written last when it is made ready for another
FIRST = 1  # ns: the first look
LAST = 2  # ns: the last look
STATE_STYLES = 3  # how many looks
