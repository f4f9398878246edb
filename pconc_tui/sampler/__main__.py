"""Starts a process of the sampler's; commands are read from standard input.

`__main__.py workers LAB_BLOCK_FD OWN_BLOCK_FD EVENTS_FD` samples a lab's workers,
`__main__.py tree BLOCK_FD EVENTS_FD PID IDLE_BUDGET_NS PERIOD_NS WHILE_NEW_NS` observes a process and all below it
by the kernel's records.
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    # Last, since other packages are beside this one.
    sys.path.append(str(Path(__file__).parents[2]))
    if sys.argv[1] == "tree":
        from pconc_tui.sampler import tree_loop

        tree_loop.main(*map(int, sys.argv[2:]))
    else:
        from pconc_tui.sampler import loop

        loop.main(*map(int, sys.argv[2:]))
