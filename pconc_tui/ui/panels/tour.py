"""The present step of a tour: what it says, its question in large type, its figures and whether they bear it out."""

from __future__ import annotations

from pconc_tui.tours.walk import Phase, Walk
from pconc_tui.ui.acting_keys import keys_of
from pconc_tui.ui.drawing.digits import large_text
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import (
    BLANK,
    Line,
    add_title,
    flow,
    heading,
    inner_size,
    text,
    width_of,
    wrap_text,
)
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, FROZEN, GOOD, KEY, TEXT
from pconc_tui.ui.hints import hint, pressed
from pconc_tui.ui.key_bindings import TOUR_COMMANDS
from pconc_tui.ui.panels.panel import Frame, Panel
from pconc_tui.ui.tour_net import is_offered


class TourPanel(Panel):
    """A step of a tour, in a box where there is room for one."""

    name = "Tour"
    area = Area.TOUR
    own_keys = keys_of(TOUR_COMMANDS)

    def depends_on(self, frame: Frame) -> object:
        return frame.walk, frame.replay and frame.replay.walk

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        walk = _shown(frame)
        return [] if walk is None else _body(walk, frame.replay is not None, width, height)

    def lines(self, frame: Frame, width: int, height: int) -> list[Line]:
        walk = _shown(frame)
        if walk is None:
            return super().lines(frame, width, height)
        boxed = frame.boxed
        title = heading(walk.step.title, walk.tour.title.partition(":")[0])
        attempt = f"attempt {walk.attempt} · " if walk.attempt > 1 else ""
        place = text(f"{attempt}{walk.index + 1} of {len(walk.tour.steps)}", DIM)
        body = self.body(frame, *inner_size(width, height, boxed))
        return add_title(body, title, place, width, height, boxed, True)


def _shown(frame: Frame) -> Walk | None:
    """The tour; while the recorded run of its step is shown, with the figures of that."""
    return frame.walk and ((frame.replay and frame.replay.walk) or frame.walk)


def _body(walk: Walk, recorded: bool, width: int, height: int) -> list[Line]:
    if walk.phase is Phase.ASKED:
        return _question(walk, width, height)
    content = {Phase.RUNNING: _running, Phase.REVEALED: _revealed, Phase.SKIPPED: _skipped}.get(walk.phase, _saying)
    lines = content(walk, width)
    if walk.phase is Phase.REVEALED and not walk.step.question:
        # Without a question the reveal comes by itself, perhaps before the text has been read.
        said = wrap_text(walk.step.say, width)
        lines = [*said, *lines] if len(said) + len(lines) < height else lines
    if recorded:
        lines = [((" RECORDED ", FROZEN), (" an earlier run of this step; this is not live.", BRIGHT)), *lines]
    lines = lines[: height - 1]
    return [*lines, *[BLANK] * (height - 1 - len(lines)), _hint(walk, recorded, width)]


def _question(walk: Walk, width: int, height: int) -> list[Line]:
    """The question as large as it fits, and its answers."""
    answers = [line for number, answer in enumerate(walk.step.answers, 1) for line in _numbered(number, answer, width)]
    room = height - len(answers) - 2
    asked = large_text(walk.step.question, BRIGHT, width, room)[:room]
    gap = (height - len(asked) - len(answers) - 1) // 2
    lines = [*[BLANK] * gap, *asked, *answers]
    return [*lines, *[BLANK] * (height - 1 - len(lines)), _hint(walk, False, width)]


def _numbered(number: int, answer: str, width: int) -> list[Line]:
    parts = wrap_text(answer, width - 5, BRIGHT)
    lines: list[Line] = [((f" {number}  " if row == 0 else "    ", KEY), *part) for row, part in enumerate(parts)]
    return [pressed(line, str(number)) for line in lines]


def _saying(walk: Walk, width: int) -> list[Line]:
    return wrap_text(walk.step.say or walk.tour.about, width, BRIGHT)


def _running(walk: Walk, width: int) -> list[Line]:
    return [*wrap_text(walk.step.say, width, BRIGHT), *_prediction(walk, width)]


def _skipped(walk: Walk, width: int) -> list[Line]:
    return [text("This step is skipped.", ALERT), *wrap_text(walk.reason, width)]


def _revealed(walk: Walk, width: int) -> list[Line]:
    """The prediction and the figures; where they don't bear the claims out, which, and why."""
    lines = _prediction(walk, width)
    if walk.revealed:
        lines += wrap_text(walk.revealed, width, BRIGHT)
    # What matters most comes first, where the rest may not fit.
    return [*wrap_text(walk.objection, width, ALERT), *lines]


def _prediction(walk: Walk, width: int) -> list[Line]:
    """The locked answer, and once the figures bear one out, whether it was that."""
    step = walk.step
    if not step.question:
        return []
    predicted = step.answers[walk.answer - 1] if walk.answer else "nothing"
    parts: list[Line] = [(("Predicted: ", DIM), (predicted, KEY))]
    if walk.phase is Phase.REVEALED and walk.claims_hold and step.right:
        right = step.answers[step.right - 1]
        parts.append(text("and so it is", GOOD) if walk.answer == step.right else (("it is: ", DIM), (right, GOOD)))
    return flow(parts, width)


def _hint(walk: Walk, recorded: bool, width: int) -> Line:
    """The keys that matter now, what matters most first; a click does the same."""
    on = hint("space", " goes on", shown="Space") if walk.on() else text("This is the last step.", DIM)
    again = [hint("m", " repeats the step")] if walk.run else []
    keys = {
        Phase.ASKED: [
            ((f"1-{len(walk.step.answers)}", KEY), (" answers", DIM)),
            hint("space", " goes on without", shown="Space"),
        ],
        Phase.RUNNING: [hint("S", " stops")],
        Phase.REVEALED: [on, *again] if walk.claims_hold else [*again, on],
    }.get(walk.phase, [on])
    if recorded:
        keys = [on, hint("r", " back to the live run")]
    elif is_offered(walk):
        keys = [hint("r", " shows a recorded run"), *keys]
    keys = [*keys, hint("left", " back"), hint("T", " leaves the tour")]
    waits: Line = (("running … ", DIM),) if walk.phase is Phase.RUNNING else BLANK
    return (*waits, *flow(keys, max(1, width - width_of(waits)), ("  ", TEXT))[0])
