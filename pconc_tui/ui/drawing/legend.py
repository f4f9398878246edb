"""The legend of the lanes: the glyphs and words of the states, of sampled lanes and of mixed cells. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from rich.style import Style

from pconc_tui.protocol.block import State
from pconc_tui.protocol.lane_source import Source
from pconc_tui.snapshot import Worker
from pconc_tui.text.numbers import whole
from pconc_tui.timeline.spans import TIMED
from pconc_tui.ui.drawing.lines import BLANK, Line, width_of
from pconc_tui.ui.drawing.palette import DIM, GREEN, LEGEND, STATE_STYLES, TEXT

SAMPLED_MARK = "*"
"""Behind the name of a lane that was sampled, all or in part; the legend explains it."""
FINER = (State.RELEASED, State.BLOCKED_WITH_GIL)
MIN_SHARE = 0.01
"""The legend has these finer states if they are more than this share of a worker's life."""
MIXED = ("▄", Style(color=GREEN, bgcolor=STATE_STYLES[State.GIL_WAIT].tint))
"""The legend's glyph for cells in which the order of the states is unknown."""
MIN_MIXED_SHARE = 0.01
"""The legend explains mixed cells if they are more than this share of a worker's life."""
WAITING_FOR = "waiting for "
"""How three states begin: written once for all of them where the legend is narrow."""


def is_sampled(worker: Worker) -> bool:
    """Whether what the worker's lane shows was sampled, all or in part."""
    return worker.source in (Source.SAMPLED, Source.KERNEL_SAMPLED)


def sources(workers: Sequence[Worker]) -> str:
    """Where the lanes come from: `kernel`, `reported, sampled`; empty: not known yet."""
    return ", ".join(source.value for source in Source if any(worker.source == source for worker in workers))


def _is_mixed(worker: Worker) -> bool:
    return worker.sampling is not None and worker.sampling.mixed_s > MIN_MIXED_SHARE * worker.total.wall


def legend(width: int, workers: tuple[Worker, ...] = ()) -> Line:
    """Glyphs and words of the states, and of sampled lanes and mixed cells if there are any; fewer where narrow."""
    return _line(
        width,
        *_sampled_words(workers),
        any(map(_is_mixed, workers)),
        tuple(
            state
            for state in FINER
            if any(getattr(each.total, TIMED[state]) > MIN_SHARE * each.total.wall for each in workers)
        ),
        any(each.source == Source.KERNEL and each.total.gil_wait for each in workers),
        # Where all don't fit, those go first that no worker has been in.
        tuple(
            state
            for state in LEGEND[:-1]
            if state in LEGEND[:2] or any(getattr(each.total, TIMED[state]) for each in workers)
        ),
    )


@lru_cache(maxsize=64)
def _line(
    width: int,
    with_rate: str,
    without_rate: str,
    is_mixed: bool,
    finer: tuple[State, ...],
    asks: bool,
    used: tuple[State, ...],
) -> Line:
    """The legend of this: what it says of sampled lanes, long and short, and which states it explains."""
    mixed: tuple[Line, ...] = ((MIXED, (" mixed", DIM)),) if is_mixed else ()
    few = tuple(_state_parts(finer, False))
    all_finer = (*few, *_state_parts((State.ASKING,) if asks else (), False))
    some = LEGEND[:-1]
    going = [*(state for state in reversed(some) if state not in used), *reversed(used)]
    fewer = (tuple(state for state in some if state not in going[:count]) for count in range(1, len(going)))
    line: Line = BLANK
    for grouped, states, sampled, more, gap in (
        (False, LEGEND, with_rate, all_finer, 3),
        (False, some, with_rate, all_finer, 3),
        (True, LEGEND, with_rate, all_finer, 2),
        (True, some, with_rate, all_finer, 2),
        (True, some, without_rate, few, 2),
        *((True, states, without_rate, few, 2) for states in fewer),
    ):
        first: tuple[Line, ...] = (((SAMPLED_MARK, TEXT), (f" {sampled}", DIM)),) if sampled else ()
        line = _joined((*first, *_state_parts(states, grouped), *more, *mixed), gap)
        if width_of(line) <= width:
            break
    return line


def _state_parts(states: tuple[State, ...], grouped: bool) -> Iterator[Line]:
    """A part for each state; with `waiting for` only before the first of its group where they are grouped."""
    waits = False
    for state in states:
        style = STATE_STYLES[state]
        glyph, word = (style.glyph, style.style), style.word
        if grouped and word.startswith(WAITING_FOR):
            word = word.removeprefix(WAITING_FOR)
            yield (glyph, (f" {word}", DIM)) if waits else ((WAITING_FOR, DIM), glyph, (f" {word}", DIM))
            waits = True
        else:
            yield glyph, (f" {word}", DIM)


def _joined(parts: Iterable[Line], gap: int) -> Line:
    line: Line = BLANK
    for part in parts:
        line = (*line, (" " * gap, DIM), *part) if line else part
    return line


def _sampled_words(workers: tuple[Worker, ...]) -> tuple[str, str]:
    """What the legend says about sampled lanes, with and without the mean rate; empty if there are none."""
    if any(worker.source == Source.KERNEL_SAMPLED for worker in workers):
        return "waits sampled", "waits sampled"
    samplings = [worker.sampling for worker in workers if worker.sampling is not None and is_sampled(worker)]
    if not samplings:
        return "", ""
    rates_hz = [each.rate_hz for each in samplings if each.rate_hz]
    return (f"sampled {whole(sum(rates_hz) / len(rates_hz))}/s" if rates_hz else "sampled", "sampled")
