"""Final spans of a recording that are read when somebody wants them."""

from __future__ import annotations

from collections.abc import Callable
from typing import overload

from pconc_tui.protocol.block import State
from pconc_tui.timeline.spans import PackedSpans, Piece, Span

Load = Callable[[int, int, int, int], list[Span]]
"""Reads the final spans of a lane: `load(segment, lane, low, high)`."""


class RecordedSpans(Piece):
    """The spans `low` to `high` of a lane, in a segment."""

    __slots__ = ("_loaded", "_place")

    def __init__(self, load: Load, segment: int, lane: int, low: int, high: int) -> None:
        self._place = load, segment, lane, low, high
        self._loaded: PackedSpans | None = None

    def _spans(self) -> PackedSpans:
        if self._loaded is None:
            load, *place = self._place
            self._loaded = PackedSpans(load(*place))
        return self._loaded

    @property
    def start_ns(self) -> int:
        return self._spans().start_ns

    @property
    def end_ns(self) -> int:
        return self._spans().end_ns

    @property
    def mixed(self) -> bool:
        return self._spans().mixed

    @property
    def shares(self) -> dict[State, float]:
        return self._spans().shares

    def __len__(self) -> int:
        return self._place[4] - self._place[3]

    @overload
    def __getitem__(self, index: int) -> Span: ...

    @overload
    def __getitem__(self, index: slice) -> list[Span]: ...

    def __getitem__(self, index: int | slice) -> Span | list[Span]:
        return self._spans()[index]
