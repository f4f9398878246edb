"""`pconc-tui export FILE`: a recording as CSV, JSON, pictures, or as a whole trace file again."""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

from pconc_tui.commands.arguments import CommandError, filled, number, usage_error
from pconc_tui.commands.json_fields import RECORDED_SPAN_FIELDS, RECORDING_FIELDS, field_table

if TYPE_CHECKING:
    from pconc_tui.recording.reader import Recording

FORMS = ("csv_spans", "csv_measurements", "json", "trace", "svg", "animated_svg")
OPTIONS = {
    "at": ("svg",),
    "start": ("animated_svg",),
    "end": ("animated_svg",),
    "speed": ("animated_svg",),
    "size": ("svg", "animated_svg"),
    "projector": ("svg", "animated_svg"),
}
"""The options that only some forms have."""
NAMES = {"start": "--from", "end": "--to"}
_TIME = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,6}(?:\.\d{1,9})?)")
_SIZE = re.compile(r"(\d{1,3})x(\d{1,3})")


def add(commands: Any) -> None:
    """Add the command to the command line."""
    export = commands.add_parser(
        "export",
        help="export a recording as CSV, JSON or pictures",
        description="Export a recording. T is a time since its start: seconds, or minutes:seconds.",
        epilog=f"fields of --json:\n{field_table(RECORDING_FIELDS)}\n\ncolumns of --csv-spans:\n"
        f"{field_table(RECORDED_SPAN_FIELDS)}\n\nexit status: 0 done, 1 the output can't be written, 2 usage error",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    export.add_argument("file", metavar="FILE", type=filled, help="a recording, made with --record or with W")
    form = export.add_mutually_exclusive_group(required=True)
    for name, help in (
        ("csv-spans", "a line for each span of each worker"),
        ("csv-measurements", "a line for each measurement"),
        ("json", "one JSON object: measurements, comparisons, workers, log"),
        ("trace", "a recording again: what is whole of one that was cut, so that trace viewers open it"),
        ("svg", "a picture of the dashboard as it was, without the bar of a replay; its title says when"),
        ("animated-svg", "a moving picture of that, of at most 15 s"),
    ):
        form.add_argument(f"--{name}", dest="form", action="store_const", const=name.replace("-", "_"), help=help)
    export.add_argument("--at", metavar="T", type=moment, help="the moment of the picture (default: the last)")
    export.add_argument("--from", metavar="T", type=moment, dest="start", help="start of the moving picture")
    export.add_argument("--to", metavar="T", type=moment, dest="end", help="end of the moving picture")
    export.add_argument(
        "--speed", metavar="F", type=number(float, 0.001, 16), help="speed of the moving picture (default: 1)"
    )
    export.add_argument("--size", metavar="WxH", type=size, help="columns and rows of the picture (default: 120x35)")
    export.add_argument("--projector", action="store_const", const=True, help="the picture in the projector view")
    export.add_argument("-o", "--output", metavar="FILE", type=filled, help="write to FILE, not to standard output")
    export.set_defaults(command=_export)


def moment(text: str) -> int:
    """A time as `12.5`, `1:02.5` or `1:00:00`, in ns."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time, as 12.5 or 1:02.5")
    whole, _, part = found[3].partition(".")
    seconds = int(found[1] or 0) * 3600 + int(found[2] or 0) * 60 + int(whole)
    return seconds * 10**9 + int(part.ljust(9, "0"))


def size(text: str) -> tuple[int, int]:
    """Columns and rows as `120x35`."""
    found = _SIZE.fullmatch(text)
    if found is None or not 40 <= int(found[1]) <= 300 or not 10 <= int(found[2]) <= 120:
        raise argparse.ArgumentTypeError(f"{text!r} is no size from 40x10 to 300x120, as 120x35")
    return int(found[1]), int(found[2])


def _export(arguments: argparse.Namespace) -> int:
    from pconc_tui.recording.file_format import RecordingError
    from pconc_tui.recording.reader import Recording

    for option, forms in OPTIONS.items():
        if getattr(arguments, option) is not None and arguments.form not in forms:
            allowed = " or ".join(f"--{form.replace('_', '-')}" for form in forms)
            return usage_error(f"{NAMES.get(option, f'--{option}')} is for {allowed}")
    try:
        with closing(Recording.open(arguments.file)) as recording:
            made = _FORMS[arguments.form](recording, arguments)
    except (RecordingError, ValueError) as error:
        return usage_error(str(error))
    return _write(made, arguments.output)


def _write(made: bytes, path: str | None) -> int:
    if path is None:
        sys.stdout.buffer.write(made)
        return 0
    try:
        with open(path, "wb") as file:
            file.write(made)
    except OSError as error:
        raise CommandError(f"can't write {path}: {error.strerror}") from error
    return 0


def _csv_spans(recording: Recording, arguments: argparse.Namespace) -> bytes:
    from pconc_tui.commands.recording_report import write_spans

    write_spans(recording, text := io.StringIO(newline=""))
    return text.getvalue().encode()


def _csv_measurements(recording: Recording, arguments: argparse.Namespace) -> bytes:
    from pconc_tui.commands.recording_report import write_measurements

    write_measurements(recording, text := io.StringIO(newline=""))
    return text.getvalue().encode()


def _json(recording: Recording, arguments: argparse.Namespace) -> bytes:
    from pconc_tui.commands.recording_report import as_json

    return (json.dumps(as_json(recording), indent=2) + "\n").encode()


def _svg(recording: Recording, arguments: argparse.Namespace) -> bytes:
    from pconc_tui.ui.recording_pictures import View, picture

    at_ns = recording.ended_ns if arguments.at is None else _within(recording, arguments.at)
    return picture(recording, at_ns, View(arguments.size, bool(arguments.projector))).encode()


def _animated_svg(recording: Recording, arguments: argparse.Namespace) -> bytes:
    from pconc_tui.ui.recording_pictures import View, moving_picture

    start_ns = recording.began_ns if arguments.start is None else _within(recording, arguments.start)
    end_ns = recording.ended_ns if arguments.end is None else _within(recording, arguments.end)
    view = View(arguments.size, bool(arguments.projector))
    return moving_picture(recording, start_ns, end_ns, arguments.speed or 1.0, view).encode()


def _within(recording: Recording, after_ns: int) -> int:
    """The time so long after the recording's start. ValueError: it is over by then."""
    lasts_ns = recording.ended_ns - recording.began_ns
    if after_ns > lasts_ns:
        raise ValueError(f"the recording lasts {lasts_ns / 1e9:.3f} s, so nothing is known of {after_ns / 1e9:g} s")
    return recording.began_ns + after_ns


def _trace(recording: Recording, arguments: argparse.Namespace) -> bytes:
    from pconc_tui.recording.clean_copy import clean_copy

    with open(arguments.file, "rb") as file:
        return b"".join(clean_copy(file))


_FORMS: dict[str, Callable[[Recording, argparse.Namespace], bytes]] = {
    "csv_spans": _csv_spans,
    "csv_measurements": _csv_measurements,
    "json": _json,
    "trace": _trace,
    "svg": _svg,
    "animated_svg": _animated_svg,
}
