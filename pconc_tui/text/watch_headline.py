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
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from pconc_tui.measurement import LockShares
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.text import lock_words
from pconc_tui.text.gil_sentences import held_by, held_without_waits, take_turns
from pconc_tui.text.headline import Headline, Kind, LargeFigure
from pconc_tui.text.headline_values import plural, threads_wait, verb
from pconc_tui.text.hold_text import rounded
from pconc_tui.text.numbers import UNKNOWN, compact, cores, decimal, percent, whole
from pconc_tui.text.printable import printable
from pconc_tui.text.watch_shares import MOSTLY, WAITS, Shares, most_wanted, recently, shares, since_the_beginning
from pconc_tui.timeline.spans import Times
from pconc_tui.watched_program import WatchedProgram

LEAST_WAITING = 0.5
"""The GIL is the limit if at least so many threads wait for it on average, and no more run without it meanwhile."""
WORTH_SAYING = 0.1
"""The share of the time that is unknown, or of what threads wait for, that is worth words."""
WAITS_FOR_CORE = 0.3
"""Threads that could run wait for a core for at least so much of that time, where it is worth a sentence."""
WORTH_CORES = 0.3
"""Other programs that use fewer cores are no reason to wait for one."""
MANY_HANDOFFS = 3000
"""The hand-offs of a GIL per second that are worth a sentence: threads which compute make 200."""
ROWS = 3
"""The rows that its sentence may take."""
OF_THE_TIME = " of the time."
WORDS = {"io": "I/O", "lock_wait": "locks"}


def live(snapshot: Snapshot) -> Headline:
    """The headline of the last second."""
    program = snapshot.program
    often = _often(snapshot, snapshot.switches_per_s)
    found = _headline(snapshot, recently, None if program is None else program.locks, often)
    return replace(found, sentences=(why,)) if program is not None and (why := why_none_runs(program)) else found


def summary(snapshot: Snapshot) -> Headline:
    """The headline of all the time since watching began."""
    program = snapshot.program
    watched_s = program.watched_s(snapshot.now_ns) if program is not None else 0.0
    often = _often(snapshot, program.switches / watched_s if program is not None and watched_s > 0 else None)
    found = _headline(snapshot, since_the_beginning, None if program is None else program.all_locks, often)
    halted = "" if program is None else _halted(program)
    if halted and not any(each.total.running for each in snapshot.workers):
        return replace(found, sentences=(halted,))
    return replace(found, sentences=tuple(f"{each} {halted}" for each in found.sentences)) if halted else found


def why_none_runs(program: WatchedProgram) -> str:
    """That it has ended, or is stopped; empty: neither."""
    return f"Process {program.pid} {program.ended}." if program.ended else _halted(program)


def _halted(program: WatchedProgram) -> str:
    """That it is stopped; empty: a process of it is not."""
    alive = [each for each in program.processes if each.doing != "ended"]
    if not alive or not all(each.halted for each in alive):
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
    by_gil = sorted(_by_gil(python), key=held_by, reverse=True)
    without = [each for each in python if each.thread.gil is None]
    busy = _busy_machine(snapshot, python)
    waiting, held_by_any = sum(each.gil_wait for each in gil), held_by(gil)
    elsewhere = sum(map(held_by, by_gil[1:]))
    if waiting >= LEAST_WAITING and (waiting >= released or held_by_any >= MOSTLY):
        yield from take_turns(gil, released, often, busy, _among(gil, by_gil) if elsewhere >= MOSTLY else "")
        return
    if released >= MOSTLY and released > held_by(python):
        said = f"C code without the GIL keeps {_of_cores(released, snapshot)} busy."
    elif (free := sum(each.released for each in without)) >= MOSTLY:
        said = _without_gil(without, free, snapshot, locks)
    elif elsewhere >= MOSTLY:
        total = _of_cores(sum(each.running for each in python), snapshot)
        said = f"{_kinds(_busy_ones(by_gil))} keep {total} busy, each with a GIL of its own."
    elif by_gil and held_by(by_gil[0]) >= MOSTLY:
        yield from held_without_waits(by_gil[0], elsewhere < WORTH_SAYING, often, busy)
        return
    elif often:
        run = [each.running for each in gil if each.running >= WAITS]
        said = f"{plural(len(run), 'thread')} {verb(len(run), 'keep')} {_of_cores(sum(run), snapshot)} busy."
    else:
        yield from _waits(python, busy, locks)
        return
    said += often
    yield f"{said}{busy}"
    yield said


def _among(gil: list[Shares], by_gil: list[list[Shares]]) -> str:
    """Where one thread runs at a time, as others hold GILs too: their threads wait for these, or do not."""
    busy_ones = _busy_ones(by_gil)
    wait = all(sum(each.gil_wait for each in threads) >= LEAST_WAITING for threads in busy_ones)
    return f" in {'each' if wait and gil in busy_ones else 'one'} of {_kinds(busy_ones)}" if len(busy_ones) > 1 else ""


def _busy_ones(by_gil: list[list[Shares]]) -> list[list[Shares]]:
    """The GILs that threads hold for more than a moment."""
    return [threads for threads in by_gil if any(each.held >= WAITS * each.lived for each in threads)]


def _kinds(by_gil: list[list[Shares]]) -> str:
    """How many processes or interpreters have these GILs."""
    kinds = "processes" if len({each.thread.pid for each, *_ in by_gil}) > 1 else "interpreters"
    return f"{len(by_gil)} {kinds}"


def _unknown(found: list[Shares]) -> str:
    """For how much of the time it is unknown what threads did, with the sentence before; empty: for little of it."""
    unknown = sum(each.unknown for each in found)
    share = unknown / ((sum(each.lived for each in found) + unknown) or 1)
    return f" Unknown: {percent(share, ' %')}{OF_THE_TIME}" if share >= WORTH_SAYING else ""


def _by_gil(threads: Iterable[Shares]) -> Iterable[list[Shares]]:
    """The threads that share each GIL."""
    found: defaultdict[int, list[Shares]] = defaultdict(list)
    for each in threads:
        if each.thread.gil is not None:
            found[each.thread.gil].append(each)
    return found.values()


def _without_gil(without: list[Shares], free: float, snapshot: Snapshot, locks: str) -> str:
    count = sum(each.released >= WAITS for each in without)
    waiting = sum(each.lock_wait >= MOSTLY for each in without)
    waits = f"; {plural(waiting, 'thread')} {verb(waiting, 'wait')} for locks" if waiting else ""
    waits = f"; {locks}" if locks else waits
    return f"Without a GIL, {plural(count, 'thread')} {verb(count, 'keep')} {_of_cores(free, snapshot)} busy{waits}."


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
        said = f"The GIL is not the limit: {threads_wait(core)} for a core on average."
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


def _figures(snapshot: Snapshot, found: list[Shares]) -> tuple[LargeFigure, LargeFigure]:
    busy = LargeFigure(decimal(snapshot.cores_busy), f"cores busy of {compact(snapshot.core_count)}")
    python = [each for each in found if each.thread.thread and each.thread.thread.python]
    waiting = sum(each.gil_wait for each in python)
    holds = [each.thread.held_s for each in python if each.thread.held_s]
    if waiting >= LEAST_WAITING and holds:
        return busy, LargeFigure(rounded(max(holds)), "GIL held at a stretch")
    if not python:
        return busy, LargeFigure(UNKNOWN, "threads wait for the GIL")
    return busy, LargeFigure(decimal(waiting), "threads wait for the GIL")
