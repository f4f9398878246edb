"""The two lines at the top: what runs it all, and what has been chosen or is going on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from pconc_tui.models import model_label
from pconc_tui.snapshot import Lab, Progress, Snapshot
from pconc_tui.text.numbers import UNKNOWN, cores, duration, percent
from pconc_tui.ui.drawing.lines import Line, fitted, plain, spread, text, width_of
from pconc_tui.ui.drawing.palette import ALARM, ALERT, BRIGHT, DIM, FROZEN, GOOD, KEY, TEXT, TROUGH
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.panels.timeline import HINT


def _gil(lab: Lab) -> Line:
    if lab.gil_enabled is None:
        return text(f"GIL {UNKNOWN}", DIM)
    build: Line = text("free-threaded, ", DIM) if lab.free_threaded_build else ()
    if lab.free_threaded_build and lab.gil_enabled:
        return (*build, ("GIL turned on", ALERT))
    return (*build, ("GIL on" if lab.gil_enabled else "GIL off", BRIGHT))


def interpreter(lab: Lab) -> list[Line]:
    """A lab in parts."""
    if lab.state == "dead":
        return [text(" lab dead ", ALARM)]
    if lab.state == "starting":
        return [text("lab starting", KEY)]
    switch = UNKNOWN if lab.switch_interval_s is None else duration(lab.switch_interval_s)
    return [
        text(f"CPython {lab.version or UNKNOWN}", BRIGHT),
        _gil(lab),
        (("switch ", DIM), (switch, TEXT)),
        text(lab.start_method or UNKNOWN, TEXT),
    ]


def beside(labs: list[Lab], methods: bool) -> Line:
    """Labs of one interpreter in a few words, where there are others; how they start processes, if there is room."""
    lab = labs[0]
    if lab.state != "ready":
        return interpreter(lab)[0]
    version = lab.version or UNKNOWN
    how = " + ".join(each.start_method or UNKNOWN for each in labs)
    start: Line = ((f", {how}", TEXT),) if methods or len(labs) > 1 else ()
    if lab.free_threaded_build:
        off = ("GIL turned on", ALERT) if lab.gil_enabled else ("GIL off", BRIGHT)
        return ((f"{version}t ", TEXT), off if lab.gil_enabled is not None else (f"GIL {UNKNOWN}", DIM), *start)
    return ((f"{version} ", TEXT), *_gil(lab), *start)


def _urgent(lab: Lab) -> bool:
    """Whether it is not as one would expect, so that it must be seen."""
    return lab.state != "ready" or bool(lab.free_threaded_build and lab.gil_enabled)


def _several(labs: tuple[Lab, ...]) -> Iterator[list[Line]]:
    """All labs, those that differ only in their start methods together, in ever fewer words; then ever fewer labs."""
    alike: dict[tuple[object, ...], list[Lab]] = {}
    for lab in labs:
        alike.setdefault((lab.executable, lab.state, lab.gil_enabled), []).append(lab)
    for methods in (True, False):
        yield [beside(each, methods) for each in alike.values()]
    urgent_first = sorted(alike.values(), key=lambda each: not _urgent(each[0]))
    for count in range(len(urgent_first) - 1, 0, -1):
        left_out = sum(map(len, urgent_first[count:]))
        more: Line = (("L", KEY), (f" +{left_out} lab{'' if left_out == 1 else 's'}", DIM))
        yield [*(beside(each, False) for each in urgent_first[:count]), more]


def _told(labs: tuple[Lab, ...]) -> Iterator[list[Line]]:
    """What can be said of the labs, the most first."""
    if len(labs) > 1:
        return _several(labs)
    return iter([[part for lab in labs for part in interpreter(lab)] or [text("no lab yet", DIM)]])


def status(snapshot: Snapshot, width: int) -> Line:
    """Each lab's interpreter and GIL; switch interval, start method, cores, what this program itself costs."""
    usable = text(cores(snapshot.core_count))
    if snapshot.throttled:
        usable = (*usable, (f", throttled {percent(snapshot.throttled)} %", ALERT))
    cost = percent(snapshot.app_cpu)
    costs: tuple[Line, ...] = (
        (("this app ", DIM), (f"{cost:>3} % ", TEXT)),
        ((f"app {cost:>2} %", TEXT),),
    )
    for parts, right in product(_told(snapshot.labs), costs):
        left: Line = ()
        for part in (*parts, usable):
            left = (*left, (" · ", DIM), *part) if left else ((" ", TEXT), *part)
        if width_of(left) + width_of(right) + 2 <= width:
            break
    return spread(left, right, width)


def chosen(choices: LaunchSettings, width: int) -> Line:
    """What the next launch runs."""
    experiment = choices.experiment
    line: Line = (
        (f" {experiment.key} ", KEY),
        (experiment.id, BRIGHT),
        (" · ", DIM),
        (choices.variant, TEXT),
        (" · ", DIM),
        (model_label(choices.model, choices.asked_method), TEXT),
        *(((" · ", DIM), (f"Python {choices.runner.short}", TEXT)) if choices.python else ()),
        (" · ", DIM),
        (f"{choices.workers} worker{'' if choices.workers == 1 else 's'}", TEXT),
    )
    return line


def progress(under_way: Progress, width: int) -> Line:
    """A measurement under way."""
    left: Line = (
        (" measuring ", GOOD),
        (under_way.experiment, BRIGHT),
        (" · ", DIM),
        (under_way.model, TEXT),
        (" · ", DIM),
        (under_way.phase, TEXT),
        (" ", TEXT),
    )
    figure = f" {percent(min(1.0, under_way.fraction)):>3} % "
    room = max(0, min(60, width - width_of(left) - len(figure)))
    filled = min(room, round(under_way.fraction * room))
    return (*left, ("█" * filled, GOOD), ("░" * (room - filled), TROUGH), (figure, BRIGHT))


def bench(snapshot: Snapshot, choices: LaunchSettings, frozen: bool, width: int) -> Line:
    """The most urgent of: the lab died, a measurement is under way, the picture is frozen, what has been chosen."""
    for lab in snapshot.labs:
        if lab.state == "dead":
            message = plain(lab.message or "the lab died")
            return fitted(text(f" {message} · the last picture stays; the next launch starts a new lab ", ALARM), width)
    left = chosen(choices, width)
    if snapshot.progress:
        going = progress(snapshot.progress, width)
        return fitted(going, width)
    if frozen:
        return spread(left, ((" FROZEN ", FROZEN), (" space", KEY), (" goes on ", DIM)), width)
    if not snapshot.workers:
        hint = (*HINT, (" ", TEXT))
        return spread(left, hint, width)
    return spread(left, text(f"{choices.experiment.title} ", DIM), width)
