"""Opens the recorder of a command: into the file of `--record`, or none."""

from __future__ import annotations

import sys

from pconc_tui.commands.arguments import CommandError
from pconc_tui.recording.recorder import Recorder


def open_recorder(path: str | None, last_minute: bool = False) -> Recorder:
    """A recorder; `path`: the file, None: there is none. Raises CommandError if it can't be created."""
    try:
        return Recorder(path, last_minute, " ".join(["pconc-tui", *sys.argv[1:]]))
    except OSError as error:
        raise CommandError(f"can't write {path}: {error.strerror}") from error
