"""How the lab starts processes: by which method, and a fork server that is quick and of which nothing is left."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from multiprocessing import forkserver, get_context, process, set_start_method
from typing import Any, Iterator, Optional

_PRELOADED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "preloaded")
_MULTIPROCESSING = ("popen_forkserver", "sharedctypes", "synchronize", "queues")


def choose(method: Optional[str]) -> None:
    """Start processes like this from now on; None: as the interpreter does by itself."""
    if method is not None:
        set_start_method(method)
    warm_up()


def warm_up() -> None:
    """Start the fork server now, where there is to be one, with all that workers need imported.

    So launching a worker costs no more than it must.
    """
    if get_context().get_start_method() != "forkserver":
        return
    forkserver.set_forkserver_preload(
        ["pconc_tui_workers", "hmac", *(f"multiprocessing.{name}" for name in _MULTIPROCESSING)]
    )
    with _hidden_socket(), _python_path(_PRELOADED):
        forkserver.ensure_running()
    first = get_context().Process(target=int)
    first.start()
    first.join()


@contextmanager
def _python_path(folder: str) -> Iterator[None]:
    """What is started meanwhile finds the modules in this folder: older fork servers ask the variable, newer get the
    path of who starts them."""
    sys.path.insert(0, folder)
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = folder if before is None else folder + os.pathsep + before
    try:
        yield
    finally:
        sys.path.remove(folder)
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


@contextmanager
def _hidden_socket() -> Iterator[None]:
    """Of the fork server that is started meanwhile no file is left, even if all of us are killed: it gets no name."""
    if not os.path.isdir("/proc/self/fd"):
        yield
        return
    server: Any = getattr(forkserver, "_forkserver")  # noqa: B009 - it has no public name
    config: Any = getattr(process.current_process(), "_config")  # noqa: B009
    folder = config["tempdir"] = tempfile.mkdtemp(prefix="pconc-tui-")
    try:
        yield
        address = server._forkserver_address
        if address and os.path.dirname(address) == folder:
            # Whoever has the socket's inode open can connect to it, without a name as well.
            server._forkserver_address = "/proc/self/fd/%d" % os.open(address, os.O_PATH | os.O_CLOEXEC)
    finally:
        config["tempdir"] = None
        shutil.rmtree(folder, ignore_errors=True)
