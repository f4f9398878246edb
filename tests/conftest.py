"""The fixtures of all tests.

`monitor` is enough for most tests. It is shared by the tests of a module, since a lab takes a moment to start;
`shared_monitor` and `newest` are the same for other interpreters. A test that kills a lab or counts processes takes
`fresh_monitor` and `lab`, or `open_monitor`. `terminal` is the installed program on a screen that can be read.
A test with the argument `python` runs once for each interpreter of this machine.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from pconc_tui import experiments
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.lane_source import Source
from tests.recorded_run import recorded_run as recorded_run
from tests.support import ended, interpreters, lab_process, needed, until
from tests.terminal import PROGRAM, Terminal

# Programs and labs start as they do for users, whose Python compiles a module once.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# They receive SIGINT as at a terminal, even where the tests run in the background of a shell, which ignores it.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def temp_folder(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty folder for temporary files. Its path is short, as those of sockets must be."""
    tmp_path_factory.getbasetemp()  # That of all tests is made when it is first asked for: not in this folder.
    with tempfile.TemporaryDirectory(prefix="pconc-test-") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


@pytest.fixture
def open_monitor(source: Source | None) -> Iterator[Callable[..., Monitor]]:
    """`open_monitor(python=...)` makes a monitor, which is closed when the test has ended."""
    made: list[Monitor] = []

    def make(**arguments: object) -> Monitor:
        made.append(Monitor(**{"source": source, **arguments}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for monitor in made:
        monitor.close()


@pytest.fixture
def fresh_monitor(open_monitor: Callable[..., Monitor]) -> Monitor:
    """A monitor of this interpreter for one test, without a lab yet."""
    return open_monitor()


@pytest.fixture
def lab(fresh_monitor: Monitor) -> psutil.Process:
    """The lab process of `fresh_monitor`, ready to launch workers."""
    fresh_monitor.open_lab()
    until(fresh_monitor, lambda snapshot: snapshot.labs[0].state == "ready")
    return lab_process()


@pytest.fixture
def source() -> Source | None:
    """Where the lanes of a user's functions come from; None: the best that the system permits.

    A module that is about such lanes has a fixture of this name, with `EACH_SOURCE` as its parameters.
    """
    return None


@pytest.fixture(scope="module")
def kept_monitors() -> Iterator[dict[tuple[str, Source | None], Monitor]]:
    """The monitors of `shared_monitor` by interpreter and source, closed when all tests of a module have ended."""
    kept: dict[tuple[str, Source | None], Monitor] = {}
    yield kept
    for monitor in kept.values():
        monitor.close()


@pytest.fixture
def shared_monitor(
    kept_monitors: dict[tuple[str, Source | None], Monitor], source: Source | None
) -> Iterator[Callable[[str], Monitor]]:
    """`shared_monitor(python)` is that interpreter's monitor. After each test, its workers and results are removed."""

    def get(python: str) -> Monitor:
        if (python, source) not in kept_monitors:
            kept_monitors[python, source] = Monitor(python, source=source)
        return kept_monitors[python, source]

    yield get
    for monitor in kept_monitors.values():
        monitor.stop_all()
        until(monitor, ended)
        monitor.clear()
        monitor.clear_scoreboard()
        monitor.set_switch_interval(0.005)


@pytest.fixture
def monitor(shared_monitor: Callable[[str], Monitor]) -> Monitor:
    """The shared monitor of the interpreter that runs the tests."""
    return shared_monitor(sys.executable)


@pytest.fixture(scope="module")
def own_code(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The current directory, with a user's own functions in `work.py` and in the package `pack`."""
    made, before = tmp_path_factory.mktemp("own") / "code", Path.cwd()
    shutil.copytree(Path(__file__).with_name("own_code"), made)
    os.chdir(made)
    yield made
    os.chdir(before)
    experiments._user_functions.clear()


@pytest.fixture
def newest(shared_monitor: Callable[[str], Monitor]) -> Monitor:
    """The shared monitor of CPython 3.14, which can run every model except *free-threaded*."""
    return shared_monitor(needed("3.14"))


@pytest.fixture
def open_terminal() -> Iterator[Callable[..., Terminal]]:
    """`open_terminal(columns=..., lines=..., NAME=...)` runs the dashboard, which is killed when the test has ended."""
    opened: list[Terminal] = []

    def make(**arguments: object) -> Terminal:
        opened.append(Terminal(PROGRAM, **arguments))  # type: ignore[arg-type]
        return opened[-1]

    yield make
    for terminal in opened:
        terminal.close()


@pytest.fixture
def terminal(open_terminal: Callable[..., Terminal]) -> Terminal:
    """The dashboard in a terminal of 160x45, with its lab ready."""
    terminal = open_terminal()
    terminal.wait_until_ready()
    return terminal


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test with the argument `python` once for each interpreter found."""
    if "python" in metafunc.fixturenames:
        found = interpreters()
        metafunc.parametrize("python", found.values(), ids=found.keys())
