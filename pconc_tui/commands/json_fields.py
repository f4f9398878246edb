"""The fields that `run` and `compare` print as JSON: unit, meaning and source of each. The source of `docs/json.md`."""

RUN_FIELDS: dict[str, str] = {
    "experiment": "the experiment's id; of your own function, its name as it was given",
    "variant": "the variant of the experiment; of your own function, its name",
    "lock": "whether the variant is the one that holds a lock",
    "model": "how the workers ran: threads, processes, interpreters ..., as in `pconc-tui list`",
    "workers": "N, the number of workers of the N runs",
    "scale": "the part of the experiment's work that each worker did; 1 is all of it",
    "calls": "how often each worker called your own function; 1 for an experiment",
    "python.version": "version of the interpreter that ran the workers; reported by the lab",
    "python.executable": "path of that interpreter; reported by the lab",
    "python.gil_enabled": "whether the GIL was on where the workers ran: sys._is_gil_enabled(), true before 3.13",
    "python.switch_interval_s": "seconds; sys.getswitchinterval() where the workers ran",
    "python.free_threaded_build": "whether the interpreter is a free-threaded build (Py_GIL_DISABLED)",
    "start_method": "start method of the workers' processes: fork, forkserver or spawn; null: the model starts none",
    "machine.cores": "number of cores that the workers may use: by the affinity mask, and by the quota of cgroups",
    "machine.others": "cores that other programs used in the two runs, on average; null: unknown, shorter than 0.2 s",
    "machine.throttled": "share of the periods of the CPU quota in which it was used up, 0 to 1; null: no quota",
    "headline": "the point of the experiment in a sentence, with what was measured; null: incomplete",
    "figures[].value": "one of the two figures that carry the point, as text with its unit; -: unknown",
    "figures[].words": "what it is; the unit comes first in a caption",
    "one_run_s": "seconds of a run with one worker: from before its start() to after its join(), by its parent",
    "n_runs_s": "seconds of N runs at once: from before the first start() to after the last join(); null: never ended",
    "ratio": "the slowdown: n_runs_s / one_run_s; null: incomplete, the N runs never ended, or see no_ratio",
    "ideal_ratio": "the slowdown that N workers can reach on C cores: max(1, N x core_share / C); null: see no_ratio",
    "core_share": "cores that one run uses while it waits for none: 1 for CPU-bound work, 0 for work that only waits; "
    "null: unknown, your own function was not run alone",
    "speedup": "N x one_run_s / n_runs_s; null where ratio is null",
    "no_ratio": "why there is no ratio: the runs are shorter than launching takes, or N workers don't do N times the "
    "work of one, as in convoy; null: there is one",
    "cores_busy": "CPU seconds of the N runs' processes and their descendants (processes[], summed) / n_runs_s",
    "handoffs": "hand-offs of the GIL in the N runs, by the better source: see handoffs_source",
    "handoffs_source": "lanes: changes of the running worker among workers that share a GIL, counted from spans; "
    "cpython: as switches, where lanes are sampled or the code releases the GIL",
    "switches": "CPython's own counter of hand-offs, read from its memory about 20 times a second: includes threads "
    "that are not workers, excludes switches between tasks of a thread; null: no GIL, or not readable",
    "switches_problem": "why the counter was not readable; null: it was, or there is no GIL",
    "counters.plain_num": "the plain global variable in the workers' parent at the end",
    "counters.shared_num": "the multiprocessing.Value at the end",
    "counters.value": "the shared counter at the end",
    "counters.expected": "the counter's value had no update been lost: the iterations of all workers",
    "counters.lost": "lost updates: expected - value",
    "counters.object": "the shared dict at the end",
    "counters.delay.median_us": "microseconds from a planned wake-up to the actual one, while all workers run (in a "
    "pool, at least two of them); half of the delays are shorter",
    "counters.delay.p99_us": "99 % of the delays are shorter; like the median from the histogram, to about 10 %",
    "counters.delay.max_us": "the longest delay, exact",
    "counters.delay.histogram[].up_to_us": "upper end of a bucket; empty buckets are omitted",
    "counters.delay.histogram[].count": "number of delays in the bucket",
    "counters.delay_alone.median_us": "as in delay, for the one run: the heartbeat without other workers",
    **{
        f"counters.delay_alone.{name}": "as in delay"
        for name in ("p99_us", "max_us", "histogram[].up_to_us", "histogram[].count")
    },
    "counters.put": "items that the N runs put into their queue",
    "counters.got": "items that the N runs took from their queue",
    "counters.got_per_s": "got / n_runs_s",
    "counters.depth_mean": "mean of the items in the queue or on their way to it, from the start of the last worker "
    "on; sampled about 20 times a second",
    "counters.depth_max": "the most items in any of these samples",
    "counters.deadlock[].worker": "a worker that waited for a lock in the deadlock; all are stopped after 2 s",
    "counters.deadlock[].lock": "name of the lock",
    "counters.deadlock[].holder": "the worker that held the lock, and waited for another lock",
    "log[].t_s": "seconds from the start of the monitor to the print, on the worker's clock",
    "log[].worker": "the worker that printed, or `parent`; `monitor` reports a deadlock, or what can't be read",
    "log[].text": "a printed line, or a line of a traceback; in the order in which lines were reported",
    "log_dropped": "number of lines that were lost because they were printed too fast",
    "log_cut": "number of older lines that are not kept: the log has the newest 1,000",
    "blocked[].worker": "a worker that waited when the measurement was ended early, if none of them ran",
    "blocked[].does": "what it did: waits for a lock, sleeps; is blocked: not known",
    "blocked[].blocked_s": "seconds for which it had not run; null: it had not started",
    "blocked[].function": "the innermost function of your own code in which it waited; empty: not known",
    "blocked[].path": "the file of that function",
    "blocked[].line": "the line in that file",
    "variants[]": "the same figures of each variant, where the experiment counts updates and no variant was requested",
    "problem": "why the measurement is incomplete; null: it is complete; a deadlock is a result",
    "processes[].pid": "process id of a process in which workers ran",
    "processes[].workers[]": "names of its workers",
    "processes[].cpu_s": "CPU seconds of all its threads, without the lab's own thread; starting workers included",
    "processes[].helper_threads_cpu_s": "of that, CPU seconds of threads that are no workers",
    "processes[].child_processes_cpu_s": "CPU seconds of its descendants, reaped or not; null in all three: killed",
    "workers_detail[].name": "name of the worker; workers are in the order of launch",
    "workers_detail[].role": "what it does: producer, consumer, heartbeat, computing; null: all do the same",
    "workers_detail[].pid": "process id; reported by the worker",
    "workers_detail[].native_id": "the system's id of the thread; reported by the worker",
    "workers_detail[].state": "how the worker ended: done, stopped, an exception, or killed by a signal",
    "workers_detail[].wall_s": "seconds from its first instruction to its last: the sum of running_s to unknown_s",
    "workers_detail[].starting_s": "seconds from launch to its first instruction, in a queue too; not part of wall_s",
    "workers_detail[].cpu_s": "CPU seconds of its thread in that time, by its own clock; null: unknown, killed",
    "workers_detail[].starting_cpu_s": "CPU seconds of its thread before; null: pools and asyncio reuse threads",
    "workers_detail[].running_s": "seconds in which it ran; from its own time stamps after each chunk, or sampled",
    "workers_detail[].gil_wait_s": "seconds waiting for the GIL: gaps in which another worker that shares its GIL ran",
    "workers_detail[].core_wait_s": "seconds waiting for a core: gaps in which no worker that shares its GIL ran",
    "workers_detail[].io_s": "seconds in I/O or asleep",
    "workers_detail[].lock_wait_s": "seconds waiting for a lock",
    "workers_detail[].unknown_s": "seconds in which the worker's state is unknown: not sampled, or records were lost",
    "workers_detail[].released_s": "seconds of running_s in which it ran code that had released the GIL",
    "workers_detail[].blocked_with_gil_s": "seconds of io_s in which it had not released the GIL, by records",
    "workers_detail[].lanes.source": "reported: by the worker's own time stamps; kernel: the kernel's scheduling "
    "records; kernel + sampled: those, and what threads wait for sampled; sampled: all sampled by another process",
    "workers_detail[].lanes.rate_hz": "samples per second; null: the worker was not sampled",
    "workers_detail[].lanes.problem": "what is unknown about a sampled lane, and why; null: nothing",
    "workers_detail[].lanes.mixed_s": "seconds of a sampled lane in which the order of the states is unknown",
    "workers_detail[].lanes.lost": "changes of its state that were overwritten before they could be read",
    "workers_detail[].traceback": "traceback of the exception that ended the worker; null: no exception",
    "workers_detail[].sent_bytes": "size of the pickled result that a pool's task sent back; null: none, or unknown",
    "workers_detail[].iterations": "iterations done; reported by the worker; null: your function doesn't call probe()",
    "workers_detail[].handoffs": "how often another worker handed the GIL to it",
}

