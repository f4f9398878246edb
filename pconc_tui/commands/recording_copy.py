"""Records a recording once more: what is whole of a file that was cut becomes a file that all viewers open."""

from __future__ import annotations

import tempfile
from pathlib import Path

from pconc_tui.recording.reader import Recording
from pconc_tui.recording.recorder import Recorder


def copy(recording: Recording) -> bytes:
    """The bytes of a file with the same frames."""
    with tempfile.TemporaryDirectory(prefix="pconc-tui-") as folder:
        path = Path(folder) / "copy.json.gz"
        recorder = Recorder(recording.began_ns, str(path))
        for time_ns in recording.frame_times:
            recorder.add(recording.at(time_ns))
        recorder.close()
        if recorder.problem:
            raise OSError(recorder.problem)
        return path.read_bytes()
