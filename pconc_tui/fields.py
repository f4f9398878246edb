"""What `run --json` prints: every field's unit, meaning and source, documented here and nowhere else."""

RUN_FIELDS: dict[str, str] = {
    "experiment": "the experiment's id",
    "variant": "which of the experiment's variants ran",
    "lock": "whether the variant is the one that holds a lock",
    "model": "how the workers ran: threads or processes",
    "workers": "N, the number of workers of the N runs",
    "scale": "the part of the experiment's work that each worker did; 1 is the article's",
    "python.version": "version of the interpreter that ran the workers; told by the lab",
    "python.executable": "its path; told by the lab",
    "python.gil_enabled": "whether the GIL was on where the workers ran: sys._is_gil_enabled(), true before 3.13",
    "python.switch_interval_s": "seconds; sys.getswitchinterval() where the workers ran",
    "python.free_threaded_build": "whether the interpreter was built without need of a GIL (Py_GIL_DISABLED)",
    "python.start_method": "how multiprocessing starts processes there: fork, forkserver or spawn",
    "machine.cores": "cores that the workers may use: the scheduler's affinity mask where there is one",
    "one_run_s": "seconds of a run with one worker: from before its start() to after its join(), by its parent",
    "n_runs_s": "the same with N at once: from before the first start() to after the last join(); null if incomplete",
    "ratio": "n_runs_s / one_run_s; null where the measurement is incomplete",
    "ideal_ratio": "what N workers on C cores can reach: max(1, N / C); 1 for work that only waits",
    "speedup": "N x one_run_s / n_runs_s",
    "cores_busy": "CPU seconds of the N runs' workers (cpu_s, summed) / n_runs_s",
    "handoffs": "changes of running worker among those that share a GIL, in the N runs; counted from the spans",
    "switches": "the same by CPython's own count, read from the interpreter; null: no GIL, or not readable",
    "counters.plain_num": "the plain global in the workers' parent at the end",
    "counters.shared_num": "the multiprocessing.Value at the end",
    "counters.value": "the shared counter at the end",
    "counters.expected": "what it would be had no update been lost: the iterations of all workers",
    "counters.lost": "expected - value",
    "counters.object": "the shared dict at the end",
    "log[].t_s": "seconds from the session's beginning to the print, on the worker's clock",
    "log[].worker": "who printed: a worker's name, or `parent`",
    "log[].text": "the line; lines stand in the order in which they were printed",
    "log_dropped": "lines lost because they were printed faster than they could be taken",
    "variants[]": "the same figures of every variant, where the experiment counts and none was asked for",
    "problem": "why the measurement is incomplete; null where it is complete",
    "workers_detail[].name": "the worker's name, in the order of launch",
    "workers_detail[].pid": "its process id; reported by the worker",
    "workers_detail[].native_id": "its thread's id in the system; reported by the worker",
    "workers_detail[].state": "how it ended: done, stopped, an exception, or killed by a signal",
    "workers_detail[].wall_s": "seconds from its first instruction to its last; the five states add up to it",
    "workers_detail[].starting_s": "seconds from before its start() to its first instruction; not part of wall_s",
    "workers_detail[].cpu_s": "CPU seconds of its thread: thread_time() at its end, by itself; the system's if killed",
    "workers_detail[].running_s": "seconds in which it ran, by its own stamps after every chunk of about 40 us",
    "workers_detail[].gil_wait_s": "seconds in gaps in which another worker that shares its GIL ran",
    "workers_detail[].core_wait_s": "seconds in gaps in which none did: the system gave it no core",
    "workers_detail[].io_s": "seconds asleep or in I/O",
    "workers_detail[].lock_wait_s": "seconds waiting for a lock",
    "workers_detail[].iterations": "iterations done; reported by the worker",
    "workers_detail[].handoffs": "how often it was handed the GIL by another worker",
}

SPAN_FIELDS: dict[str, str] = {
    "worker": "the worker's name",
    "pid": "its process id",
    "native_id": "its thread's id in the system",
    "state": "running, gil_wait, core_wait, io or lock_wait",
    "start_ns": "when the span began: time.perf_counter_ns(), one clock for all processes of the machine",
    "end_ns": "when it ended, which is when the worker's next span begins",
}


def described(fields: dict[str, str]) -> str:
    """The fields as two columns of text."""
    width = max(map(len, fields))
    return "\n".join(f"  {name:{width}}  {meaning}" for name, meaning in fields.items())
