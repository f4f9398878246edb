"""CPython is found in programs of any name that contain or load it: static, stripped, replaced on disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pconc_tui.cpython import NotReadableError, Runtime, embeds_python
from pconc_tui.monitor.python_processes import identify, version_of
from pconc_tui.protocol.process_stat import process_stat
from tests.cpython.embedding import built, running
from tests.cpython.test_runtime import opened
from tests.support import needed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
CODE = """
import sys, threading
stop = threading.Event()
[threading.Thread(target=stop.wait, daemon=True).start() for _ in range(3)]
print(flush=True)
sys.stdin.read()
"""
OLDEST_WITH_SECTION = "3.10"
"""`_PyRuntime` has a section of its own since."""


def is_found(pid: int, version: str) -> None:
    """It is listed among the Python programs, with its version; its threads and its GIL are known."""
    stat = process_stat(pid)
    assert stat is not None
    found = identify(pid, stat.started)
    assert found is not None
    assert (found.version, found.problem) == (version, "")
    with opened(pid) as runtime:
        assert len(runtime.thread_ids()) == 4
        assert [each.interval_ns for each in runtime.locks()] == [5_000_000]


@pytest.mark.parametrize("options", [("-rdynamic",), ("-s",), ("-static", "-s")], ids=" ".join)
@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12", "3.13"])
def test_a_program_that_contains_python(version: str, options: tuple[str, ...], tmp_path: Path) -> None:
    python = needed(version)
    with running(built(python, tmp_path, *options), python, CODE) as process:
        if version == "3.9" and "-s" in options:
            assert not embeds_python(process.pid)
            with pytest.raises(NotReadableError, match="without the symbol _PyRuntime"):
                Runtime(process.pid)
        else:
            assert embeds_python(process.pid)
            is_found(process.pid, version)


def test_a_program_that_loads_pythons_library(python: str, tmp_path: Path) -> None:
    program = built(python, tmp_path, shared=True)
    with running(program, python, CODE) as process:
        assert not embeds_python(process.pid)
        is_found(process.pid, version_of(process.pid))


def test_a_library_of_another_name_that_contains_python(tmp_path: Path) -> None:
    python = sys.executable
    program = built(python, tmp_path, shared=True)
    (library,) = tmp_path.glob("lib*.so*")
    library.rename(tmp_path / "plugin.so")
    library.symlink_to("plugin.so")
    with running(program, python, CODE) as process, opened(process.pid) as runtime:
        assert "/libpython" not in Path(f"/proc/{process.pid}/maps").read_text()
        assert runtime.version == sys.version_info[:2]


def test_a_library_that_was_replaced_since_the_program_started(tmp_path: Path) -> None:
    python = sys.executable
    program = built(python, tmp_path, shared=True)
    (library,) = tmp_path.glob("lib*.so*")
    with running(program, python, CODE) as process:
        library.unlink()
        library.write_bytes(b"another")
        if os.geteuid() == 0:
            is_found(process.pid, version_of(process.pid))
        else:
            with pytest.raises(NotReadableError, match="was replaced since process"):
                Runtime(process.pid)


@pytest.mark.skipif(shutil.which("strip") is None, reason="needs strip")
def test_an_interpreter_that_was_stripped_and_renamed(python: str, tmp_path: Path) -> None:
    program = tmp_path / "renamed"
    subprocess.run(["strip", "-s", "-o", program, os.path.realpath(python)], check=True, stderr=subprocess.DEVNULL)
    with subprocess.Popen([program, "-S", "-c", CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        started = process.stdout.readline()
        if started:
            assert version_of(process.pid)
        process.kill()
    if not started:
        pytest.skip("a copy of it does not start")
