"""Starts the sampler: `__main__.py LAB_BLOCK_FD OWN_BLOCK_FD EVENTS_FD`; commands are read from standard input."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # Last, since other packages are beside this one.
    sys.path.append(str(Path(__file__).parents[2]))
    from pconc_tui.sampler.loop import main

    main(*map(int, sys.argv[1:]))
