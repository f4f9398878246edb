"""What every panel, state, column, figure and symbol on the screen means, in a line each: for help, tooltips, docs."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A sign on the screen, and what it means."""

    sign: str
    meaning: str
    others: tuple[str, ...] = ()
    """How the same is also written, such as where it is narrow; # stands for a number."""

    @property
    def signs(self) -> tuple[str, ...]:
        return self.sign, *self.others


class Topic(NamedTuple):
    """A panel or page, and what can be seen in it."""

    name: str
    about: str
    entries: tuple[Entry, ...] = ()


HANDOFFS = "How often per second the GIL goes from one worker to another, counted from the lanes."
CORES_BUSY = "CPU time of the workers per wall time, over the last second, summed: how many cores they use."
SPEED_UP = "N × one run / N runs: how much faster N workers are than one after another."
ONE_RUN = "The time that one worker takes alone."
N_RUNS = "The time that N workers take together."

STATES = Topic(
    "States",
    "Every nanosecond of a worker's life has exactly one state, with its own colour and glyph.",
    (
        Entry("running", "It executes Python code, and under a GIL it holds that."),
        Entry(
            "running without the GIL",
            "It has a core, but not the GIL: it executes C code that has released it.",
            ("without GIL",),
        ),
        Entry(
            "asks for the GIL",
            "It has waited for a switch interval and sends the holder a drop request: a tick in its lane.",
            ("asks for GIL",),
        ),
        Entry(
            "waiting for the GIL",
            "It could run, but another worker holds the GIL.",
            ("waiting for GIL", "the GIL"),
        ),
        Entry(
            "waiting for a core",
            "It could run, but all cores that it may use are busy with other threads.",
            ("waiting for core", "a core"),
        ),
        Entry(
            "blocked with the GIL",
            "It is blocked in C code that has not released the GIL, or waits for a page of memory: no other worker can "
            "run Python code meanwhile.",
            ("blocked with GIL",),
        ),
        Entry("waiting for a lock", "Another worker holds the lock that it needs.", ("waiting for lock", "a lock")),
        Entry("lock A", "The first lock, by its address, that a thread of its process waited for; B is the next."),
        Entry("all stopped", "Another thread has stopped all threads of its process, which has no GIL."),
        Entry("I/O, sleep", "It sleeps, or waits for data, a queue or an event. It needs neither GIL nor core."),
        Entry("starting", "It was launched, and has not executed its first instruction.", ("»",)),
        Entry("queued", "It waits for a free worker of its pool."),
        Entry("waiting", "It doesn't run. What it waits for is known only when the wait ends.", ("?",)),
        Entry("unknown", "What it did in this time could not be read."),
        Entry("ended", "It returned, was stopped, raised an exception or was killed."),
        Entry(
            "mixed",
            "The time in each state is known here, but not the order of the states: more happened than samples show.",
        ),
    ),
)

