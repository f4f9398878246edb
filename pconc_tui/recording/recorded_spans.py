"""Final spans of a recording that are read when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import overload

from pconc_tui.protocol.block import State
from pconc_tui.timeline.spans import PackedSpans, Piece, Span


class RecordedSpans(Piece):
    """The spans of a lane that one segment has; of unknown state where it is damaged."""

    __slots__ = ("_load", "_loaded", "end_ns", "start_ns")
    start_ns: int
    end_ns: int

    def __init__(self, start_ns: int, end_ns: int, load: Callable[[], Sequence[Span]]) -> None:
        """`load` reads the spans from `start_ns` to `end_ns`."""
        self.start_ns, self.end_ns = start_ns, end_ns
        self._load: Callable[[], Sequence[Span]] | None = load
        self._loaded: PackedSpans | None = None

    def _spans(self) -> PackedSpans:
        if self._loaded is None:
            assert self._load is not None
            spans, self._load = self._load(), None
            if not self._is_covered_by(spans):
                spans = [Span(self.start_ns, self.end_ns, State.UNKNOWN)]
            self._loaded = PackedSpans(spans)
        return self._loaded

    def _is_covered_by(self, spans: Sequence[Span]) -> bool:
        ends_ns = [self.start_ns, *(span.end_ns for span in spans)]
        return [span.start_ns for span in spans] == ends_ns[:-1] and ends_ns[-1] == self.end_ns

    @property
    def mixed(self) -> bool:
        return self._spans().mixed

    @property
    def shares(self) -> dict[State, float]:
        return self._spans().shares

    def __len__(self) -> int:
        return len(self._spans())

    @overload
    def __getitem__(self, index: int) -> Span: ...

    @overload
    def __getitem__(self, index: slice) -> list[Span]: ...

    def __getitem__(self, index: int | slice) -> Span | list[Span]:
        return self._spans()[index]

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans())

    def __bool__(self) -> bool:
        return True
