"""`pconc-tui replay FILE`: shows a recording on the dashboard, as it was, at any speed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from pconc_tui.commands.arguments import filled, usage_error
from pconc_tui.commands.terminal_app import has_terminal, run_app

if TYPE_CHECKING:
    from pconc_tui.ui.app import PconcApp


def add(commands: Any) -> None:
    """Add the command to the command line."""
    replay = commands.add_parser(
        "replay",
        help="show a recording on the dashboard",
        description="Show a recording on the dashboard: the same screen, every figure as it was. Space pauses, the "
        "arrow keys scroll, < and > change the speed, from 1/1000 to 16; ? shows all keys.",
    )
    replay.add_argument("file", metavar="FILE", type=filled, help="a recording, made with --record or with W")
    replay.set_defaults(command=_replay)


def _replay(arguments: argparse.Namespace) -> int:
    from pconc_tui.recording.file_format import RecordingError

    try:
        make = replay_app(arguments.file)
    except RecordingError as error:
        return usage_error(str(error))
    if not has_terminal():
        return usage_error("replay needs a terminal; pconc-tui export writes what a recording has")
    return run_app(make)


def replay_app(path: str) -> Any:
    """A function that makes the app for `run_app`. Raises RecordingError."""
    from pconc_tui.recording.reader import Recording
    from pconc_tui.recording.replay import Replay

    recording = Recording.open(path)

    def make(report_restored: Any) -> PconcApp:
        from pconc_tui.ui.app import PconcApp

        replay = Replay(recording)
        return PconcApp(
            lambda: replay,
            report_restored=report_restored,
            first=lambda app: app.show_recording(replay),
            before=replay.poll(),
        )

    return make
