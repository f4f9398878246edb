"""The footer: what can be pressed now, the most useful first, as many as fit. A click on a key presses it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pconc_tui.text.glossary import Entry
from pconc_tui.tours.walk import Phase, Walk
from pconc_tui.ui.acting_keys import keys_of, without_effect
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import Line, width_of
from pconc_tui.ui.drawing.palette import TEXT
from pconc_tui.ui.drawing.slow_motion import SlowMotion
from pconc_tui.ui.hints import hint, keys_at
from pconc_tui.ui.key_bindings import (
    ALL_COMMANDS,
    COMMANDS,
    FIRST_COMMAND,
    REPLAY_COMMANDS,
    SLOW_COMMANDS,
    TOUR_COMMANDS,
    WATCH_COMMANDS,
    Command,
    key_name,
)
from pconc_tui.ui.panels import first_screen
from pconc_tui.ui.panels.panel import Frame, Panel
from pconc_tui.ui.tour_net import is_offered

ALWAYS = ("question_mark", "q")
"""At the end of the line, however short it is."""
GAP = "  ", TEXT
SLOW_FIRST = "full_stop", "greater_than_sign", "space", "z", "x"
"""The keys that matter most in slow motion."""
_BY_KEY = {command.keys[0]: command for command in COMMANDS}
_BY_RANK = sorted(
    (key for key, command in _BY_KEY.items() if command.footer_rank is not None and key not in ALWAYS),
    key=lambda key: _BY_KEY[key].footer_rank or 0,
)
_REPLAY_KEYS = {command.keys[0]: command for command in REPLAY_COMMANDS}
_TOUR_KEYS = {command.keys[0]: command for command in TOUR_COMMANDS}
_SLOW_KEYS = {command.keys[0]: command for command in SLOW_COMMANDS}
_PRESSED = {key_name(key): key for command in (*COMMANDS, *REPLAY_COMMANDS, *SLOW_COMMANDS) for key in command.keys}


class FooterPanel(Panel):
    """One line of keys, the least useful ones left out where it is narrow.

    Textual's `Footer` cuts the last keys instead, and mounts a widget for each key: a screen with it takes 87 ms of CPU
    time to open, a screen with this line 13 ms.
    """

    area = Area.FOOT
    own_keys = keys_of(ALL_COMMANDS)

    def depends_on(self, frame: Frame) -> object:
        return tuple(offered(frame))

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        return [line(offered(frame), width)]

    def explained(self, frame: Frame, lines: Sequence[Line], x: int, y: int) -> Entry | None:
        key = keys_at(lines[y], x)
        commands = (*offered(frame), *map(_BY_KEY.__getitem__, ALWAYS))
        found = (command for command in commands if key in (*command.keys, *map(_PRESSED.get, command.key.split())))
        return next((Entry(" ".join(map(key_name, each.keys)), each.help) for each in found), None)


def line(commands: Iterable[Command], width: int) -> Line:
    """As many of the commands as fit, in their order, and those that are always there."""
    help, leave = (_item(_BY_KEY[key]) for key in ALWAYS)
    end = (*help, GAP, *leave)
    parts: Line = ((" ", TEXT),)
    for command in commands:
        longer = (*parts, *_item(command), GAP)
        if width_of(longer) + width_of(end) <= width:
            parts = longer
    return (*parts, *end)


def _item(command: Command) -> Line:
    """A command's keys and label; of several keys before one label, such as `- +`, each presses itself."""
    names = command.key.split()
    keys = [_PRESSED[name] for name in names] if len(names) > 1 else command.keys[:1]
    parts: Line = ()
    for key in keys:
        (name, key_style), (_, style) = hint(key)
        parts = (*parts, (name, key_style), (" ", style))
    return (*parts, (command.label, style))


def offered(frame: Frame) -> Iterator[Command]:
    """What can be pressed now, the most useful first."""
    if frame.slow is not None:
        yield from _in_slow_motion(frame.slow, frame.walk is not None)
    if frame.walk is not None:
        yield from _in_tour(frame.walk)
    if frame.replay is not None:
        yield from _in_recording(frame)
        return
    if first_screen.is_shown(frame):
        yield FIRST_COMMAND
    if any(each.thread and not each.thread.python for each in frame.latest.workers):
        yield WATCH_COMMANDS[0]
    left_out = {
        *ALWAYS,
        *without_effect(frame),
        *(_TOUR_KEYS if frame.walk else ()),
        *(_SLOW_KEYS if frame.slow else ()),
    }
    for key in dict.fromkeys((*_first(frame), *_BY_RANK)):
        if key not in left_out:
            yield _labelled(_BY_KEY[key], frame)


def _in_recording(frame: Frame) -> Iterator[Command]:
    """The keys of a recording, and those of the dashboard that only change what is in sight."""
    playing = frame.replay is not None and frame.replay.player.playing
    for key in ("space", "left", "comma", "less_than_sign", "g", "home", "end"):
        command = _REPLAY_KEYS[key]
        if frame.slow is not None and key in _SLOW_KEYS:
            continue
        if key == "space":
            command = replace(
                command, label="pause" if playing else "play", keys=("p",) if frame.walk else command.keys
            )
        if frame.walk is None or command.keys[0] not in _TOUR_KEYS:
            yield command
    if frame.latest.comparison is not None and frame.walk is None:
        yield _REPLAY_KEYS["r"]
    taken = {*without_effect(frame), *(_SLOW_KEYS if frame.slow else ()), *(_TOUR_KEYS if frame.walk else ())}
    for key in ("z", "x", "b", "tab", "L", "w"):
        if key not in taken:
            yield _BY_KEY[key]


def _first(frame: Frame) -> list[str]:
    """The first keys of the commands that matter most now."""
    if frame.walk:
        keys = "T S"
    elif frame.latest.program is not None:
        keys = "space z left A"
    elif frame.window.frozen:
        keys = "space left z S"
    elif frame.latest.progress:
        keys = "S space z"
    elif any(worker.alive for worker in frame.latest.workers):
        keys = "t p m S s space"
    elif frame.latest.workers:
        keys = "t p m e r"
    else:
        keys = "t m p e T"
    return keys.split()


def _in_slow_motion(slow: SlowMotion, in_tour: bool) -> Iterator[Command]:
    """The keys that matter most there; in a tour, some go on to its next step instead."""
    keys = ("full_stop", "greater_than_sign", "z", "x") if in_tour and not slow.paused else SLOW_FIRST
    for key in keys:
        yield replace(_SLOW_KEYS[key], label="play") if key == "space" and slow.paused else _SLOW_KEYS[key]


def _in_tour(walk: Walk) -> Iterator[Command]:
    """The keys of the tour that have a meaning at this step."""
    if walk.phase is Phase.ASKED:
        digits = " ".join(str(number) for number, _ in enumerate(walk.step.answers, 1))
        yield replace(_TOUR_KEYS["1"], key_text=digits, label="answer")
    if walk.phase is not Phase.RUNNING and walk.on():
        yield _TOUR_KEYS["space"]
    yield _TOUR_KEYS["left"]
    if walk.phase is Phase.REVEALED and walk.run:
        yield _TOUR_KEYS["m"]
    if is_offered(walk):
        yield _TOUR_KEYS["r"]
    yield _TOUR_KEYS["b"]


def _labelled(command: Command, frame: Frame) -> Command:
    """The command with the words for what it does now."""
    labels = {"n": f"{frame.settings.workers} workers"}
    if frame.walk:
        labels["T"] = "leave"
    if frame.window.frozen:
        labels["space"] = "resume"
    label = labels.get(command.keys[0])
    return command if label is None else replace(command, label=label)