TOPICS = (
    Topic(
        "Top lines",
        "The interpreters of the labs, then what the next launch runs, or what is in progress.",
        (
            Entry("CPython", "The interpreter of the lab, the process in which the workers live.", ("Python",)),
            Entry("GIL on", "Threads of one interpreter take turns: only the one that holds the GIL executes Python."),
            Entry("GIL off", "Threads execute Python at the same time."),
            Entry("GIL turned on", "A module that needs the GIL has turned it on in a free-threaded build."),
            Entry("free-threaded", "A build of CPython that can run without a GIL; its version ends in t."),
            Entry("switch", "The switch interval: after this time a waiting thread requests the GIL."),
            Entry("fork", "Processes start as a copy of the lab's process."),
            Entry("forkserver", "Processes start as a copy of a small server process."),
            Entry("spawn", "Processes start as a new interpreter."),
            Entry("cores", "How many cores the workers may use; a quota may allow a fraction.", ("core",)),
            Entry("watching", "The program that is watched: its process id, command line and interpreters.", ("PID",)),
            Entry("lanes:", "Where the lanes of a watched program come from: the kernel's records, or sampled."),
            Entry("throttled", "The share of time in which the quota of CPU time was used up."),
            Entry("this app", "CPU time of the app's own processes per wall time: 100 % is a core.", ("app",)),
            Entry("lab starting", "The process that will hold the workers is starting."),
            Entry("lab dead", "The lab's process has ended; the next launch starts another.", ("no lab yet", "lab")),
            Entry("labs", "More labs than there is room for: L shows all."),
            Entry("workers", "How many workers a measurement runs at once.", ("worker", "at once")),
            Entry("running", "The workers that run, and their experiments."),
            Entry("next", "What the next launch runs: a worker of this model, experiment, variant and interpreter."),
            Entry(
                "measuring",
                "A measurement is under way, first one run, then N runs; the bar is its progress.",
                ("run", "runs"),
            ),
            Entry("FROZEN", "The screen shows a moment of the past; workers go on."),
        ),
    ),
    Topic(
        "Headline",
        "The point of the experiment that runs or is chosen, and the two figures that carry it. The projector has them "
        "in large digits. A value that is not known yet is a dash.",
        (
            Entry("cores busy", CORES_BUSY, ("cores busy of",)),
            Entry("times as long as one", "The slowdown: N runs / one run."),
            Entry("hand-offs per second", HANDOFFS),
            Entry("for one run", ONE_RUN),
            Entry("for N runs", N_RUNS, ("for two runs", "for four runs", "for no runs", "runs")),
            Entry("asleep at the same time", "How many workers sleep now."),
            Entry("late", "How late the heartbeat wakes up after its sleep, the median of the last second."),
            Entry("late when alone", "The same in the one run, in which no other worker computes."),
            Entry("distinct PIDs", "In how many processes the workers run."),
            Entry("distinct names", "How many different names the workers printed."),
            Entry("values of", "How many values the shared dict has, of as many as there are workers."),
            Entry("interleaved pairs of prints", "Pairs of prints of a worker between which another worker printed."),
            Entry("plain_num", "A plain global: each process changes its own copy."),
            Entry("shared_num", "A multiprocessing.Value, which all processes share."),
            Entry("updates lost", "Updates of the shared counter that another worker overwrote.", ("million",)),
            Entry("of all updates", "Their share of all updates."),
            Entry(
                "without releasing the GIL",
                "The longest time for which a worker kept the GIL; in your function, it or a thread that it has "
                "started, while others waited.",
            ),
            Entry("items per second", "Items taken from the queue per second."),
            Entry("items in the queue", "Items that wait in the queue."),
            Entry("in a deadlock", "How long the workers have been waiting for each other."),
            Entry("workers stuck", "Workers in the deadlock or behind it."),
            Entry("holds the GIL", "The share of the last second in which this thread of a watched program held it."),
            Entry(
                "take turns with the GIL", "How many threads hold it in turn, and the share of time in which any does."
            ),
            Entry(
                "GIL held at a stretch",
                "The longest time for which a thread did not release it while others waited for it.",
                ("at a stretch",),
            ),
            Entry("threads wait for the GIL", "How many threads wait for it, on average.", ("threads wait for it",)),
            Entry("of the time", "The share of the last second that threads were in this state.", ("busy.", "busy,")),
        ),
    ),
    Topic(
        "Timeline",
        "A lane for each worker, all on one clock: colour and glyph say what it did. A bar's height is the part of "
        "the cell in which it ran, on the tint of what it did in the rest.",
        (
            Entry("width", "How much time the window shows; z and Z change it.", ("# ms", "# s")),
            Entry("the whole measurement", "From its first launch to its last end; z goes in, space back to live."),
            Entry("of the measurement", "A part of it, and where that begins; Z shows more of it."),
            Entry("one run", "Left of the rule; it is in the first lane.", ("after one run",)),
            Entry("N runs", "Right of the rule: all workers at once.", ("runs",)),
            Entry("hand-offs in the N runs", "How often another worker got the GIL in the N runs.", ("hand-offs",)),
            Entry("hand-offs/s", HANDOFFS),
            Entry(
                "CPython counts", "The same by CPython's own counter, which also counts other threads.", ("CPython",)
            ),
            Entry("counted by CPython", "The lanes don't show each hand-off, so CPython's counter is shown."),
            Entry("not readable", "CPython's counter can't be read here."),
            Entry("held", "The window stands still and is renewed every second, since it could not be read otherwise."),
            Entry("live", "The window moves with time."),
            Entry("frozen", "The window stands still until Space is pressed.", ("ago",)),
            Entry("more", "Workers without a lane, for want of room."),
            Entry("now", "The newest time that can be shown; to the left of it, how long ago."),
            Entry("sampled", "The lane was sampled by another process, so often a second: the code calls no probe."),
            Entry("waits sampled", "When it ran is exact, from the kernel's records; what it waited for was sampled."),
            Entry(
                "lanes",
                "Where the lanes come from. Reported: the worker's code says when it runs. Kernel: the kernel's "
                "scheduling records. Sampled: its thread was read again and again.",
                ("reported", "kernel", "kernel + sampled"),
            ),
            Entry("*", "The lane was sampled, all or in part."),
            Entry("└", "A thread that the worker's function has started, or that of a child process."),
            Entry("▸", "The selected worker, which s stops and k kills; also the tab that is shown."),
            Entry("▁▂▃▄▅▆▇█", "The part of the cell in which the worker ran."),
            Entry("╵", "A tick of the time axis.", ("╷",)),
        ),
    ),
    Topic(
        "Slow motion",
        "The timeline, 10 to 1000 times slower, while measuring goes on. The lanes move under the line of the moment: "
        "left of it is what has happened, right of it, dim, what comes. When workers run, release the GIL and take it "
        "is measured. When one asks for it is inferred from CPython's rule: a thread that waits for a switch "
        "interval, in which no other took the GIL, asks the holder to release it.",
        (
            Entry("GIL", "The token: on the lane of the worker that holds the GIL. Each GIL has one.", ("GIL #",)),
            Entry("GIL is free", "No worker holds it."),
            Entry(
                "◇",
                "A worker asks for the GIL, inferred from CPython's rule.",
                ("asks, inferred", "inferred from CPython's rule"),
            ),
            Entry("◆", "A worker asks for the GIL, measured.", ("asks",)),
            Entry("▲", "A hand-off: the GIL goes to the worker at the tip.", ("▼", "│")),
            Entry("┃", "The moment; the sentence says what happens in it.", ("now",)),
            Entry("beside a lane", "What the worker does, and for how long it has done that."),
            Entry(
                "in words",
                "What has just happened, else what all workers do; below the lanes the steps, with milliseconds since "
                "the first launch.",
                ("after the first launch",),
            ),
            Entry("1/#", "The speed, and how long a switch interval takes at it."),
            Entry("▸", "In the list of steps: the last that has happened."),
            Entry("≈", "The time of a step in a sampled lane is known to the next sample only."),
            Entry("▓▒░", "An edge in a sampled lane: it lies somewhere in these cells."),
            Entry("paused", "Space plays on; . and , go to the next hand-off and to the one before."),
            Entry("the end", "Nothing newer has been measured."),
        ),
    ),
    STATES,
    Topic(
        "Cores",
        "How busy each core of the machine is, with all programs.",
        (
            Entry("cores busy", CORES_BUSY),
            Entry("other programs", "Cores that other programs use: they disturb measurements.", ("others",)),
            Entry(
                "lanes",
                "The mean number of workers in the state running, by their lanes. Starting, stopping and waking up "
                "cost CPU time besides, which cores busy has.",
                ("workers running at once",),
            ),
            Entry("█░", "The load of one core, by all programs.", ("▏▎▍▌▋▊▉", "▁▂▃▄▅▆▇")),
            Entry("⣀⣤⣶⣿", "The loads of two cores in one character, where there are many."),
            Entry("unknown on this system", "This system doesn't report the load of its cores."),
        ),
    ),
    Topic(
        "Workers",
        "A row for each worker. Shares are of the last second, or of its whole life once it has ended.",
        (
            Entry("alive", "How many workers have not ended."),
            Entry("name", "The name of its thread, process or task."),
            Entry("role", "What it does, where workers do different work: producer, heartbeat."),
            Entry("model", "How it runs: as a thread, process, subinterpreter, task, or in a pool."),
            Entry("python", "The version of its interpreter; t: a free-threaded build."),
            Entry("start", "The start method of its process."),
            Entry("PID", "The id of its process."),
            Entry("TID", "The id that the system gives its thread."),
            Entry("state", "What it does now, or how it ended."),
            Entry("core", "The core on which it last ran."),
            Entry("CPU%", "Its CPU time per wall time, read from the system."),
            Entry("run%", "The share of time in which it ran."),
            Entry("GIL%", "The share of time in which it waited for the GIL."),
            Entry("core%", "The share of time in which it waited for a core."),
            Entry("I/O%", "The share of time in which it slept or waited for I/O."),
            Entry("≈GIL%", "The share of time in which it was blocked, and had not released the GIL."),
            Entry("lock%", "The share of time in which it waited for a lock."),
            Entry("lanes", "Where its lane comes from: reported by its code, the kernel's records, or sampled."),
            Entry("launch", "The time from its launch to its first instruction."),
            Entry("it/s", "Iterations per second."),
            Entry("count", "Iterations so far."),
            Entry("in", "Where the thread is: the innermost function outside the standard library, file and line."),
            Entry(
                "longest",
                "The longest time for which the thread held the GIL while others waited for it. ≥: it may have been "
                "longer, as what the thread did before or after is unknown. ≤: none ever did, and then it is not seen "
                "whether a thread releases the GIL and takes it again at once.",
                ("≤", "≥"),
            ),
            Entry("native threads", "Threads of a watched program that run no Python code.", ("native thread",)),
            Entry("helper threads", "CPU% of threads of its process that are no workers."),
            Entry("child processes", "CPU% of processes that its process has started."),
        ),
    ),
    Topic(
        "Thread",
        "The selected thread of a program that is watched. Its functions are read a few times a second.",
        (
            Entry("waits for", "What it waits for, and what the thread that holds it does."),
            Entry(
                "held the GIL for",
                "The longest time for which it did not release the GIL, when, and in which function. At most: while no "
                "other thread waits, it is not seen whether it releases the GIL and takes it again at once.",
            ),
            Entry("holds the GIL mostly in", "The function that it was in most often while it held the GIL."),
            Entry("now in", "The functions that it is in, the innermost first."),
            Entry("native", "It has no Python thread state: a thread of a library, such as BLAS."),
            Entry("functions are unknown", "They can't be read, and why; py-spy reads them where it is installed."),
        ),
    ),
    Topic(
        "Counters",
        "What the workers share, a column for each variant.",
        (
            Entry("value", "The shared counter."),
            Entry("expected", "What it would be without lost updates."),
            Entry("lost", "The difference: updates that another worker overwrote, and their share.", ("%",)),
            Entry("~", "Not final: so many at least. Workers report the counter once a round."),
            Entry("final", "All workers of this variant have ended."),
            Entry("counting", "Workers of this variant still count."),
            Entry("plain_num", "A plain global: each process changes its own copy."),
            Entry("shared_num", "A multiprocessing.Value, which all processes share."),
            Entry("values", "How many values the shared dict has."),
            Entry("put", "Items put into the queue."),
            Entry("got", "Items taken from the queue."),
            Entry("depth", "Items in the queue."),
            Entry("got/s", "Items taken from the queue per second."),
            Entry("late by", "How late a worker wakes up after a sleep.", ("last second", "all")),
            Entry("median", "Half of the delays are shorter."),
            Entry("p99", "99 of 100 delays are shorter."),
            Entry("longest", "The longest delay."),
            Entry("1 µs", "How often each delay occurred, on a logarithmic scale.", ("30 µs", "1 ms", "30 ms", "1 s")),
            Entry("Deadlock", "These workers wait for each other and can't continue.", ("Resolved deadlock",)),
            Entry("waits for", "The worker waits for this lock.", ("─▶", "◀─")),
            Entry("held by", "The worker that holds this lock.", ("▲", "▼")),
        ),
    ),
    Topic(
        "Scoreboard",
        "The measurements, the newest first.",
        (
            Entry("one run", ONE_RUN),
            Entry("N runs", N_RUNS, ("two runs", "four runs", "runs")),
            Entry("times as long", "The slowdown: N runs / one run."),
            Entry("ideal", "The slowdown that these workers can reach on the cores that they may use."),
            Entry("no ratio", "The runs can't be compared: they were too short, or workers do different work."),
            Entry("never ended", "The N runs ended in a deadlock."),
            Entry("other programs used", "Load that disturbed this measurement: repeat it.", ("throttled",)),
            Entry("█", "A time, drawn as a bar; all measurements of an experiment have one axis.", ("▏▎▍▌▋▊▉",)),
            Entry("┃", "Where the N runs would end at the ideal slowdown."),
        ),
    ),
    Topic(
        "Log",
        "What the workers printed, with seconds since the start and the worker's name.",
        (
            Entry("lines were printed too fast to be kept", "They are missing in the log."),
            Entry("older lines are no longer kept", "The log keeps the newest lines."),
        ),
    ),
    Topic(
        "Code",
        "What to watch in the chosen experiment, what its workers share, and its source.",
        (Entry("▌", "The lines that the chosen variant runs."),),
    ),
    Topic(
        "Tour",
        "What the present step of the tour says or asks, and after its run the figures.",
        (
            Entry("attempt", "How often this step has been run."),
            Entry("of", "The number of this step, and of all steps."),
            Entry("Predicted", "The answer that was locked before the run."),
            Entry("and so it is", "This run's figures bear the prediction out.", ("it is",)),
            Entry("does not bear it out", "This run's figures differ from what the tour claims."),
        ),
    ),
    Topic(
        "Recording",
        "Where in a recording the screen is. Everything else on the screen is as it was then; nothing can be launched. "
        "A click on the bar goes there.",
        (
            Entry("RECORDED", "This is no live run. Then the position, and how long the recording is.", ("▶", "‖")),
            Entry("speed", "Recorded time per time. Below 1 the timeline moves on between the frames."),
            Entry("●", "The position.", ("━",)),
            Entry("▴", "A launch."),
            Entry("◆", "A measurement begins or ends."),
            Entry("◇", "A comparison begins or ends."),
            Entry("╳", "A deadlock."),
            Entry("▪", "A note, such as the step of a tour."),
        ),
    ),
    Topic(
        "Compare",
        "One experiment in all models and interpreters: medians of repeated measurements, and a verdict.",
        (
            Entry("python", "The interpreter; t: a free-threaded build."),
            Entry("model", "How the workers run."),
            Entry("start", "The start method of processes."),
            Entry("N", "How many workers run at once."),
            Entry("one run", ONE_RUN),
            Entry("N runs", N_RUNS),
            Entry("range", "The shortest and the longest of the repeated N runs."),
            Entry("speed-up", SPEED_UP),
            Entry("vs best", "N runs / the shortest N runs of the table."),
            Entry("ideal", "The speed-up that these workers can reach on the cores that they may use."),
            Entry("busy", "Cores busy: CPU time of the workers per wall time."),
            Entry("GIL", "The share of the workers' time in which they waited for the GIL."),
            Entry("core", "The share of the workers' time in which they waited for a core."),
            Entry("launch", "The time from a worker's launch to its first instruction."),
            Entry("RSS", "Resident memory of the processes; shared pages count in each of them."),
            Entry("PSS", "The same with shared pages divided among their users."),
            Entry("█", "The speed-up, drawn as a bar; the median, with its range behind it.", ("▏▎▍▌▋▊▉",)),
            Entry("┃", "The ideal speed-up."),
            Entry("●◆■▲○◇□△", "A model: each has a glyph and a colour of its own."),
            Entry("left", "The estimated time that the rest takes."),
            Entry("finding a scale", "A trial run decides how much work each worker does."),
        ),
    ),
    Topic(
        "Labs",
        "The processes that hold the workers, with each of their GILs.",
        (
            Entry("PID", "The id of the process."),
            Entry("interpreter", "The main interpreter or a subinterpreter, by CPython's number."),
            Entry("workers", "How many workers need this GIL."),
            Entry("hand-offs/s", HANDOFFS),
            Entry("CPython", "The same by CPython's own counter, which also counts other threads."),
            Entry("not readable", "CPython's counter can't be read here, and why."),
        ),
    ),
)
"""All topics, in the order of the help."""
