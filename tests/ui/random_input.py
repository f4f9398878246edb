"""Random keys, clicks, wheel turns, pastes and sizes, as the bytes that a terminal sends, for the app on a controller
that starts nothing. Run as a program, it prints what ended the app.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, chdir
from dataclasses import replace
from pathlib import Path

from textual import events
from textual._xterm_parser import XTermParser
from textual.geometry import Size
from textual.message import Message
from textual.pilot import Pilot

from pconc_tui.requests import RequestError
from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.key_bindings import COMMANDS
from tests.comparison.comparisons import PY311, PY313T, PY314, THREADS, USUAL
from tests.ui import samples
from tests.ui.fakes import FakeController

Input = str | tuple[int, int]
"""What the terminal sends, or the width and height that it takes."""
SIZES = ((160, 45), (80, 24), (60, 20), (120, 40), (240, 70), (500, 200), (59, 19), (20, 5), (3, 2), (1, 1))
SNAPSHOTS = (
    samples.EMPTY,
    samples.THREADS,
    samples.MANY,
    samples.ENDED,
    samples.EVERYTHING,
    samples.MEASURING,
    samples.DEAD,
    samples.STARTING,
    replace(samples.EVERYTHING, comparison=USUAL),
    replace(samples.THREADS, comparison=replace(USUAL, current=THREADS, fraction=0.4, results=USUAL.results[:3])),
)
NAMED = {
    "escape": "\x1b[27u",
    "enter": "\r",
    "space": " ",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "ctrl+end": "\x1b[1;5F",
    "ctrl+home": "\x1b[1;5H",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "f1": "\x1bOP",
    "ctrl+p": "\x10",
}
"""The bytes of keys that are not characters."""
KEYS = (*NAMED.values(), *(key for command in COMMANDS for key in command.keys if len(key) == 1), *"-+=()<>[]?;:~q,.")
OFTEN = tuple(NAMED[name] for name in ("enter", "escape", "down", "up", "pagedown", "ctrl+p"))
"""Keys that open, choose and close."""
OPENING = (*"eDFiorL?x", NAMED["ctrl+p"])
PASTED = ("q", "quit\r", "\x1b[2J\x1b]8;;http://a\x07", "\x00\x03\x11\x1a", "é\u202eß🙂", "\x9b31m" * 20, "x" * 3000)


class UnquittableApp(PconcApp):
    """The app, except that it counts what would quit it, and goes on."""

    CSS_PATH = str(Path(sys.modules[PconcApp.__module__].__file__ or "").with_name("pconc.tcss"))
    quits = 0

    def quit_or_ask(self, key: str) -> None:
        self.quits += 1


class RefusingController(FakeController):
    """Refuses some of the requests, and has something else to show every few polls."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(samples.EMPTY)
        self._chance = chance

    def poll(self) -> Snapshot:
        if self._chance.random() < 0.1:
            self.snapshot = self._chance.choice(SNAPSHOTS)
        self.advance(100 * samples.MS)
        return self.snapshot

    def _record(self, *request: object) -> None:
        self.requests = [*self.requests[-1:], request]
        if self._chance.random() < 0.1:
            raise RequestError("Refused at random.")


def click(chance: random.Random, size: tuple[int, int]) -> str:
    """A mouse button pressed and released, often more than once, on a random cell; now and then on the footer."""
    x = chance.randint(1, size[0] + 2)
    y = size[1] if chance.random() < 0.2 else chance.randint(1, size[1] + 2)
    button = chance.choice((0, 0, 0, 0, 1, 2))
    return f"\x1b[<{button};{x};{y}M\x1b[<{button};{x};{y}m" * chance.choice((1, 1, 2, 3))


def wheel_or_move(chance: random.Random, size: tuple[int, int]) -> str:
    """The wheel turned by some notches, the mouse moved, or dragged."""
    x, y = chance.randint(1, size[0]), chance.randint(1, size[1])
    return f"\x1b[<{chance.choice((64, 65, 64, 65, 35, 32))};{x};{y}M" * chance.randint(1, 8)


def key(chance: random.Random) -> str:
    """A key, or one that is held down for a while."""
    pool = chance.choices((KEYS, OFTEN, OPENING), (5, 3, 2))[0]
    return str(chance.choice(pool)) * chance.choice((1, 1, 1, 2, 2, 3, 8))


def inputs(chance: random.Random) -> Iterator[Input]:
    """What the terminal sends, or the size that it takes, without end."""
    size = SIZES[0]
    while True:
        kind = chance.random()
        if kind < 0.7:
            yield key(chance)
        elif kind < 0.84:
            yield click(chance, size)
        elif kind < 0.92:
            yield wheel_or_move(chance, size)
        elif kind < 0.95:
            yield f"\x1b[200~{chance.choice(PASTED)}\x1b[201~"
        elif kind < 0.97:
            yield "\x1b[O\x1b[I"
        else:
            # The usual size comes back sooner or later, since the others show little.
            size = chance.choice(SIZES) if size == SIZES[0] else SIZES[0]
            yield size


@asynccontextmanager
async def running_app(chance: random.Random | None = None) -> AsyncIterator[tuple[UnquittableApp, Pilot[None]]]:
    """The app. Raises whatever ended it."""
    controller = RefusingController(chance or random.Random(0))
    app = UnquittableApp(lambda: controller, lambda: (PY311, PY313T, PY314))
    async with app.run_test(size=SIZES[0]) as pilot:
        yield app, pilot
        assert app.is_running, f"it ended: {app.return_code}"


async def send(app: UnquittableApp, given: Input) -> int:
    """Send what a terminal sends, all at once; the number of events that it makes."""
    driver = app._driver
    assert driver is not None
    if isinstance(given, tuple):
        driver._size = given
        found: list[Message] = [events.Resize(Size(*given), Size(*given))]
    else:
        found = list(XTermParser().feed(given))
    for message in found:
        driver.process_message(message)
    return len(found)


async def _play(seed: int, count: int, note: Callable[[Input], object]) -> None:
    chance = random.Random(seed)
    source = inputs(chance)
    async with running_app(chance) as (app, pilot):
        while count > 0 and app.is_running:
            # Often several at once: what the first of them opens or closes has not been drawn when the next is handled.
            for _ in range(chance.choice((1, 1, 2, 3, 5))):
                given = next(source)
                note(given)
                count -= await send(app, given)
            for _ in range(chance.choice((0, 1, 5))):
                await asyncio.sleep(0)
            if chance.random() < 0.2:
                await pilot.pause()
        if app.is_running:
            await pilot.pause()


def play(seed: int, count: int, note: Callable[[Input], object] = lambda given: None) -> None:
    """Send at least `count` events to the app. Raises whatever ended it."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        asyncio.run(_play(seed, count, note))


def main() -> None:
    """`random_input SEED COUNT`: print the last inputs before the app ended, and why it did."""
    given: list[Input] = []
    try:
        play(int(sys.argv[1]), int(sys.argv[2]), given.append)
    except BaseException:
        traceback.print_exc(limit=-6)
        sys.exit(f"last: {given[-12:]!r}")


if __name__ == "__main__":
    main()
