"""The headline of a program that is watched: what limits it, in words. Pure; says only what the figures carry.

The figures are the times that its threads spent in each state, over the last second or since watching began. The first
of these that is true is said:

    threads wait for the GIL                    One thread at a time: Thread-3 holds the GIL 91 % of the time ...
    so they do, though it is mostly free        4 threads take turns with the GIL, held 24 % of the time ...
    code runs that has released the GIL         C code without the GIL keeps 3.7 of 4 cores busy.
    there is no GIL                             Without a GIL, 4 threads keep 3.7 of 4 cores busy.
    several processes run, each with its GIL    4 processes keep 3.7 of 4 cores busy, each with a GIL of its own.
    one thread runs, and none waits for it      Thread-3 runs alone: it holds the GIL 98 % of the time ...
    so do several, one after another            4 threads take turns with the GIL, held 98 % of the time ...
    threads wait for something else             The GIL is not the limit: threads wait for I/O 96 % of the time.

Where threads that could run wait for a core instead, that is said too. So is a GIL that changes hands thousands of
times a second: what that costs can be the limit though threads hardly wait for the GIL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

from pconc_tui.measurement import LockShares
from pconc_tui.protocol.lane_source import Source
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.text import lock_words
from pconc_tui.text.headline import Headline, Kind, LargeFigure
from pconc_tui.text.headline_values import plural
from pconc_tui.text.numbers import UNKNOWN, compact, cores, decimal, percent, seconds, whole
from pconc_tui.text.printable import printable
from pconc_tui.text.watch_shares import Shares, most_wanted, recently, shares, since_the_beginning
from pconc_tui.timeline.spans import Times
from pconc_tui.watched_program import Place, WatchedProgram

LEAST_WAITING = 0.5
"""The GIL is the limit if at least so many threads wait for it on average, and no more run without it meanwhile."""
MOSTLY = 0.5
"""The share of the time that is most of it, and the cores that are worth a sentence."""
WAITS = 0.05
"""A thread that waits or runs for less of the time doesn't count as one of those that do."""
TAKES_TURNS = 0.005
"""A thread that holds the GIL for less of the time doesn't count as one of those that take turns."""
WORTH_SAYING = 0.1
"""The share of the time that is unknown, or of what threads wait for, that is worth words."""
WAITS_FOR_CORE = 0.3
"""Threads that could run wait for a core for at least so much of that time, where it is worth a sentence."""
WORTH_CORES = 0.3
"""Other programs that use fewer cores are no reason to wait for one."""
MANY_HANDOFFS = 3000
"""The hand-offs of a GIL per second that are worth a sentence: threads which compute make 200."""
ADVICE = "Processes or a free-threaded build would help."
ROWS = 3
"""The rows that its sentence may take."""
OF_THE_TIME = " of the time."
WORDS = {"io": "I/O", "lock_wait": "locks"}


def live(snapshot: Snapshot) -> Headline:
    """The headline of the last second."""
    program = snapshot.program
    often = _often(snapshot, snapshot.switches_per_s)
    found = _headline(snapshot, recently, None if program is None else program.locks, often)
    if program is not None and program.ended:
        return replace(found, sentences=(f"Process {program.pid} {program.ended}.",))
    return replace(found, sentences=(halted,)) if (halted := _halted(program)) else found


def summary(snapshot: Snapshot) -> Headline:
    """The headline of all the time since watching began."""
    program = snapshot.program
    watched_s = program.watched_s(snapshot.now_ns) if program is not None else 0.0
    often = _often(snapshot, program.switches / watched_s if program is not None and watched_s > 0 else None)
    found = _headline(snapshot, since_the_beginning, None if program is None else program.all_locks, often)
    halted = _halted(program)
    if halted and not any(each.total.running for each in snapshot.workers):
        return replace(found, sentences=(halted,))
    return replace(found, sentences=tuple(f"{each} {halted}" for each in found.sentences)) if halted else found


def _halted(program: WatchedProgram | None) -> str:
    """That it is stopped; empty: a process of it is not."""
    alive = [each for each in program.processes if each.doing != "ended"] if program is not None else []
    if program is None or not alive or not all(each.halted for each in alive):
        return ""
    return f"Process {program.pid} is {alive[0].halted}: none of its threads runs."