RUN_LOCKS = {
    "lock_wait": "share of the N workers' time, 0 to 1, in which they waited for locks; null: unknown what for",
    "one_lock_wait": "part of that for the lock that several of them waited for most; null: unknown",
    "stopped": "share of the time in which they waited because one thread had stopped all; of free-threaded builds",
    "stops_per_s": "how often all were stopped, per second",
}

COMPARE_FIELDS: dict[str, str] = {
    "experiment": "the experiment's id; of your own function, its name as it was given",
    "variant": "the variant of the experiment; of your own function, its name",
    "scale": "the part of the experiment's work that each worker did; 1 is all of it",
    "calls": "how often each worker called your own function; 1 for an experiment",
    "repeat": "K, how often each row is measured, in K rounds through all rows; figures are medians of K",
    "cores": "number of cores that the workers may use: by the affinity mask, and by the quota of cgroups",
    "elapsed_s": "seconds that the measurements took, without the trial that determines the scale",
    "rows[].python": "the interpreter's version, as --python takes it; t: a free-threaded build",
    "rows[].version": "full version of the interpreter",
    "rows[].executable": "path of the interpreter",
    "rows[].free_threaded_build": "whether the interpreter is a free-threaded build (Py_GIL_DISABLED)",
    "rows[].model": "how the workers ran; free-threaded: threads with the GIL off",
    "rows[].start_method": "start method of the workers' processes: fork, forkserver or spawn; null: none are started",
    "rows[].workers": "N, the number of workers",
    "rows[].repeats": "how often the row was measured",
    "rows[].one_run_s": "seconds of a run with one worker in this model; median",
    "rows[].one_run_s_min": "the shortest one run",
    "rows[].one_run_s_max": "the longest one run",
    "rows[].n_runs_s": "seconds of N runs at once: from before the first start() to after the last join(); median",
    "rows[].n_runs_s_min": "the shortest N runs",
    "rows[].n_runs_s_max": "the longest N runs",
    "rows[].speedup": "N x one run of the same interpreter's first model / n_runs_s; null: see no_ratio",
    "rows[].speedup_min": "the speed-up of the longest N runs",
    "rows[].speedup_max": "the speed-up of the shortest N runs",
    "rows[].speedup_vs_fastest": "N x the fastest interpreter's one run / n_runs_s",
    "rows[].ideal_speedup": "the speed-up that N workers can reach on C cores: N / max(1, N x core_share / C)",
    "rows[].cores_busy": "CPU seconds of the N workers' processes and their descendants / n_runs_s",
    "rows[].gil_wait": "share of the N workers' time, 0 to 1, in which they waited for the GIL; from their spans",
    "rows[].core_wait": "share of the N workers' time, 0 to 1, in which they waited for a core; from their spans",
    **{f"rows[].{name}": meaning for name, meaning in RUN_LOCKS.items()},
    "rows[].launch_s": "seconds from before start() to the first instruction, of the one run's worker",
    "rows[].rss_bytes": "resident memory of the N workers' processes, late in the runs; shared pages count in each",
    "rows[].pss_bytes": "the same, shared pages divided among their users: Linux's smaps_rollup; null elsewhere",
    "rows[].others": "cores that other programs used meanwhile; null: unknown, shorter than 0.2 s",
    "rows[].throttled": "share of the periods of the CPU quota in which it was used up, 0 to 1; null: no quota",
    "rows[].no_ratio": "why there is no speed-up, as in run; null: there is one",
    "rows[].problem": "why the row is incomplete; null: it is complete",
    "skipped[].model": "a requested model that can't run",
    "skipped[].python": "the interpreter that can't run it",
    "skipped[].reason": "why, and what to do about it",
    "load": "what kept cores from the workers, in how many measurements; null: nothing",
    "problem": "why the comparison ended before all rows were measured; null: it did not",
    "verdict": "what the rows with the most workers show, in a sentence or two; null: there is no verdict",
    "no_verdict": "why there is no verdict: incomplete, too short, too noisy, measured once; null: there is one",
}

