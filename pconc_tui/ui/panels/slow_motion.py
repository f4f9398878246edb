"""Slow motion: lanes around one moment, what happens now in words, and the steps before and after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from pconc_tui.protocol.block import State
from pconc_tui.text.glossary import STATES, Entry
from pconc_tui.text.step_sentences import Names, brief, present, sentence, short
from pconc_tui.timeline.steps import Kind, Scene, Step
from pconc_tui.ui.drawing.digits import SIZES, large_text
from pconc_tui.ui.drawing.lane_layout import LaneLayout, lane_layout
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.legend import legend
from pconc_tui.ui.drawing.lines import BLANK, Line, Run, heading, text, width_of, wrap_text
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, FROZEN, STATE_STYLES, TEXT, TOKEN
from pconc_tui.ui.drawing.slow_motion import SlowMotion
from pconc_tui.ui.drawing.slow_picture import INFERRED, MEASURED, MOMENT, Picture
from pconc_tui.ui.explanations import character_at, entry
from pconc_tui.ui.panels.panel import Frame, TitledPanel

FRESH_S, TOGETHER_S = 1.2, 0.5
"""How long what has happened stays in the sentence, and between what is said together; in seconds on the screen."""
SAID_ROWS = 2
LARGE_SHARE = 40
"""Per cent of the rows that large type takes in the projector mode."""
LARGE_SIZES = SIZES[1:]
"""Sizes of large type: it does not become larger where a sentence is short, so that it doesn't jump."""
LEAST_LIST, WITH_LIST = 4, 28
"""The least rows of the list of steps, and from which height of the panel on there is one."""
BESIDE, IN_WORDS = "beside a lane", "in words"
"""Signs of the glossary."""


