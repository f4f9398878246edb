"""Processes that functions leave: how many live on 2 s after each kind of end, for each kind of process."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure
from tests.children import ENDS, KINDS, left

MODELS = ("threads", "processes")


def figures() -> Iterator[Figure]:
    """A figure for each end; CHILDREN_KINDS limits the kinds."""
    kinds = os.environ.get("CHILDREN_KINDS", "").split() or KINDS
    for model in MODELS:
        for end in ENDS:
            living = {}
            for kind in kinds:
                with tempfile.TemporaryDirectory() as folder:
                    found, _ = left(Path(folder), kind, end, model)
                if found:
                    living[kind] = found
            remark = "; ".join(f"{kind}: {', '.join(found)}" for kind, found in living.items())
            yield Figure(f"{model}, {end}: kinds that left any", f"{len(living)} of {len(kinds)}", "0", remark)
