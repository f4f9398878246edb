"""Run by the watched process's own interpreter, 3.14 or later: prints its stacks for each line that it reads.

`unwinder_script.py PID`. Each answer is a JSON line: `[[tid, [[function, file, line], ...]], ...]`, innermost function
first, or a text that says why not. Ends with its standard input.
"""

import json
import sys
from importlib import import_module
from typing import Any


def stacks(unwinder: Any) -> list[Any]:
    """All threads with the functions that they are in."""
    found = []
    for each in unwinder.get_stack_trace():
        for thread in getattr(each, "threads", (each,)):  # 3.15 has them by interpreter.
            frames = []
            for frame in thread.frame_info:
                location = getattr(frame, "location", None)
                frames.append((frame.funcname, frame.filename, location.lineno if location else frame.lineno))
            found.append((thread.thread_id, frames))
    return found


def main(pid: int) -> None:
    """Answer until the end of standard input."""
    unwinding = import_module("_remote_debugging")

    unwinder = None
    for _ in sys.stdin:
        try:
            unwinder = unwinder or unwinding.RemoteUnwinder(pid, all_threads=True)
            answer: Any = stacks(unwinder)
        except (RuntimeError, OSError, MemoryError, UnicodeDecodeError) as error:
            unwinder, answer = None, str(error) or type(error).__name__
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
