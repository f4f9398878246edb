"""Processes that functions leave: how many live on 2 s after each kind of end, for each kind of process."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.bench.figures import Figure
from tests.children import ENDS, KINDS, left

MODELS = ("threads", "processes")


class Extent(NamedTuple):
    """How much is tried."""

    kinds: Sequence[str]
    models: Sequence[str]
    ends: Sequence[str]


FULL, SMOKE = Extent(tuple(KINDS), MODELS, tuple(ENDS)), Extent(tuple(KINDS)[:1], MODELS[:1], tuple(ENDS)[:1])


def figures(extent: Extent) -> Iterator[Figure]:
    """A figure for each model and end."""
    for model in extent.models:
        for end in extent.ends:
            living = {}
            for kind in extent.kinds:
                with tempfile.TemporaryDirectory() as folder:
                    found, _ = left(Path(folder), kind, end, model)
                if found:
                    living[kind] = found
            remark = "; ".join(f"{kind}: {', '.join(found)}" for kind, found in living.items())
            yield Figure(f"{model}, {end}: kinds that left any", f"{len(living)} of {len(extent.kinds)}", "0", remark)