def _often(snapshot: Snapshot, per_s: float | None) -> str:
    """How often the GIL changes hands, with the sentence before; empty: not often, or there is not one GIL."""
    gils = {each.gil for each in snapshot.workers if each.gil is not None}
    if per_s is None or per_s < MANY_HANDOFFS or len(gils) != 1:
        return ""
    return f" The GIL changes hands {whole(per_s)} times a second."


def _headline(
    snapshot: Snapshot,
    times_of: Callable[[Worker], tuple[Times, float] | None],
    locks: LockShares | None,
    often: str,
) -> Headline:
    """`often`: how often the GIL changes hands, with the sentence before."""
    found = shares(snapshot, times_of)
    program = snapshot.program
    assert program is not None
    python = next((each.python for each in program.processes if each.python), "")
    found_sentences = list(_sentences(snapshot, found, lock_words.waited(locks), often))
    unknown = _unknown(found)
    sentences = tuple(printable(each + unknown) for each in found_sentences) or (
        f"Process {program.pid}: {_nothing(snapshot, times_of, found)}",
    )
    if found_sentences and unknown:
        sentences += (printable(found_sentences[-1] + unknown.removesuffix(OF_THE_TIME) + "."),)
    return Headline(Kind("", "", "threads", python), sentences, _figures(snapshot, found), ROWS)


def _nothing(snapshot: Snapshot, times_of: Callable[[Worker], tuple[Times, float] | None], found: list[Shares]) -> str:
    """Why there is nothing to say."""
    if any(each.thread.thread and each.thread.thread.python is None for each in found):
        return "it ended before it was known whether it runs Python code"
    if found:
        return "no thread runs Python code"
    return "what its threads do is unknown" if any(map(times_of, snapshot.workers)) else "nothing is known yet"


def _sentences(snapshot: Snapshot, found: list[Shares], locks: str, often: str) -> Iterator[str]:
    """They say the same, the longest first. `locks`: what threads without a GIL wait for; empty: unknown."""
    python = [each for each in found if each.thread.thread and each.thread.thread.python]
    if not python:
        return
    gil = most_wanted([each for each in python if each.thread.gil is not None])
    released = sum(each.released for each in found if each.thread.gil is not None or each not in python)
    by_gil = sorted(_by_gil(python), key=_held, reverse=True)
    without = [each for each in python if each.thread.gil is None]
    busy = _busy_machine(snapshot, python)
    waiting, held_by_any = sum(each.gil_wait for each in gil), _held(gil)
    elsewhere = sum(map(_held, by_gil[1:]))
    if waiting >= LEAST_WAITING and (waiting >= released or held_by_any >= MOSTLY):
        yield from _take_turns(gil, released, often, busy)
        return
    if released >= MOSTLY and released > _held(python):
        said = f"C code without the GIL keeps {_of_cores(released, snapshot)} busy."
    elif (free := sum(each.released for each in without)) >= MOSTLY:
        said = _without_gil(without, free, snapshot, locks)
    elif elsewhere >= MOSTLY:
        total = _of_cores(sum(each.running for each in python), snapshot)
        busy_ones = [threads for threads in by_gil if any(each.held >= WAITS * each.lived for each in threads)]
        kinds = "processes" if len({each.thread.pid for each, *_ in busy_ones}) > 1 else "interpreters"
        said = f"{len(busy_ones)} {kinds} keep {total} busy, each with a GIL of its own."
    elif by_gil and _held(by_gil[0]) >= MOSTLY:
        top = max(by_gil[0], key=lambda each: each.held)
        if top.held >= MOSTLY:
            alone = " runs alone: it" if elsewhere < WORTH_SAYING else ""
            holds, mostly = (
                f"{top.thread.name}{alone} holds the GIL {percent(top.held, ' %')} of the time",
                _mostly([top]),
            )
        else:
            turns = [each for each in by_gil[0] if _takes_turns(each)]
            holds, mostly = _turns(turns, by_gil[0]), _mostly(turns)
        yield f"{holds}{mostly}; no thread waits for it for long.{often}{busy}"
        yield f"{holds}; no thread waits for it for long.{often}{busy}"
        yield f"{holds}; no thread waits for it for long.{often}"
        said = f"{holds}."
    elif often:
        run = [each.running for each in gil if each.running >= WAITS]
        said = f"{plural(len(run), 'thread')} {_verb(len(run), 'keep')} {_of_cores(sum(run), snapshot)} busy."
    else:
        yield from _waits(python, busy, locks)
        return
    said += often
    yield f"{said}{busy}"
    yield said


