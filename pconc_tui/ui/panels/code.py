"""The source of the chosen experiment, highlighted, and what to watch while it runs."""

from __future__ import annotations

from functools import lru_cache

from pconc_tui.experiments import Experiment, load
from pconc_tui.models import lab_model
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import BLANK, Line, fit, heading, wrap_text
from pconc_tui.ui.drawing.palette import BUILTIN, DIM, FUNCTION, KEY, KEYWORD, LITERAL, TEXT
from pconc_tui.ui.hints import hint
from pconc_tui.ui.panels.panel import Frame, TabPanel


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
        settings = frame.settings
        source = plain(settings.experiment_id)
        _, start, room = _parts(settings.experiment_id, settings.variant, settings.model, source, width, height)
        return -start, max(0, len(source) - room - start)


def plain(id: str) -> tuple[Line, ...]:
    """The lines of the source, without colours."""
    return tuple(((line, TEXT),) if line else BLANK for line in load(id).source.splitlines())


@lru_cache(maxsize=64)
def highlighted(id: str) -> tuple[Line, ...]:
    """The lines of the source, highlighted. The first call is slow: it imports Pygments."""
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
    for token, content in PythonLexer().get_tokens(load(id).source):
        style = next((colours[part] for part in reversed(token.split()) if part in colours), TEXT)
        first, *others = content.split("\n")
        line = (*line, (first, style)) if first else line
        for other in others:
            lines.append(line)
            line = ((other, style),) if other else BLANK
    return tuple(lines)


@lru_cache(maxsize=64)
def numbered(id: str, variant: str, model: str, source: tuple[Line, ...]) -> list[Line]:
    """The source with line numbers; the lines of the chosen variant have a mark."""
    first, last = load(id).extent(variant, model)
    return [
        (
            ("▌ " if first <= number <= last else "  ", KEY),
            (f"{number:>2}  ", DIM),
            *line,
        )
        for number, line in enumerate(source, 1)
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
    """The source from the chosen variant on, below as much of what to watch as fits."""
    head, start, room = _parts(id, variant, model, source, width, height)
    code = [(mark, *line) for mark, _, *line in numbered(id, variant, model, source)][max(0, start + scroll) :]
    return [*head, *(fit(line, width) for line in code[:room])]


def _parts(
    id: str, variant: str, model: str, source: tuple[Line, ...], width: int, height: int
) -> tuple[list[Line], int, int]:
    """What to watch, the index of the line of the source at which the chosen variant is in sight, and the rows left."""
    experiment = load(id)
    first, last = experiment.extent(variant, model)
    sharing = shares(experiment, model, width)
    heads = ([*watch(experiment, width), *sharing, BLANK], [*sharing, BLANK] if sharing else [], sharing)
    head = next((head for head in heads if height - len(head) >= min(5, last - first + 1)), [])
    room = height - len(head)
    start = max(0, min(first - 1, len(source) - room))
    while start < first - 1 and not source[start]:
        start += 1
    return head, start, room


def everything(id: str, variant: str, model: str, width: int) -> list[Line]:
    """The whole source, what to watch, and what the workers of each model share."""
    experiment = load(id)
    sharing = [
        line
        for name, sentence in experiment.sharing.items()
        for line in wrap_text(f"{name}: {sentence}", width, BUILTIN if name == lab_model(model) else DIM)
    ]
    head = [*watch(experiment, width), BLANK, *sharing, *([BLANK] if sharing else [])]
    return [*head, *numbered(id, variant, model, highlighted(id))]
