"""Four tasks at a time in a ThreadPoolExecutor or a ProcessPoolExecutor: `threads`, or `processes`."""

import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor


def burn(n):
    return sum(step * step for step in range(n))


if __name__ == "__main__":
    executor = {"threads": ThreadPoolExecutor, "processes": ProcessPoolExecutor}[sys.argv[1]]
    with executor(4) as pool:
        while True:
            list(pool.map(burn, [500_000] * 16))
