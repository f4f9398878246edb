"""Files of a hostile folder that the program runs there, in each kind of process under every interpreter."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.bench.figures import Figure
from tests.hostile import COMMAND, NAMES, commands, make_hostile, marked
from tests.support import interpreters


class Extent(NamedTuple):
    """How much is tried."""

    newest: bool
    """Only the newest interpreter, with few commands."""


FULL, SMOKE = Extent(False), Extent(True)


def figures(extent: Extent) -> Iterator[Figure]:
    """One for each interpreter."""
    for version in list(interpreters())[-1 if extent.newest else 0 :]:
        with tempfile.TemporaryDirectory() as made:
            folder = make_hostile(Path(made))
            found: list[str] = []
            lines = list(commands(version, quick=extent.newest))
            for line in lines:
                subprocess.run(
                    [*COMMAND, *line], cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, check=False
                )
                found += marked(folder)
        remark = f"{len(NAMES)} names, {len(lines)} commands {' '.join(sorted(set(found)))}"
        yield Figure(f"hostile files run under {version}", str(len(found)), "0", remark)