SPAN_FIELDS: dict[str, str] = {
    "worker": "name of the worker",
    "pid": "process id",
    "native_id": "the system's id of the thread",
    "state": "running, released (running without the GIL), asking (running to ask for the GIL), gil_wait, core_wait, "
    "io, blocked_with_gil (blocked without having released it), lock_wait, unknown",
    "start_ns": "start of the span: time.perf_counter_ns(), one clock for all processes of the machine",
    "end_ns": "end of the span, and start of the worker's next span",
    "mixed": "true: the order of this span and the mixed ones beside it is unknown; their durations are right",
}

_KIND_FIELDS = {
    "id": "number of the worker in the recording: names may be used again",
    "experiment": "the experiment's id; of your own function, its name as it was given",
    "variant": "the variant of the experiment",
    "model": "how the worker ran",
    "python": "version of its interpreter; t at the end: a free-threaded build",
}

RECORDED_SPAN_FIELDS: dict[str, str] = {**_KIND_FIELDS, **SPAN_FIELDS}

_FIGURES = (
    *("variant", "headline", "lock", "one_run_s", "n_runs_s", "ratio", "ideal_ratio", "core_share", "speedup"),
    *("no_ratio", "cores_busy", "handoffs", "handoffs_source", "switches", "switches_problem", "problem"),
)
_MEASUREMENT_FIELDS = {
    "at_s": "seconds from the start of the recording to the end of the measurement",
    "experiment": RUN_FIELDS["experiment"],
    "model": RUN_FIELDS["model"],
    "workers": RUN_FIELDS["workers"],
    "python": "version of the interpreter; t at the end: a free-threaded build",
    "start_method": "start method of processes that was requested; null: the interpreter's own",
    "cores": RUN_FIELDS["machine.cores"],
    **{name: RUN_FIELDS[name] for name in _FIGURES},
}
MEASUREMENT_COLUMNS = tuple(_MEASUREMENT_FIELDS)
"""The columns of `export --csv-measurements`."""

