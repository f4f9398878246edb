"""The counters' lines: what the workers share and what came of it, the variants side by side."""

from __future__ import annotations

from collections.abc import Callable

from pconc_tui.experiments import catalogue, load
from pconc_tui.models import lab_model
from pconc_tui.snapshot import Counters
from pconc_tui.text.numbers import UNKNOWN, digits, interpreter_names, short, whole
from pconc_tui.text.sentences import model_and_python, wait
from pconc_tui.ui.drawing.lines import BLANK, Line, middle, plain, text, wrapped
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, GOOD, KEY, TEXT
from pconc_tui.ui.panels import delays

_LABEL = 10


def _shown(counters: Counters) -> bool:
    known = (counters.value, counters.plain_num, counters.object, counters.delays, counters.put)
    return any(each is not None for each in known) or bool(counters.waits or counters.deadlock)


def _order(experiment: str) -> list[str]:
    return next((list(known.variants) for known in catalogue() if known.id == experiment), [])


def groups(counters: tuple[Counters, ...], chosen: str) -> list[list[Counters]]:
    """By experiment, model and lab, the chosen experiment first, then the newest; the variants in their own order."""
    found: dict[tuple[str, ...], list[Counters]] = {}
    for each in counters:
        if _shown(each):
            found.setdefault((each.experiment, model_and_python(each), each.python), []).append(each)
    for (experiment, *_), members in found.items():
        order = _order(experiment)
        members.sort(key=lambda each: order.index(each.variant) if each.variant in order else len(order))
    return [found[key] for key in sorted(found, key=lambda key: key[0] != chosen)]


def _heading(first: Counters, under: str) -> Line:
    return ((first.experiment, BRIGHT), (f" · {model_and_python(first, under)}", DIM))


def _columns(label: str, values: list[Line], each: int) -> Line:
    line: Line = text(f"{label:<{_LABEL}}", DIM)
    for value in values:
        size = sum(len(content) for content, _ in value)
        line = (*line, (" " * max(1, each - size), TEXT), *value)
    return line


def _lost(counters: Counters, form: Callable[[float | None], str]) -> Line:
    lost = counters.lost
    if lost is None:
        return text(UNKNOWN, DIM)
    if not counters.final:
        # The figures trail the workers by up to a round each, so this may be nothing but a delay.
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
    """A column a variant, so that they stand side by side."""
    each = min(16, (width - _LABEL) // max(3, len(members)))
    most = max(max(member.value or 0, member.expected or 0) for member in members)
    # All of them in one form: the fullest that leaves a space between the columns.
    form = next((form for form in (whole, digits) if len(form(most)) < each), short)
    return [
        _columns("", [text(member.variant, BRIGHT) for member in members], each),
        _columns("value", [text(form(member.value)) for member in members], each),
        _columns("expected", [text(form(member.expected)) for member in members], each),
        _columns("lost", [_lost(member, form) for member in members], each),
        _columns("", [_lost_share(member) for member in members], each),
        _columns("", [text("final" if member.final else "counting", DIM) for member in members], each),
    ]


def _numbers(members: list[Counters], width: int) -> list[Line]:
    """The plain number beside the shared one, and what each process believes."""
    each = min(16, (width - _LABEL) // max(2, len(members)))
    rows = [
        _columns("", [text(member.variant, BRIGHT) for member in members], each),
        _columns("plain_num", [text(whole(member.plain_num)) for member in members], each),
        _columns("shared_num", [text(whole(member.value), GOOD) for member in members], each),
    ]
    for member in members:
        if member.plain_of:
            beliefs = ", ".join(f"{name} {value}" for name, value in member.plain_of)
            rows += wrapped(f"each believes plain_num to be ({member.variant}): {beliefs}", width, DIM)
    return rows


def _objects(members: list[Counters], width: int) -> list[Line]:
    rows: list[Line] = []
    for member in members:
        items = ", ".join(f"{key!r}: {value}" for key, value in (member.object or {}).items())
        rows.append(((f"{member.variant:<{_LABEL}}", BRIGHT), (f"{len(member.object or {})} values", TEXT)))
        rows += wrapped(plain("{" + items + "}"), width, TEXT)
    return rows


def _waits(members: list[Counters], width: int) -> list[Line]:
    """Who waits for whom; a deadlock stays in sight when it has been resolved."""
    rows: list[Line] = []
    for member in members:
        stuck = bool(set(member.deadlock) & set(member.waits))
        if member.deadlock:
            told = "Deadlock: none of these can go on." if stuck else "There was a deadlock:"
            rows += wrapped(told, width, ALERT if stuck else DIM)
        shown = member.waits if stuck or not member.deadlock else member.deadlock
        for each in shown:
            rows += wrapped(plain(wait(each)), width, BRIGHT if each in member.deadlock and stuck else TEXT)
        if stuck:
            rows.append((("s", KEY), (" stops the selected worker, ", DIM), ("S", KEY), (" all", DIM)))
    return rows


def _queue(members: list[Counters], width: int) -> list[Line]:
    each = min(16, (width - _LABEL) // max(2, len(members)))
    return [
        _columns("", [text(member.variant, BRIGHT) for member in members], each),
        _columns("put", [text(whole(member.put)) for member in members], each),
        _columns("got", [text(whole(member.got)) for member in members], each),
        _columns("depth", [text(whole(member.depth), GOOD) for member in members], each),
        _columns("got/s", [text(whole(member.got_per_s)) for member in members], each),
    ]


def group_lines(members: list[Counters], under: str, width: int) -> list[Line]:
    if any(member.delays is not None for member in members):
        body = [line for member in members for line in delays.lines(member.delays, member.recent_delays, width)]
    elif any(member.waits or member.deadlock for member in members):
        body = _waits(members, width)
    elif any(member.put is not None for member in members):
        body = _queue(members, width)
    elif any(member.object is not None for member in members):
        body = _objects(members, width)
    elif any(member.plain_num is not None or member.plain_of for member in members):
        body = _numbers(members, width)
    else:
        body = _updates(members, width)
    first = members[0]
    sharing = load(first.experiment).sharing.get(lab_model(first.model), "")
    return [_heading(first, under), *body, *(wrapped(sharing, width, DIM) if sharing else [])]


EMPTY: list[Line] = [
    text("Nothing shared yet.", DIM),
    (("6", KEY), (" lost updates   ", DIM), ("4", KEY), (" shared dict   ", DIM), ("5", KEY), (" shared value", DIM)),
    (("then ", DIM), ("t", KEY), (" or ", DIM), ("m", KEY)),
]


def lines(counters: tuple[Counters, ...], chosen: str, width: int, height: int) -> list[Line]:
    """What stands inside the panel."""
    shown = groups(counters, chosen)
    if not shown:
        return middle(EMPTY, width, height)
    under = interpreter_names(members[0].python for members in shown)
    result: list[Line] = []
    for members in shown:
        if result:
            result.append(BLANK)
        result += group_lines(members, under.get(members[0].python, ""), width)
    return result
