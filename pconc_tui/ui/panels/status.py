"""The two lines at the top: interpreters and cost, then the settings of the next launch or what is in progress."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from pconc_tui.measurement import Progress
from pconc_tui.snapshot import Lab, Snapshot
from pconc_tui.text.glossary import Entry
from pconc_tui.text.numbers import UNKNOWN, cores, duration, percent
from pconc_tui.text.sentences import standstill
from pconc_tui.text.watch_headline import why_none_runs
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import Line, fit, push_apart, text, width_of
from pconc_tui.ui.drawing.palette import ALARM, ALERT, BRIGHT, DIM, FROZEN, GOOD, KEY, TEXT, TROUGH
from pconc_tui.ui.explanations import entry
from pconc_tui.ui.hints import hint
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.panels import next_launch, watched_program
from pconc_tui.ui.panels.panel import Frame, Panel


class StatusPanel(Panel):
    """The two lines at the top."""

    name = "Top lines"
    area = Area.HEAD

    def explained(self, frame: Frame, lines: Sequence[Line], x: int, y: int) -> Entry | None:
        launches = y and frame.latest.program is None
        return super().explained(frame, lines, x, y) or (entry((self.name,), "next") if launches else None)

    def depends_on(self, frame: Frame) -> object:
        return None

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        if frame.latest.program is not None:
            return [labs_line(frame.latest, width), _watching_line(frame, width)]
        return [
            labs_line(frame.latest, width),
            activity_line(frame.latest, None if frame.replay else frame.settings, frame.window.frozen, width),
        ]


def _gil(lab: Lab) -> Line:
    if lab.gil_enabled is None:
        return text(f"GIL {UNKNOWN}", DIM)
    build: Line = text("free-threaded, ", DIM) if lab.free_threaded_build else ()
    if lab.free_threaded_build and lab.gil_enabled:
        return (*build, ("GIL turned on", ALERT))
    return (*build, ("GIL on" if lab.gil_enabled else "GIL off", BRIGHT))


def lab_parts(lab: Lab) -> list[Line]:
    """The parts that describe one lab."""
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


def short_label(labs: list[Lab], with_start_method: bool) -> Line:
    """Labs of one interpreter in a few words, for a line that lists several interpreters."""
    lab = labs[0]
    if lab.state != "ready":
        return lab_parts(lab)[0]
    version = lab.version or UNKNOWN
    methods = " + ".join(each.start_method or UNKNOWN for each in labs)
    start: Line = ((f", {methods}", TEXT),) if with_start_method or len(labs) > 1 else ()
    if lab.free_threaded_build:
        gil = ("GIL turned on", ALERT) if lab.gil_enabled else ("GIL off", BRIGHT)
        return ((f"{version}t ", TEXT), gil if lab.gil_enabled is not None else (f"GIL {UNKNOWN}", DIM), *start)
    return ((f"{version} ", TEXT), *_gil(lab), *start)


def _is_urgent(lab: Lab) -> bool:
    """Whether the lab needs attention, so that it is never left out."""
    return lab.state != "ready" or bool(lab.free_threaded_build and lab.gil_enabled)


def _several(labs: tuple[Lab, ...]) -> Iterator[list[Line]]:
    """Texts for several labs, the longest first: with start methods, without them, then with fewer labs.

    Labs that differ only in their start method are described together.
    """
    groups: dict[tuple[object, ...], list[Lab]] = {}
    for lab in labs:
        groups.setdefault((lab.executable, lab.state, lab.gil_enabled), []).append(lab)
    for with_start_method in (True, False):
        yield [short_label(each, with_start_method) for each in groups.values()]
    urgent_first = sorted(groups.values(), key=lambda each: not _is_urgent(each[0]))
    for count in range(len(urgent_first) - 1, 0, -1):
        left_out = sum(map(len, urgent_first[count:]))
        more: Line = hint("L", f" +{left_out} lab{'' if left_out == 1 else 's'}")
        yield [*(short_label(each, False) for each in urgent_first[:count]), more]


def _descriptions(labs: tuple[Lab, ...]) -> Iterator[list[Line]]:
    """Texts for the labs, the longest first."""
    if len(labs) > 1:
        return _several(labs)
    return iter([[part for lab in labs for part in lab_parts(lab)] or [text("no lab yet", DIM)]])


def labs_line(snapshot: Snapshot, width: int) -> Line:
    """Interpreter, GIL, switch interval and start method of each lab; cores; the CPU time of the app itself."""
    usable = text(cores(snapshot.core_count))
    if snapshot.throttled:
        usable = (*usable, (f", throttled {percent(snapshot.throttled)} %", ALERT))
    cost = percent(snapshot.app_cpu)
    costs: tuple[Line, ...] = (
        (("this app ", DIM), (f"{cost:>3} % ", TEXT)),
        ((f"app {cost:>2} %", TEXT),),
    )
    watched = snapshot.program
    described = _descriptions(snapshot.labs) if watched is None else [watched_program.parts(watched, width)]
    for parts, right in product(described, costs):
        left: Line = ()
        for part in (*parts, usable):
            left = (*left, (" · ", DIM), *part) if left else ((" ", TEXT), *part)
        if width_of(left) + width_of(right) + 2 <= width:
            break
    return push_apart(left, right, width)


def _watching_line(frame: Frame, width: int) -> Line:
    program = frame.figures.program if frame.slow is None else None  # In slow motion there is no headline.
    headline = why_none_runs(program) if program is not None else ""
    if not frame.window.frozen:
        return watched_program.note_line(frame.latest, width, headline)
    badge = ((" FROZEN ", FROZEN), (" ", TEXT), *hint("space", " resumes "))
    room = width - width_of(badge) - 2
    return push_apart(watched_program.note_line(frame.latest, room, headline), badge, width)


def progress_line(progress: Progress, width: int) -> Line:
    """A measurement in progress."""
    left: Line = (
        (" measuring ", GOOD),
        (progress.experiment, BRIGHT),
        (" · ", DIM),
        (progress.model, TEXT),
        (" · ", DIM),
        (progress.phase, TEXT),
        (" ", TEXT),
    )
    figure = f" {percent(min(1.0, progress.fraction)):>3} % "
    room = max(0, min(60, width - width_of(left) - len(figure)))
    filled = min(room, round(progress.fraction * room))
    return (*left, ("█" * filled, GOOD), ("░" * (room - filled), TROUGH), (figure, BRIGHT))


def activity_line(snapshot: Snapshot, settings: LaunchSettings | None, frozen: bool, width: int) -> Line:
    """The most urgent of: a lab that died, waits that stop a run, a measurement, a frozen screen, the settings.

    `settings`: None where nothing can be launched, in a recording.
    """
    for lab in snapshot.labs:
        if lab.state == "dead":
            message = lab.message or "the lab died"
            return fit(
                text(f" {message} · the next launch starts a new lab; the last state stays on screen ", ALARM), width
            )
    waits = [line for found in snapshot.standstills if not found.ends_itself for line in standstill(found)]
    if waits:
        stops = hint("S", " stops ") if settings else ()
        return push_apart(text(f" {' · '.join(waits)}", ALERT), stops, width)
    if snapshot.progress:
        return fit(progress_line(snapshot.progress, width), width)
    if settings is None:
        return fit(next_launch.what_runs(snapshot, width), width)
    if frozen:
        badge = ((" FROZEN ", FROZEN), (" ", TEXT), *hint("space", " resumes "))
        return push_apart(next_launch.line(snapshot, settings, width - width_of(badge) - 2), badge, width)
    return fit(next_launch.line(snapshot, settings, width), width)