def _unknown(found: list[Shares]) -> str:
    """For how much of the time it is unknown what threads did, with the sentence before; empty: for little of it."""
    unknown = sum(each.unknown for each in found)
    share = unknown / ((sum(each.lived for each in found) + unknown) or 1)
    return f" Unknown: {percent(share, ' %')}{OF_THE_TIME}" if share >= WORTH_SAYING else ""


def _take_turns(gil: list[Shares], released: float, often: str, busy: str) -> Iterator[str]:
    """`released`: the cores that code keeps busy which has released the GIL."""
    top = max(gil, key=lambda each: each.held)
    held = _held(gil)
    waiting = sum(each.gil_wait for each in gil)
    with_gil = sum(each.running - each.released for each in gil)
    turns = [each for each in gil if _takes_turns(each)] or gil
    if top.held >= MOSTLY or len(turns) == 1:
        who, mostly = f"{top.thread.name} holds the GIL {percent(top.held, ' %')} of the time", _mostly([top])
        others = sum(each.gil_wait >= WAITS for each in gil if each is not top)
        waits = f"; {plural(others, 'thread')} {_verb(others, 'wait')} for it" if others else ""
        briefly = f"{who}; {others} {_verb(others, 'wait')} for it" if others else who
    else:
        # Where sampled threads switch too often to be told apart, it is not known which of them held the GIL when.
        is_known = top.thread.source != Source.SAMPLED or held >= MOSTLY * with_gil
        who = _turns(turns, gil if is_known else ())
        waits, mostly = f"; {_wait(waiting)} for it on average", _mostly(gil)
        briefly = f"{_wait(waiting)} for the GIL{_held_share(gil) if is_known else ''}"
    advice = f" {ADVICE}" if held >= MOSTLY else ""
    one = "One thread at a time: " if held >= min(MOSTLY, released) else ""
    said = f"{one}{who}{mostly}"
    yield f"{said}{_longest(gil)}{waits}.{often}{busy or advice}"
    yield f"{said}{waits}.{often}"
    yield f"{one}{who}{waits}."
    yield f"{one}{briefly}."
    yield f"{one}{_wait(waiting)} for the GIL."


def _turns(turns: Collection[Shares], gil: Collection[Shares]) -> str:
    """`gil`: all threads of the GIL; empty: it is not known for how much of the time they held it."""
    return f"{plural(len(turns), 'thread')} take turns with the GIL{_held_share(gil) if gil else ''}"


def _held_share(gil: Iterable[Shares]) -> str:
    return f", held {percent(min(1.0, _held(gil)), ' %')} of the time"


def _takes_turns(thread: Shares) -> bool:
    """Whether it held the GIL for more than a moment of its life."""
    return max(thread.held, thread.running - thread.released) >= TAKES_TURNS * thread.lived > 0


def _by_gil(threads: Iterable[Shares]) -> Iterable[list[Shares]]:
    """The threads that share each GIL."""
    found: defaultdict[int, list[Shares]] = defaultdict(list)
    for each in threads:
        if each.thread.gil is not None:
            found[each.thread.gil].append(each)
    return found.values()


def _held(threads: Iterable[Shares]) -> float:
    return sum(each.held for each in threads)


def _without_gil(without: list[Shares], free: float, snapshot: Snapshot, locks: str) -> str:
    count = sum(each.released >= WAITS for each in without)
    waiting = sum(each.lock_wait >= MOSTLY for each in without)
    waits = f"; {plural(waiting, 'thread')} {_verb(waiting, 'wait')} for locks" if waiting else ""
    waits = f"; {locks}" if locks else waits
    return f"Without a GIL, {plural(count, 'thread')} {_verb(count, 'keep')} {_of_cores(free, snapshot)} busy{waits}."


