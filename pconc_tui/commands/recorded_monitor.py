"""A monitor whose snapshots are recorded into a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from pconc_tui.commands.arguments import CommandError, complain
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.recording.recorder import Recorder
from pconc_tui.snapshot import Snapshot


class RecordedMonitor(Monitor):
    """Records each snapshot that it makes."""

    def __init__(self, path: str, *arguments: Any, **options: Any) -> None:
        """Record into the file `path`; the other arguments are those of a monitor. Raises OSError."""
        super().__init__(*arguments, **options)
        self.recorder = Recorder(self.began_ns, path)

    def poll(self) -> Snapshot:
        snapshot = super().poll()
        self.recorder.add(snapshot)
        return snapshot

    def close(self) -> None:
        self.recorder.close()
        super().close()


@contextmanager
def recorded_monitor(path: str | None, *arguments: Any, **options: Any) -> Iterator[Monitor]:
    """A monitor for a command without the dashboard, closed at the end; `path`: record it there.

    Raises CommandError if the file can't be created. If it can't be written later on, that is printed at the end.
    """
    if path is None:
        with closing(Monitor(*arguments, **options)) as monitor:
            yield monitor
        return
    try:
        recorded = RecordedMonitor(path, *arguments, **options)
    except OSError as error:
        raise CommandError(f"can't write {path}: {error.strerror}") from error
    with closing(recorded):
        yield recorded
    if problem := recorded.recorder.problem:
        complain(problem)
