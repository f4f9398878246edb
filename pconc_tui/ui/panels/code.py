"""The code's lines: the source that runs, highlighted, and what to watch while it does."""

from __future__ import annotations

from functools import lru_cache

from pconc_tui.experiments import Experiment, load
from pconc_tui.models import lab_model
from pconc_tui.ui.drawing.lines import BLANK, Line, fitted, wrapped
from pconc_tui.ui.drawing.palette import BUILTIN, DIM, FUNCTION, KEY, KEYWORD, LITERAL, TEXT


def plain(id: str) -> tuple[Line, ...]:
    """The source without colours, a line each."""
    return tuple(((line, TEXT),) if line else BLANK for line in load(id).source.splitlines())


@lru_cache(maxsize=64)
def highlighted(id: str) -> tuple[Line, ...]:
    """The highlighted source, a line each. Slow at the first call, which imports Pygments."""
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
    """The source with line numbers, the one of the variant that is on marked."""
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
    return wrapped(experiment.watch, width)


def shares(experiment: Experiment, model: str, width: int) -> list[Line]:
    """What the model's workers share, and what not."""
    sentence = experiment.sharing.get(lab_model(model))
    return wrapped(sentence, width, BUILTIN) if sentence else []


def lines(
    id: str, variant: str, model: str, source: tuple[Line, ...], scrolled: int, width: int, height: int
) -> list[Line]:
    """What stands inside the panel: the code from the variant that is on, under as much of what to watch as fits."""
    experiment = load(id)
    code = [(mark, *line) for mark, _, *line in numbered(id, variant, model, source)]
    first, last = experiment.extent(variant, model)
    told = shares(experiment, model, width)
    heads = ([*watch(experiment, width), *told, BLANK], [*told, BLANK] if told else [], told)
    head = next((head for head in heads if height - len(head) >= min(5, last - first + 1)), [])
    room = height - len(head)
    start = max(0, min(first - 1, len(code) - room) + scrolled)
    while not scrolled and start < first - 1 and not source[start]:
        start += 1
    return [*head, *(fitted(line, width) for line in code[min(start, len(code) - 1) :][:room])]


def everything(id: str, variant: str, model: str, width: int) -> list[Line]:
    """The whole of it, for the overlay, with what the workers of each model share."""
    experiment = load(id)
    told = [
        line
        for name, sentence in experiment.sharing.items()
        for line in wrapped(f"{name}: {sentence}", width, BUILTIN if name == lab_model(model) else DIM)
    ]
    head = [*watch(experiment, width), BLANK, *told, *([BLANK] if told else [])]
    return [*head, *numbered(id, variant, model, highlighted(id))]
