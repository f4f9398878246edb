"""What the workers share: counters, numbers, dicts, locks, queues, delays. A column for each variant."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pconc_tui.experiments import catalogue, load
from pconc_tui.measurement import Counters
from pconc_tui.models import lab_model
from pconc_tui.snapshot import Snapshot
from pconc_tui.text.glossary import Entry
from pconc_tui.text.headline import Kind
from pconc_tui.text.numbers import UNKNOWN, digits, interpreter_names, short, whole
from pconc_tui.text.sentences import model_and_python, wait
from pconc_tui.ui.drawing import deadlock_lines, delay_lines
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import BLANK, Line, center_block, text, width_of, wrap_text
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, GOOD, TEXT
from pconc_tui.ui.explanations import Explained
from pconc_tui.ui.hints import hint, pressed
from pconc_tui.ui.panels.panel import Frame, TabPanel, rows_from

_LABEL_WIDTH = 10


class CountersPanel(TabPanel):
    """Shared values and their expected values, by experiment."""

    name = "Counters"
    area = Area.BOTTOM

    def has_content(self, snapshot: Snapshot) -> bool:
        experiments = {each.experiment for each in (*snapshot.workers, snapshot.progress) if each}
        return any(map(_has_content, snapshot.counters)) or any(load(id).shares for id in experiments)

    def depends_on(self, frame: Frame) -> object:
        return frame.figures.counters, frame.settings.experiment_id

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        return rows_from(_lines(frame, width, height), self.scroll(frame), height)

    def explained(self, frame: Frame, lines: Sequence[Line], x: int, y: int) -> Entry | None:
        shown = Explained((self.name,), lines)
        return shown.sign_at(x, y) or shown.label_before(y)

    def scroll_limits(self, frame: Frame, width: int, height: int) -> tuple[int, int]:
        return 0, max(0, len(_lines(frame, width, height)) - height)


def _lines(frame: Frame, width: int, height: int) -> list[Line]:
    return lines(frame.figures.counters, frame.settings.experiment_id, width, height)


def _has_content(counters: Counters) -> bool:
    known = (counters.value, counters.plain_num, counters.object, counters.delays, counters.put)
    return any(each is not None for each in known) or bool(counters.waits or counters.deadlock)


def _variants(experiment: str) -> list[str]:
    return next((list(known.variants) for known in catalogue() if known.id == experiment), [])


def groups(counters: tuple[Counters, ...], chosen: str) -> list[list[Counters]]:
    """The counters of each experiment, model and interpreter: the chosen experiment first, then the newest."""
    found: dict[tuple[str, ...], list[Counters]] = {}
    for each in counters:
        if _has_content(each):
            found.setdefault((each.experiment, model_and_python(each), each.python), []).append(each)
    for (experiment, *_), members in found.items():
        variants = _variants(experiment)
        members.sort(key=lambda each: variants.index(each.variant) if each.variant in variants else len(variants))
    return [found[key] for key in sorted(found, key=lambda key: key[0] != chosen)]


def _heading(first: Counters, under: str) -> Line:
    return ((first.experiment, BRIGHT), (f" · {model_and_python(first, under)}", DIM))


def _row(label: str, values: list[Line], column_width: int) -> Line:
    line: Line = text(f"{label:<{_LABEL_WIDTH}}", DIM)
    for value in values:
        line = (*line, (" " * max(1, column_width - width_of(value)), TEXT), *value)
    return line


def _lost(counters: Counters, form: Callable[[float | None], str]) -> Line:
    lost = counters.lost
    if lost is None:
        return text(UNKNOWN, DIM)
    if not counters.final:
        return text(f"~{form(lost)}")
    if not counters.expected or not lost:
        return text(form(lost), GOOD)
    return text(form(lost), ALERT)


def _lost_share(counters: Counters) -> Line:
    if not counters.lost or not counters.expected:
        return text("")
    share = counters.lost / counters.expected * 100
    figure = f"{share:.1f} %" if share >= 0.1 else "< 0.1 %"
    return text(figure, ALERT) if counters.final else text(f"~{figure}")


def _updates(members: list[Counters], width: int) -> list[Line]:
    """A column for each variant."""
    column_width = min(16, (width - _LABEL_WIDTH) // max(3, len(members)))
    most = max(max(member.value or 0, member.expected or 0) for member in members)
    # One format for all: the first that leaves a space between the columns.
    form = next((form for form in (whole, digits) if len(form(most)) < column_width), short)
    return [
        _row("", [text(member.variant, BRIGHT) for member in members], column_width),
        _row("value", [text(form(member.value)) for member in members], column_width),
        _row("expected", [text(form(member.expected)) for member in members], column_width),
        _row("lost", [_lost(member, form) for member in members], column_width),
        _row("", [_lost_share(member) for member in members], column_width),
        _row("", [text("final" if member.final else "counting", DIM) for member in members], column_width),
    ]


def _numbers(members: list[Counters], width: int) -> list[Line]:
    """The plain number beside the shared one, and the plain number's value in each process."""
    column_width = min(16, (width - _LABEL_WIDTH) // max(2, len(members)))
    rows = [
        _row("", [text(member.variant, BRIGHT) for member in members], column_width),
        _row("plain_num", [text(whole(member.plain_num)) for member in members], column_width),
        _row("shared_num", [text(whole(member.value), GOOD) for member in members], column_width),
    ]
    for member in members:
        if member.plain_of:
            values = ", ".join(f"{name} {value}" for name, value in member.plain_of)
            rows += wrap_text(f"plain_num in each process ({member.variant}): {values}", width, DIM)
    return rows


def _objects(members: list[Counters], width: int) -> list[Line]:
    rows: list[Line] = []
    for member in members:
        items = ", ".join(f"{key!r}: {value}" for key, value in (member.object or {}).items())
        rows.append(((f"{member.variant:<{_LABEL_WIDTH}}", BRIGHT), (f"{len(member.object or {})} values", TEXT)))
        rows += wrap_text("{" + items + "}", width)
    return rows


def _waits(members: list[Counters], width: int) -> list[Line]:
    """Which worker waits for which lock; a deadlock is still shown after it has been resolved."""
    rows: list[Line] = []
    for member in members:
        stuck = bool(set(member.deadlock) & set(member.waits))
        if member.deadlock:
            headline = "Deadlock: none of these can continue." if stuck else "Resolved deadlock:"
            rows += wrap_text(headline, width, ALERT if stuck else DIM)
            rows += deadlock_lines.lines(member.deadlock, width, *((BRIGHT, ALERT) if stuck else (DIM, DIM)))
        for each in member.waits:
            if each not in member.deadlock:
                rows += wrap_text(wait(each), width)
        if stuck:
            rows.append((*hint("s", " stops the selected worker, "), *hint("S", " all")))
    return rows


def _queue(members: list[Counters], width: int) -> list[Line]:
    column_width = min(16, (width - _LABEL_WIDTH) // max(2, len(members)))
    return [
        _row("", [text(member.variant, BRIGHT) for member in members], column_width),
        _row("put", [text(whole(member.put)) for member in members], column_width),
        _row("got", [text(whole(member.got)) for member in members], column_width),
        _row("depth", [text(whole(member.depth), GOOD) for member in members], column_width),
        _row("got/s", [text(whole(member.got_per_s)) for member in members], column_width),
    ]


def group_lines(members: list[Counters], under: str, width: int) -> list[Line]:
    """One group; `under` is the name of its interpreter, empty if there is only one."""
    first = members[0]
    sharing = load(first.experiment).sharing.get(lab_model(first.model), "")
    shared = wrap_text(sharing, width, DIM) if sharing else []
    return [_heading(first, under), *values(members, width), *shared]


def of_kind(counters: tuple[Counters, ...], kind: Kind, width: int) -> list[Line]:
    """What the workers of this kind share, a column for each variant; empty if there is nothing."""
    for members in groups(counters, kind.experiment):
        first = members[0]
        if (first.experiment, first.model, first.python) == (kind.experiment, kind.model, kind.python):
            return values(members, width)
    return []


def values(members: list[Counters], width: int) -> list[Line]:
    """What the workers of one group share."""
    if any(member.delays is not None for member in members):
        return [line for member in members for line in delay_lines.lines(member.delays, member.recent_delays, width)]
    if any(member.waits or member.deadlock for member in members):
        return _waits(members, width)
    if any(member.put is not None for member in members):
        return _queue(members, width)
    if any(member.object is not None for member in members):
        return _objects(members, width)
    if any(member.plain_num is not None or member.plain_of for member in members):
        return _numbers(members, width)
    return _updates(members, width)


EMPTY: list[Line] = [
    text("Nothing shared yet.", DIM),
    (*hint("4", " shared dict   "), *hint("5", " shared value")),
    hint("6", " lost updates"),
    (*pressed(text("then ", DIM), "t"), *hint("t"), *pressed(text(" or ", DIM), "m"), *hint("m")),
]


def lines(counters: tuple[Counters, ...], chosen: str, width: int, height: int) -> list[Line]:
    """All groups, or a hint where nothing is shared."""
    shown = groups(counters, chosen)
    if not shown:
        return center_block(EMPTY, width, height)
    under = interpreter_names(members[0].python for members in shown)
    result: list[Line] = []
    for members in shown:
        if result:
            result.append(BLANK)
        result += group_lines(members, under.get(members[0].python, ""), width)
    return result
