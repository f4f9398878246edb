"""Which thread holds the GIL, by CPython's own account; run under CPython 3.15: `PID SECONDS`, prints JSON."""

from __future__ import annotations

import ctypes
import json
import struct
import sys
import time

from _remote_debugging import RemoteUnwinder  # type: ignore[import-not-found]

MODE_GIL = 2
"""`profiling.sampling`'s mode that samples only the thread that holds the GIL."""
PERIOD_S = 0.001
INTERPRETERS_HEAD, CEVAL_GIL_LOCKED = 5, 18
"""Places in 3.15's `_Py_DebugOffsets`, in words, with which `_PyRuntime` begins."""
SWITCH_NUMBER = 8
"""Bytes from `locked` to `switch_number` in `struct _gil_runtime_state`."""


class Gil:
    """The other process's memory; both run the same executable, which is not relocated."""

    def __init__(self, pid: int) -> None:
        self._memory = open(f"/proc/{pid}/mem", "rb", buffering=0)  # noqa: SIM115 - as long as this process
        runtime = ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime"))
        interpreter = self._word(runtime + self._word(runtime + 8 * INTERPRETERS_HEAD))
        self._switch_number = interpreter + self._word(runtime + 8 * CEVAL_GIL_LOCKED) + SWITCH_NUMBER

    def switches(self) -> tuple[int, int]:
        """The time, and how often the GIL has changed hands until then."""
        return time.perf_counter_ns(), self._word(self._switch_number)

    def _word(self, address: int) -> int:
        self._memory.seek(address)
        return int(struct.unpack("Q", self._memory.read(8))[0])


def main(pid: int, seconds: float) -> None:
    """Sample for so many seconds: `[before_ns, after_ns, native ids of the threads that hold the GIL]` each."""
    unwinder = RemoteUnwinder(pid, mode=MODE_GIL, all_threads=True, skip_non_matching_threads=True, cache_frames=True)
    gil = Gil(pid)
    samples = []
    failed = 0
    first = gil.switches()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        time.sleep(PERIOD_S)
        before = time.perf_counter_ns()
        try:
            interpreters = unwinder.get_stack_trace()
        except (RuntimeError, OSError, MemoryError, UnicodeDecodeError):
            # What `profiling.sampling` expects as well: the process went on while it was read.
            failed += 1
            continue
        after = time.perf_counter_ns()
        samples.append((before, after, [thread.thread_id for each in interpreters for thread in each.threads]))
    json.dump({"samples": samples, "failed": failed, "switches": [first, gil.switches()]}, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
