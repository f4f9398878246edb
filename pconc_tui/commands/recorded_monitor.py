"""A monitor whose snapshots are recorded: all of them into a file, or the last minute in memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from pconc_tui.commands.arguments import CommandError, complain
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.recording.recorder import Recorder
from pconc_tui.snapshot import Snapshot


class RecordedMonitor(Monitor):
    """Records each snapshot that it makes."""

    def __init__(self, record: str | None, *arguments: Any, last_minute: bool = False, **options: Any) -> None:
        """Record into the file `record`, and the last minute in memory; the other arguments are those of a monitor.

        Raises CommandError if the file can't be created.
        """
        super().__init__(*arguments, **options)
        what = " ".join(["pconc-tui", *sys.argv[1:]])
        try:
            self.recorder = Recorder(self.began_ns, record, last_minute, what)
        except OSError as error:
            raise CommandError(f"can't write {record}: {error.strerror}") from error

    def poll(self) -> Snapshot:
        snapshot = super().poll()
        self.recorder.add(snapshot)
        return snapshot

    def close(self) -> None:
        self.recorder.close()
        super().close()


@contextmanager
def recorded_monitor(record: str | None, *arguments: Any, **options: Any) -> Iterator[Monitor]:
    """The monitor of a command without the dashboard, closed at the end; `record`: the file, None: record nothing.

    Raises CommandError if the file can't be created. If it can't be written later on, that is printed at the end.
    """
    if record is None:
        with closing(Monitor(*arguments, **options)) as monitor:
            yield monitor
        return
    with closing(RecordedMonitor(record, *arguments, **options)) as recorded:
        yield recorded
    if problem := recorded.recorder.problem:
        complain(problem)
