"""Runs a function of a file in threads, once a line comes; prints each thread's CPU time as JSON: `FILE NAME THREADS`.

Standard library only, CPython from 3.9 on.
"""

import importlib.util
import json
import sys
import threading
import time
import traceback


def main(file: str, name: str, threads: int) -> None:
    """Run it."""
    spec = importlib.util.spec_from_file_location("functions", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["functions"] = module  # For multiprocessing.
    spec.loader.exec_module(module)
    function, results = getattr(module, name), []

    def run(index: int) -> None:
        began_ns, cpu_ns = time.perf_counter_ns(), time.thread_time_ns()
        try:
            function(index)
        except Exception:
            traceback.print_exc()
        cpu_ns = time.thread_time_ns() - cpu_ns
        results.append([threading.get_native_id(), began_ns, time.perf_counter_ns(), cpu_ns])

    print("ready", flush=True)
    sys.stdin.readline()
    running = [threading.Thread(target=run, args=(index,)) for index in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    print(json.dumps(results), flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
