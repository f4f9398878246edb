"""A monitor whose snapshots are recorded, of commands without the dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from pconc_tui.commands.arguments import complain
from pconc_tui.commands.open_recorder import open_recorder
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.recording.recorder import Recorder
from pconc_tui.recording.thinned import ThinnedRecorder
from pconc_tui.snapshot import Snapshot


class RecordedMonitor(Monitor):
    """Passes the snapshots that it makes on to a recorder."""

    def __init__(self, recorder: Recorder, *arguments: Any, **options: Any) -> None:
        """The other arguments are those of a monitor."""
        super().__init__(*arguments, **options)
        self._recorder = ThinnedRecorder(recorder)

    def poll(self) -> Snapshot:
        snapshot = super().poll()
        self._recorder.add(snapshot)
        return snapshot

    def close(self) -> None:
        self._recorder.close()
        super().close()


@contextmanager
def recorded_monitor(record: str | None, *arguments: Any, **options: Any) -> Iterator[Monitor]:
    """A monitor, closed at the end; `record`: the file into which all is recorded, None: nothing is.

    Raises CommandError if the file can't be created. If it can't be written later on, that is printed at the end.
    """
    if record is None:
        with closing(Monitor(*arguments, **options)) as monitor:
            yield monitor
        return
    recorder = open_recorder(record)
    with closing(RecordedMonitor(recorder, *arguments, **options)) as monitor:
        yield monitor
    if recorder.problem:
        complain(recorder.problem)
