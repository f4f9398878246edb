"""Fixtures: a monitor that is closed at the end of its test, and every interpreter found."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pconc_tui.monitor.monitor import Monitor
from tests.support import interpreters


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
def monitor(open_monitor: Callable[..., Monitor]) -> Monitor:
    """A monitor whose lab runs under this interpreter."""
    return open_monitor()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "python" in metafunc.fixturenames:
        found = interpreters()
        metafunc.parametrize("python", found.values(), ids=found.keys())
