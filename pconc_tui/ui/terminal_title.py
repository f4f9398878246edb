"""The title of the terminal's window or tab: what runs. Restored at the end, or cleared where it can't be."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable

from pconc_tui.snapshot import Snapshot
from pconc_tui.text.headline_values import plural, worker_noun
from pconc_tui.text.printable import printable

NAME = "pconc-tui"
LONGEST = 80
SAVE = "\x1b[22;2t"
"""Terminals that can keep the title on a stack; others ignore this."""
RESTORE_TITLE = "\x1b]2;\x07\x1b[23;2t"


def title(snapshot: Snapshot, recorded: bool = False) -> str:
    """`pconc-tui: 4 threads of cpu-bound`; only the name where nothing runs; in a recording, that it is one."""
    what = f"{'recorded ' if recorded else ''}{_activity(snapshot)}".strip()
    return printable(f"{NAME}: {what}" if what else NAME)[:LONGEST]


def _activity(snapshot: Snapshot) -> str:
    if snapshot.program is not None:
        return f"watching {snapshot.program.pid}"
    if snapshot.comparison is not None and snapshot.comparison.current is not None:
        return f"comparing {snapshot.comparison.plan.experiment}"
    if snapshot.progress is not None:
        return f"measuring {snapshot.progress.experiment}, {snapshot.progress.model}"
    kinds = Counter((worker_noun(each.model), each.experiment) for each in snapshot.workers if each.alive)
    return ", ".join(f"{plural(count, kind)} of {experiment}" for (kind, experiment), count in kinds.items())


class TerminalTitle:
    """Sets the title whenever it changes; does nothing where the output is no terminal."""

    def __init__(self, write: Callable[[str], object]) -> None:
        """`write` sends an escape sequence to the terminal."""
        # Textual paints on stderr.
        is_terminal = sys.__stderr__ is not None and sys.__stderr__.isatty()
        self._write = write if is_terminal else lambda _: None
        self._shown = ""

    def show(self, text: str) -> None:
        """Show this title, which is printable."""
        if text != self._shown:
            self._write(f"{'' if self._shown else SAVE}\x1b]2;{text}\x07")
            self._shown = text

    def restore(self) -> None:
        """Show the terminal's own title again."""
        if self._shown:
            self._write(RESTORE_TITLE)
            self._shown = ""
