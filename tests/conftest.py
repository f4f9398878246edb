"""Fixtures: monitors, and every interpreter found."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pconc_tui import experiments
from pconc_tui.monitor.monitor import Monitor
from tests.support import ended, interpreters, needed, until

# Programs and labs start as they do for people, whose Python compiles a module once.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# They hear of Ctrl+C as they do at a terminal, even where the tests run in the background of a shell, which ignores it.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def open_monitor() -> Iterator[Callable[..., Monitor]]:
    """Makes monitors and closes them."""
    made: list[Monitor] = []

    def make(**arguments: object) -> Monitor:
        made.append(Monitor(**arguments))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for monitor in made:
        monitor.close()


@pytest.fixture
def fresh_monitor(open_monitor: Callable[..., Monitor]) -> Monitor:
    """A monitor of this interpreter for one test, which may kill its lab or count what it has."""
    return open_monitor()


@pytest.fixture(scope="module")
def kept_monitors() -> Iterator[dict[str, Monitor]]:
    """One for each interpreter, closed when their module has been run."""
    kept: dict[str, Monitor] = {}
    yield kept
    for monitor in kept.values():
        monitor.close()


@pytest.fixture
def shared_monitor(kept_monitors: dict[str, Monitor]) -> Iterator[Callable[[str], Monitor]]:
    """A monitor of an interpreter, without a trace of the test before; labs are slow to start."""

    def get(python: str) -> Monitor:
        if python not in kept_monitors:
            kept_monitors[python] = Monitor(python)
        return kept_monitors[python]

    yield get
    for monitor in kept_monitors.values():
        monitor.stop_all()
        until(monitor, ended)
        monitor.clear()
        monitor.clear_scoreboard()
        monitor.set_switch_interval(0.005)


@pytest.fixture
def monitor(shared_monitor: Callable[[str], Monitor]) -> Monitor:
    """The shared monitor of this interpreter."""
    return shared_monitor(sys.executable)


@pytest.fixture(scope="module")
def own_code(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The current directory, with a person's own functions in `work.py` and in the package `pack`."""
    made, before = tmp_path_factory.mktemp("own") / "code", Path.cwd()
    shutil.copytree(Path(__file__).with_name("own_code"), made)
    os.chdir(made)
    yield made
    os.chdir(before)
    experiments._user_functions.clear()


@pytest.fixture
def newest(shared_monitor: Callable[[str], Monitor]) -> Monitor:
    """The shared monitor of an interpreter that can run every model, but for *free-threaded*."""
    return shared_monitor(needed("3.14"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "python" in metafunc.fixturenames:
        found = interpreters()
        metafunc.parametrize("python", found.values(), ids=found.keys())
