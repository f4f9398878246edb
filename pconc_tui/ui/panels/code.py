"""The source of the chosen experiment, highlighted, and what to watch while it runs."""

from __future__ import annotations

from functools import lru_cache
from itertools import dropwhile

from pconc_tui.experiments import Experiment, load
from pconc_tui.models import lab_model
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import BLANK, Line, heading, width_of, wrap_line, wrap_text
from pconc_tui.ui.drawing.palette import BUILTIN, DIM, FUNCTION, KEY, KEYWORD, LITERAL, TEXT
from pconc_tui.ui.hints import hint
from pconc_tui.ui.panels.panel import Frame, TabPanel, rows_from

MARKS = (("  ", KEY), ("▌ ", KEY))
"""Before a line of the source: none, and that of the chosen variant."""
CONTINUED = 4
"""Columns by which what does not fit in a line is indented further than the line."""


class CodePanel(TabPanel):
    """The source of the chosen variant."""

    name = "Code"
    area = Area.BOTTOM_RIGHT

    def depends_on(self, frame: Frame) -> object:
        return frame.settings, frame.has_snapshot

    def title(self, frame: Frame, width: int, height: int) -> tuple[Line, Line]:
        return heading(self.name, frame.settings.variant), hint("o", " all")

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        settings = frame.settings
        id = settings.experiment_id
        # Highlighting imports Pygments, which would delay the first paint.
        source = highlighted(id) if frame.has_snapshot else plain(id)
        return lines(id, settings.variant, settings.model, source, self.scroll(frame), width, height)

    def scroll_limits(self, frame: Frame, width: int, height: int) -> tuple[int, int]:
        id = frame.settings.experiment_id
        document = _document(id, frame.settings.variant, frame.settings.model, plain(id), width)
        return 0, max(0, len(document) - height)


def _source(id: str) -> str:
    return load(id).source.expandtabs(4)


def plain(id: str) -> tuple[Line, ...]:
    """The lines of the source, without colours."""
    return tuple(((line, TEXT),) if line else BLANK for line in _source(id).splitlines())


def highlighted(id: str) -> tuple[Line, ...]:
    """The lines of the source, highlighted. The first call is slow: it imports Pygments."""
    return _highlighted(_source(id))


@lru_cache(maxsize=64)
def _highlighted(source: str) -> tuple[Line, ...]:
    from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]
    from pygments.token import Comment, Keyword, Name, Number, Operator, String  # type: ignore[import-untyped]

    colours = {
        Keyword: KEYWORD,
        Operator.Word: KEYWORD,
        Name.Function: FUNCTION,
        Name.Class: FUNCTION,
        Name.Builtin: BUILTIN,
        Number: LITERAL,
        String: LITERAL,
        Comment: DIM,
    }
    lines: list[Line] = []
    line: Line = BLANK
    for token, content in PythonLexer().get_tokens(source):
        style = next((colours[part] for part in reversed(token.split()) if part in colours), TEXT)
        first, *others = content.split("\n")
        line = (*line, (first, style)) if first else line
        for other in others:
            lines.append(line)
            line = ((other, style),) if other else BLANK
    return tuple(lines)


def _wrapped(prefix: Line, line: Line, width: int) -> list[Line]:
    """A line of the source, no part of it cut; what does not fit goes on below, indented. A mark is repeated."""
    room = max(8, width - width_of(prefix))
    code = "".join(content for content, _ in line)
    first, *others = wrap_line(line, room, min(len(code) - len(code.lstrip()) + CONTINUED, room // 2))
    mark, *rest = prefix
    blank = (" " * width_of(tuple(rest)), TEXT)
    return [(*prefix, *first), *((mark, blank, *other) for other in others)]


def numbered(id: str, variant: str, model: str, source: tuple[Line, ...], width: int) -> list[Line]:
    """The source with line numbers; the lines of the chosen variant have a mark."""
    first, last = load(id).extent(variant, model)
    digits = len(str(len(source)))
    return [
        part
        for number, line in enumerate(source, 1)
        for part in _wrapped((MARKS[first <= number <= last], (f"{number:>{digits}}  ", DIM)), line, width)
    ]


def watch(experiment: Experiment, width: int) -> list[Line]:
    """What to watch while the experiment runs."""
    return wrap_text(experiment.watch, width)


def shares(experiment: Experiment, model: str, width: int) -> list[Line]:
    """What the model's workers share."""
    sentence = experiment.sharing.get(lab_model(model))
    return wrap_text(sentence, width, BUILTIN) if sentence else []


def lines(
    id: str, variant: str, model: str, source: tuple[Line, ...], scroll: int, width: int, height: int
) -> list[Line]:
    """What to watch, the chosen variant's code, and the rest of the source; scrolled by this many rows."""
    return rows_from(_document(id, variant, model, source, width), scroll, height)


def _document(id: str, variant: str, model: str, source: tuple[Line, ...], width: int) -> list[Line]:
    experiment = load(id)
    notes = [*watch(experiment, width), *shares(experiment, model, width)]
    return [*notes, BLANK, *_chosen_first(source, *experiment.extent(variant, model), width)]


@lru_cache(maxsize=64)
def _chosen_first(source: tuple[Line, ...], first: int, last: int, width: int) -> list[Line]:
    """The source, beginning with these lines of it, which are marked."""
    rest = [*dropwhile(lambda line: not line, (*source[: first - 1], *source[last:]))]
    marked = [(True, line) for line in source[first - 1 : last]]
    code = [*marked, *((False, line) for line in ([BLANK, *rest] if rest else []))]
    return [part for is_chosen, line in code for part in _wrapped((MARKS[is_chosen],), line, width)]


def everything(id: str, variant: str, model: str, width: int) -> list[Line]:
    """The whole source, what to watch, and what the workers of each model share."""
    experiment = load(id)
    sharing = [
        line
        for name, sentence in experiment.sharing.items()
        for line in wrap_text(f"{name}: {sentence}", width, BUILTIN if name == lab_model(model) else DIM)
    ]
    head = [*watch(experiment, width), BLANK, *sharing, *([BLANK] if sharing else [])]
    return [*head, *numbered(id, variant, model, highlighted(id), width)]
