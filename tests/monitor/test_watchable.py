"""Why a process can't be watched: each reason in one line, with what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from pconc_tui.monitor.machine_checks import Check, checks
from pconc_tui.monitor.watchable import require_watchable
from pconc_tui.requests import RequestError
from tests.kernel.test_levels import AS_USER, ROOT, python_for_all
from tests.watched import BUSY, program

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
REASON = """
import sys
from pconc_tui.monitor.watchable import require_watchable
from pconc_tui.requests import RequestError
try:
    require_watchable(int(sys.argv[1]))
except RequestError as error:
    print(error)
"""
PSUTIL = f"PYTHONPATH={Path(psutil.__file__).parents[1]}"


def reason_for_user(pid: int, *wrapped: str) -> str:
    """Why another user can't watch a process; `wrapped`: the command before it."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("needs root and setpriv")
    python = python_for_all()
    if python is None:
        pytest.skip("needs a Python that another user can run")
    done = subprocess.run([*wrapped, *AS_USER, PSUTIL, python, "-c", REASON, str(pid)], cwd=ROOT, capture_output=True)
    return done.stdout.decode().strip() or pytest.skip(f"does not run there: {done.stderr.decode()[-200:]}")


def test_another_users_process() -> None:
    with program(BUSY) as process:
        said = reason_for_user(process.pid)
    assert said == (
        f"the system does not let this user read process {process.pid}, which is root's: "
        "run pconc-tui as that user, or with sudo"
    )


def test_a_process_that_proc_hides() -> None:
    if not shutil.which("unshare"):
        pytest.skip("needs unshare")
    with program(BUSY) as process:
        said = reason_for_user(
            process.pid, "unshare", "-m", "sh", "-c", 'mount -t proc -o hidepid=2 proc /proc && exec "$@"', "sh"
        )
    assert said.startswith(f"/proc hides process {process.pid} from this user (hidepid)")


def test_a_program_that_is_no_python() -> None:
    cat = shutil.which("cat")
    assert cat is not None
    with subprocess.Popen([cat], stdin=subprocess.PIPE) as process:
        with pytest.raises(RequestError, match=f"^process {process.pid} runs no Python, nor does a process below it"):
            require_watchable(process.pid)
        process.kill()


def test_the_doctor_says_that_proc_hides_processes(tmp_path: Path) -> None:
    def checked(options: str) -> Check:
        (tmp_path / "proc/self").mkdir(parents=True, exist_ok=True)
        (tmp_path / "proc/self/mountinfo").write_text(f"22 27 0:21 / /proc rw,nosuid - proc proc rw{options}\n")
        return next(each for each in checks(tmp_path) if each.name == "other processes")

    assert checked("").ok
    hidden = checked(",hidepid=invisible")
    assert not hidden.ok
    assert "hidepid" in hidden.found