RECORDING_FIELDS: dict[str, str] = {
    "duration_s": "seconds from the first frame of the recording to the last",
    "frames": "number of frames: moments of which everything on the dashboard is known",
    **{
        f"labs[].{name}": RUN_FIELDS[f"python.{name}"]
        for name in ("version", "executable", "gil_enabled", "switch_interval_s", "free_threaded_build")
    },
    "machine.cores": RUN_FIELDS["machine.cores"],
    **{f"measurements[].{name}": meaning for name, meaning in _MEASUREMENT_FIELDS.items()},
    "measurements[].figures[].value": RUN_FIELDS["figures[].value"],
    "measurements[].figures[].words": RUN_FIELDS["figures[].words"],
    "measurements[].counters": "the fields of counters in `run --json`, those that the experiment has",
    "comparisons[]": "an object with the fields of `compare --json`",
    **{f"workers_detail[].{name}": meaning for name, meaning in _KIND_FIELDS.items()},
    **{name: meaning for name, meaning in RUN_FIELDS.items() if name.startswith(("workers_detail[].", "log[]."))},
}


WATCH_FIELDS: dict[str, str] = {
    "pid": "process id of the program",
    "command": "its command line",
    "ended": "how it ended, such as `has ended with exit status 3`; null: it still runs",
    "seconds": "for how long it was watched",
    "source": "where the lanes come from: kernel, kernel + sampled, sampled; null: nothing was observed",
    "source_problem": "why there is no better source, and how to get it; null: there is none",
    "functions_problem": "why functions are unknown, and how to get them; null: they are known",
    "headline": "what limits the program, in words",
    "cores": "number of cores that this program may use",
    "cores_busy": "CPU time of the program per wall time, over the last second",
    "handoffs_per_s": "hand-offs of the GIL per second, from the lanes, over the last second; null: it has none",
    "switches_per_s": "the same by CPython's own counter; null: it has none, or it is not readable",
    "not_shown": "number of threads without a lane, because there were too many",
    **{name: RUN_LOCKS[name].replace("the N workers' time", "the time of threads without a GIL") for name in RUN_LOCKS},
    "processes[].pid": "process id",
    "processes[].parent": "process id of its parent",
    "processes[].command": "its command line",
    "processes[].python": "version of its CPython, t: a free-threaded build; empty: it runs none",
    "processes[].gil_enabled": "whether its GIL is on; null: unknown, or it runs no CPython",
    "processes[].doing": "runs, stopped (SIGSTOP), traced (by a debugger) or ended",
    "processes[].problem": "what can't be known of it, and why; empty: nothing",
    "threads[].name": "Thread.name where it is known, else the system's name of the thread",
    "threads[].pid": "process id",
    "threads[].native_id": "the system's id of the thread",
    "threads[].python": "whether it runs Python code: it has a Python thread state; null: it ended before that was "
    "known",
    "threads[].alive": "whether it still ran at the end",
    "threads[].seconds": "seconds in each state since watching began: running (released is the part of it without the "
    "GIL), gil_wait, core_wait, io (blocked_with_gil is the part of it in which it had not released the GIL), "
    "lock_wait, unknown",
    "threads[].cpu_s": "CPU seconds since watching began, read from the system; once it has ended, which is later than "
    "that was read, at least its seconds of running; null: not read yet",
    "threads[].handoffs": "how often another thread handed the GIL to it",
    "threads[].longest_hold": "its longest hold of the GIL by waited_s, or if no other thread waited in any, by "
    "seconds, with the fields of holds[]; null: it never held it",
    "threads[].holds_in": "the place that it was in most often while it held the GIL; null: unknown",
    "threads[].place": "the place that it was in last: function, file, line, innermost outside the standard library; "
    "null: unknown",
    "threads[].waits_for": "what it waited for at the end, and the thread that had it: a lock: A, held by Thread-3; "
    "null: nothing, or unknown",
    "threads[].lost_transitions": "how many changes of its state were lost",
    "holds[].name": "name of the thread that held the GIL for longer than --longer-than",
    "holds[].pid": "process id",
    "holds[].native_id": "the system's id of the thread",
    "holds[].at_s": "when the hold began, in seconds since watching began",
    "holds[].seconds": "how long it lasted at most: while no other thread waits, it is not seen whether the GIL is "
    "released and taken again at once",
    "holds[].waited_s": "for how long of its end others waited for the GIL: so long it lasted for certain",
    "holds[].is_cut": "whether it may have lasted longer: what the thread did before or after is unknown",
    "holds[].goes_on": "whether it had not ended when watching did",
    "holds[].place": "the place that the thread was in meanwhile; null: its stack was not read meanwhile",
    "holds[].holds_in": "the place that the thread is in most often while it holds the GIL; null: unknown",
    "holds[].stack": "all functions that it was in, the innermost first",
}
"""The fields of `watch --json`."""


def field_table(fields: dict[str, str]) -> str:
    """The fields as two columns of text."""
    width = max(map(len, fields))
    return "\n".join(f"  {name:{width}}  {meaning}" for name, meaning in fields.items())
