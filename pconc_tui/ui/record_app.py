"""The app's part that records: passes each snapshot on to the recorder, and saves the last minute."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pconc_tui.recording.codec import codec
from pconc_tui.recording.last_minute import MAX_BYTES
from pconc_tui.recording.recorder import Recorder
from pconc_tui.snapshot import Snapshot
from pconc_tui.text.numbers import mebibytes
from pconc_tui.tours.tour import note
from pconc_tui.ui.held_key import HeldKey
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.saved_file import save_new
from pconc_tui.ui.tour_app import TourApp

NOTHING_RECORDED = "Nothing is recorded here."


class RecordApp(TourApp):
    """Records what the dashboard shows, where there is a recorder."""

    recorder: Recorder | None = None
    """None: nothing is recorded."""
    _recorded: tuple[LaunchSettings, float] | None = None
    """The settings and the switch interval that were recorded last."""
    _noted: tuple[str, int] | None = None
    """The tour and the number of its step that were noted last."""
    _reported = False
    """Whether the screen has said that the recording has ended."""

    def __init__(self) -> None:
        super().__init__()
        self._save_key = HeldKey()

    def record(self, snapshot: Snapshot) -> None:
        """Record a snapshot, with the settings and the step of a tour."""
        recorder, now = self.recorder, (self.settings, self.switch_interval_s)
        if recorder is None:
            return
        if now != self._recorded:
            self._recorded = now
            recorder.settings = {"launch": codec(LaunchSettings).encode(now[0]), "switch_interval_s": now[1]}
        walk = self.walk
        step = None if walk is None else (walk.tour.name, walk.index)
        if step != self._noted:
            self._noted = step
            if walk is not None:
                recorder.note(note(walk.tour, walk.step))
        recorder.add(snapshot)
        if recorder.problem and not self._reported:
            self._reported = True
            self.notify(f"{recorder.problem}. All else goes on.", severity="error", timeout=3600)

    def recording_lines(self) -> list[str]:
        """What is being recorded, and what memory that takes."""
        recorder = self.recorder
        if recorder is None:
            return []
        lines = [f"recording into {recorder.path}"] if recorder.path else []
        memory = f"{mebibytes(recorder.last_minute_bytes)} of memory, at most {mebibytes(MAX_BYTES)}"
        return [*lines, f"The last minute is always recorded: it takes {memory}. W saves it."]

    def refusal(self, action: str) -> str | None:
        nothing = action == "save_last_minute" and self.recorder is None
        return NOTHING_RECORDED if nothing else super().refusal(action)

    # Keys

    def action_save_last_minute(self) -> None:
        recorder = self.recorder
        if recorder is None or self._save_key.is_repeat():
            return

        def write(path: Path) -> None:
            recorder.save_last_minute(str(path))

        try:
            path, problem = save_new(".json.gz", write, datetime.now())
        except OSError as error:
            self.notify(f"The last minute could not be written: {error}", severity="error")
        else:
            text = f"{problem}Last minute saved: {path} ({path.stat().st_size / 1e3:,.0f} kB)"
            self.notify(text, severity="warning" if problem else "information")
        self._save_key.handled()
