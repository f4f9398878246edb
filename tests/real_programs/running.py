"""Starts one of the programs, and gives it work until it is ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from tests.real_programs.catalogue import FOLDER, Program

CLIENTS = 4
"""Threads that ask a server."""
PATIENCE_S = 120


@contextmanager
def started(program: Program, python: Path) -> Iterator[int]:
    """The program at work; its process id."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pconc-real-"))
        port = _free_port()
        environment = {
            **os.environ,
            "REAL_PROGRAMS_FOLDER": folder,
            "OPENBLAS_NUM_THREADS": str(program.threads_of_blas),
            "PYTHONPATH": f"{FOLDER}{os.pathsep}{python.parents[1]}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

        def start(arguments: str) -> subprocess.Popen[bytes]:
            words = [word.format(port=port, folder=folder) for word in arguments.split()]
            words = [str(FOLDER / word) if word.endswith(".py") else word for word in words]
            process = subprocess.Popen(
                [str(python), *words],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            stack.callback(_end, process)
            return process

        process = start(program.command)
        if program.asks:
            url = f"http://127.0.0.1:{port}/{program.asks}"
            _until_it_answers(url, process)
            stop = threading.Event()
            stack.callback(stop.set)
            for _ in range(CLIENTS):
                threading.Thread(target=_ask, args=(url, stop), daemon=True).start()
        if program.feeder:
            start(program.feeder)
        yield process.pid


def _ask(url: str, stop: threading.Event) -> None:
    while not stop.is_set():
        with suppress(OSError), urlopen(url, timeout=PATIENCE_S) as answer:
            answer.read()


def _until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(URLError, OSError), urlopen(url, timeout=PATIENCE_S):
            return
        time.sleep(0.1)
    raise RuntimeError(f"no answer from {url}; exit status {process.poll()}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and all that it has started: it has a session of its own.

    What removes the semaphores of processes that were killed is left to do so; it ends when they have.
    """
    members = [each for each in psutil.process_iter(["cmdline"]) if _group(each.pid) == process.pid]
    for each in members:
        if not any("resource_tracker" in word for word in each.info["cmdline"] or ()):
            with suppress(psutil.NoSuchProcess):
                each.kill()
    process.wait()
    psutil.wait_procs(members, PATIENCE_S)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _group(pid: int) -> int | None:
    with suppress(ProcessLookupError):
        return os.getpgid(pid)
    return None
