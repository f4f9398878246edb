"""Finds in the histories of one worker, frame by frame, which spans are final, so that each is written once.

A frame's history is that of the frame before, with spans at its end: the newest of them are provisional. Those are held
back as the lane's *tail*, which the frame carries; the others are final, numbered from 0 and written as slices. Rarely
final spans change after all: then the frame carries where the lane is *cut*, and the new ones are written after it.
Old spans may be dropped at the front, and be replaced by one of unknown state (`lead`). Example, with PROVISIONAL = 1:

    history                        slices written          the lane in the frame
    0-4 run, 4-6 wait              0-4 run                 tail 4-6 wait
    0-4 run, 4-9 wait, 9-10 run    4-9 wait                tail 9-10 run
    0-4 run, 4-5 wait, 5-12 run    4-5 wait                cut 1, tail 5-12 run

Other programs show the slices as they were written: where a lane is cut, the old and the new ones overlap. That happens
to sampled lanes only, whose running time is corrected by the worker's CPU clock; their last spans are held back for
longer, so that most corrections come before a slice is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from pconc_tui.protocol.block import State
from pconc_tui.snapshot import Worker
from pconc_tui.timeline.spans import PROVISIONAL, PROVISIONAL_SAMPLED, History, Piece, Span, piece_start_ns


@dataclass(frozen=True)
class LaneFrame:
    """A lane in a frame: beside its final spans."""

    first: int = 0
    """The number of the first span that is kept."""
    lead: tuple[Span, ...] = ()
    """What stands for the spans before that."""
    tail: tuple[Span, ...] = ()
    """What follows the final spans."""


class LaneWriter:
    """One worker's lane as it is written."""

    def __init__(self) -> None:
        self.pid = 0
        """The process under which other programs show it."""
        self.written = 0
        """The number of final spans that have been written."""
        self.lowest = 0
        """The lowest such number since the segment began."""
        self.end_ns = 0
        """The end of the last of them."""
        self.frame = LaneFrame()
        """The lane in the last frame."""
        self._pieces: History = ()
        """The history in the last frame, without the lead."""
        self._last_piece = 0
        """The number of the first span in the last of these pieces."""

    def start_segment(self) -> None:
        """The next frame is a key frame."""
        self.lowest = self.written

    def update(self, worker: Worker) -> tuple[Sequence[Span], int | None]:
        """The spans that are final now, and the number to which the lane was cut before; None: it was not."""
        lead, pieces = _split(worker.history)
        dropped, first = self._dropped(pieces)
        index, number = self._changed_from(pieces, dropped)
        before, now = _flat(self._pieces[index:]), _flat(pieces[index - dropped :])
        cut = None
        if before[: self.written - number] != now[: self.written - number]:
            common = (was == each for was, each in zip(before, now, strict=False))
            cut = self.written = number + next(
                (n for n, same in enumerate(common) if not same), min(len(before), len(now))
            )
            self.lowest = min(self.lowest, cut)
        held = 0 if worker.ended_ns is not None else PROVISIONAL_SAMPLED if worker.sampling else PROVISIONAL
        total = number + len(now)
        written = max(self.written, total - held)
        new = now[self.written - number : written - number]
        if new:
            self.end_ns = new[-1].end_ns
        self.frame = LaneFrame(first, lead, tuple(now[written - number :]))
        self.written = written
        self._pieces, self._last_piece = pieces, total - len(pieces[-1]) if pieces else total
        return new, cut

    def _dropped(self, pieces: History) -> tuple[int, int]:
        """How many pieces of the last history are no longer kept, and the number of the first span that is."""
        first = self.frame.first
        if not pieces or not self._pieces or not pieces[0]:
            return 0, first
        start_ns = piece_start_ns(pieces[0])
        number = first
        for index, piece in enumerate(self._pieces):
            if piece and piece_start_ns(piece) == start_ns:
                return index, number
            number += len(piece)
        return 0, first

    def _changed_from(self, pieces: History, dropped: int) -> tuple[int, int]:
        """The index of the first piece of the last history that may have changed, and the number of its first span.

        Frames share all pieces but the last: where one is the same object, all before it are.
        """
        index, number = len(self._pieces), self._last_piece + (len(self._pieces[-1]) if self._pieces else 0)
        while index > dropped and (
            index - dropped > len(pieces)
            or number > self.written
            or pieces[index - dropped - 1] is not self._pieces[index - 1]
        ):
            index -= 1
            number -= len(self._pieces[index])
        return index, number


def _split(history: History) -> tuple[tuple[Span, ...], History]:
    """What stands for spans that are no longer kept, and the pieces after that."""
    if len(history) > 1 and not isinstance(history[0], Piece):
        first = tuple(history[0])
        if len(first) == 1 and first[0].state is State.UNKNOWN:
            return first, history[1:]
    return (), history


def _flat(pieces: History) -> Sequence[Span]:
    return tuple(pieces[0]) if len(pieces) == 1 else tuple(chain.from_iterable(pieces))