def _busy_machine(snapshot: Snapshot, python: list[Shares]) -> str:
    """That threads which could run wait for a core, with the sentence before; empty: they rarely do."""
    core, running = sum(each.core_wait for each in python), sum(each.running for each in python)
    if core < WAITS_FOR_CORE * (core + running) or core < WAITS_FOR_CORE:
        return ""
    others = ""
    if snapshot.others and snapshot.others >= WORTH_CORES and snapshot.core_loads:
        others = f": other programs use {cores(round(min(snapshot.others, len(snapshot.core_loads)), 1))}"
    return f" What could run waits for a core {percent(core / (core + running), ' %')} of that time{others}."


def _waits(python: list[Shares], busy: str, locks: str) -> Iterator[str]:
    """No thread runs for most of the time."""
    lived = sum(each.lived for each in python)
    if not lived:
        return
    parts = {name: sum(getattr(each, name) for each in python) / lived for name in WORDS}
    largest = sorted((name for name in parts if parts[name] >= WORTH_SAYING), key=lambda name: -parts[name])
    what = " and ".join(f"for {WORDS[name]} {percent(parts[name], ' %')}" for name in largest)
    running, core = sum(each.running for each in python), sum(each.core_wait for each in python)
    if locks:
        io = f"; threads wait for I/O {percent(parts['io'], ' %')} of it" if "io" in largest else ""
        said = f"Without a GIL, {locks}{io}."
    elif busy and core >= MOSTLY:
        said = f"The GIL is not the limit: {_wait(core)} for a core on average."
    elif what:
        said = f"The GIL is not the limit: threads wait {what} of the time."
    else:
        said = f"The GIL is not the limit: {plural(len(python), 'thread')}, {compact(running)} cores busy."
    yield f"{said}{busy}"
    yield said
    if what and not locks:
        yield f"Threads wait {what} of the time."


def _of_cores(busy: float, snapshot: Snapshot) -> str:
    return f"{compact(round(busy, 2))} of {cores(snapshot.core_count)}"


def _mostly(threads: Iterable[Shares]) -> str:
    """The place in which these threads hold the GIL for most of the time that they do, as far as it is known."""
    held: defaultdict[Place, float] = defaultdict(float)
    for each in threads:
        if each.thread.thread and each.thread.thread.holds_in:
            held[each.thread.thread.holds_in] += each.held
    return f", mostly in {in_words(max(held, key=lambda place: held[place]))}" if held else ""


def _longest(threads: Iterable[Shares]) -> str:
    longest = max((each.thread.held_s or 0.0 for each in threads), default=0.0)
    return f", up to {_rounded(longest)} at a stretch" if longest else ""


def in_words(place: Place) -> str:
    """`crunch() (work.py:12)`."""
    function, _, where = str(place).rpartition(" ")
    return f"{function} ({where})"


def _rounded(time_s: float) -> str:
    return f"{time_s * 1e3:.0f} ms" if 0.01 <= time_s < 1 else seconds(time_s)


def _wait(threads: float) -> str:
    """`2.4 threads wait`, `1 thread waits`."""
    number = compact(round(threads, 1))
    return "1 thread waits" if number == "1" else f"{number} threads wait"


def _verb(count: int, verb: str) -> str:
    return f"{verb}s" if count == 1 else verb


def _figures(snapshot: Snapshot, found: list[Shares]) -> tuple[LargeFigure, LargeFigure]:
    busy = LargeFigure(decimal(snapshot.cores_busy), f"cores busy of {compact(snapshot.core_count)}")
    python = [each for each in found if each.thread.thread and each.thread.thread.python]
    waiting = sum(each.gil_wait for each in python)
    holds = [each.thread.held_s for each in python if each.thread.held_s]
    if waiting >= LEAST_WAITING and holds:
        return busy, LargeFigure(_rounded(max(holds)), "GIL held at a stretch")
    if not python:
        return busy, LargeFigure(UNKNOWN, "threads wait for the GIL")
    return busy, LargeFigure(decimal(waiting), "threads wait for the GIL")