class SlowMotionPanel(TitledPanel):
    """What happens in the lanes, slowly."""

    name = "Slow motion"
    topics = ("States",)
    area = Area.SLOW_MOTION

    def depends_on(self, frame: Frame) -> object:
        slow = frame.slow
        return slow and (slow.position_ns, slow.slowness, slow.paused, slow.snapshot.now_ns, frame.selection)

    def title(self, frame: Frame, width: int, height: int) -> tuple[Line, Line]:
        slow = frame.slow
        if slow is None:
            return heading(self.name), BLANK
        gils = len(slow.scene.turns)
        left = heading(self.name, slow.speed, *(["no GIL"] if not gils else [f"{gils} GILs"] if gils > 1 else []))
        mark = "the end" if slow.is_over else "paused" if slow.paused else ""
        left = (*left, (" · ", DIM), (f" {mark} ", FROZEN)) if mark else left
        return left, text(f"{(slow.position_ns - slow.began_ns) / 1e6:,.1f} ms after the first launch", DIM)

    def has_focus(self, frame: Frame) -> bool:
        return True

    def explained(self, frame: Frame, lines: Sequence[Line], x: int, y: int) -> Entry | None:
        content = "".join(run for run, _ in lines[y])
        if y == 0 or "╵" in content or INFERRED in content or MEASURED in content:
            found = super().explained(frame, lines, x, y)
            if found is not None:
                return found
        glyph = character_at(lines[y], x)
        if MOMENT in content:
            words = (style.word for style in STATE_STYLES.values() if style.glyph == glyph != " ")
            sign = next(words, glyph if x > content.index(MOMENT) // 3 else BESIDE)
            return entry((STATES.name, self.name), sign) or entry((self.name,), BESIDE)
        return entry((self.name,), IN_WORDS)

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        if frame.slow is None:
            return []
        place = frame.selection.place(frame.slow.snapshot.workers)
        return lines(frame.slow, place, frame.projector, width, height)


def lines(slow: SlowMotion, selected: int, projector: bool, width: int, height: int) -> list[Line]:
    """The sentence, the lanes with axis and legend, and the steps; in the projector mode what happens in large type."""
    names = _names(slow)
    said = _wrapped(said_now(slow, names, SAID_ROWS * width), width)
    room = height - SAID_ROWS - 3
    least = room * LARGE_SHARE // 100 if projector else LEAST_LIST if height >= WITH_LIST else 0
    layout = _layout(slow, selected, room - least, projector)
    picture = Picture(slow, layout, width)
    drawn = [*picture.lines(), picture.axis(), _legend(slow, width)]
    top = [*said, *[BLANK] * (SAID_ROWS - len(said)), *drawn]
    left = height - len(top)
    if projector:
        return [*top, BLANK, *_large(slow, names, width, left - 1)]
    if left <= LEAST_LIST:
        return top
    last = slow.scene.step_before(slow.position_ns)
    return [*top, BLANK, *_steps(slow.scene, slow.began_ns, last, (*names.items(),), width, left - 1)]


def _names(slow: SlowMotion) -> dict[int, str]:
    """The workers' names, with the role of one that is the only one in it."""
    workers = slow.snapshot.workers
    roles = Counter(worker.role for worker in workers)
    return {
        each.id: f"{each.name} ({each.role})" if each.role and roles[each.role] == 1 else each.name for each in workers
    }


def _layout(slow: SlowMotion, selected: int, rows: int, projector: bool) -> LaneLayout:
    """The lanes; where not all fit, the page of them on which the GIL is held."""
    count = len(slow.snapshot.workers)
    shown = lane_layout(count, 0, rows, projector)
    if shown.count < count:
        gils = [*slow.scene.turns]
        turn = slow.scene.turn_at(gils[0], slow.position_ns) if len(gils) == 1 else None
        ids = [worker.id for worker in slow.snapshot.workers]
        place = ids.index(turn.worker) if turn else selected
        shown = lane_layout(count, place // shown.count * shown.count + shown.count // 2, rows, projector)
    # An odd number of rows, so that token and label stand in the middle.
    return replace(shown, height=min(shown.height - (shown.height % 2 == 0), 5 if projector else 3))


def recent(slow: SlowMotion) -> list[Step]:
    """What has just happened: the last step, if it is fresh, and those that came shortly before it."""
    found: list[Step] = []
    limit_s, at_ns = FRESH_S, slow.position_ns
    for step in reversed(slow.scene.steps[: slow.scene.step_before(slow.position_ns) + 1]):
        if (at_ns - step.time_ns) * slow.slowness / 1e9 > limit_s:
            break
        if step.kind in (Kind.LOSES_CORE, Kind.GETS_CORE):
            continue  # There may be many of them, and the lanes show them.
        found.insert(0, step)
        limit_s, at_ns = TOGETHER_S, step.time_ns
    return found


def said_now(slow: SlowMotion, names: Names, room: int) -> str:
    """What happens now, in as many sentences as there is room for, the newest last; else what all do."""
    said = ""
    for step in reversed(recent(slow)):
        longer = f"{sentence(step, names, slow.scene)} {said}".strip()
        if said and len(longer) > room - 10:
            break
        said = longer
    return said or present(slow.scene, slow.position_ns, names)


def _large(slow: SlowMotion, names: Names, width: int, rows: int) -> Sequence[Line]:
    found = recent(slow)
    return _in_large_type(short(found[-1], names) if found else brief(slow.scene, slow.position_ns, names), width, rows)


# What changes with each step only, and not with each frame, is kept.


@lru_cache(maxsize=8)
def _wrapped(said: str, width: int) -> Sequence[Line]:
    return wrap_text(said, width, BRIGHT)[:SAID_ROWS]


@lru_cache(maxsize=8)
def _in_large_type(said: str, width: int, rows: int) -> Sequence[Line]:
    return large_text(said, BRIGHT, width, rows, LARGE_SIZES)[:rows]


@lru_cache(maxsize=4)
def _steps(
    scene: Scene, began_ns: int, last: int, names: tuple[tuple[int, str], ...], width: int, rows: int
) -> Sequence[Line]:
    """The steps of the scene around the last that happened, which is marked; what comes is dim."""
    name = dict(names)
    steps = scene.steps
    first = max(0, last - rows * 2 // 3)
    found: list[Line] = []
    for index in range(first, min(len(steps), first + rows)):
        step = steps[index]
        style = BRIGHT if index == last else TEXT if index < last else DIM
        mark = "▸" if index == last else " "
        line: Line = (
            (f"{_when(began_ns, step):>12} ms {mark} ", style),
            _sign(step, index <= last),
            (f" {sentence(step, name, scene)}", style),
        )
        basis = "" if step.measured else "  inferred from CPython's rule"
        found.append((*line, (basis, DIM)) if width_of(line) + len(basis) <= width else line)
    return found


def _sign(step: Step, past: bool) -> Run:
    """The glyph of what comes next for the worker."""
    if step.kind is Kind.ASKS:
        return MEASURED if step.measured else INFERRED, ALERT if past else DIM
    state = {
        Kind.RELEASES: State.GIL_WAIT,
        Kind.BLOCKS: step.state or State.IO,
        Kind.UNBLOCKS: State.GIL_WAIT,
        Kind.LOSES_CORE: State.CORE_WAIT,
        Kind.ENDS: State.ENDED,
    }.get(step.kind, State.RUNNING)
    style = STATE_STYLES[state]
    return style.glyph, style.style if past else style.faded


def _legend(slow: SlowMotion, width: int) -> Line:
    """Token, request, then the states as far as there is room."""
    own: Line = ()
    if slow.scene.turns:
        measured = any(lane.requests_ns is not None for lane in slow.scene.lanes)
        asks = f"{MEASURED if measured else INFERRED}", ALERT
        own = (
            (" GIL ", TOKEN),
            (" holds it  ", DIM),
            asks,
            (" asks" if measured else " asks, inferred", DIM),
            ("  ", DIM),
        )
    return (*own, *legend(width - width_of(own), slow.snapshot.workers))


def _when(began_ns: int, step: Step) -> str:
    """Milliseconds since the first launch, as exactly as they are known."""
    since_ms = (step.time_ns - began_ns) / 1e6
    return f"{since_ms:,.2f}" if step.exact else f"≈ {since_ms:,.0f}"
