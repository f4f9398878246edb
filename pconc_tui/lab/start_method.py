"""How the lab starts processes: the start method, and a fork server with all modules preloaded."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from multiprocessing import current_process, forkserver, get_context, set_start_method
from typing import Iterator, Optional

_PRELOADED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "preloaded")
_MULTIPROCESSING = ("popen_forkserver", "sharedctypes", "synchronize", "queues")


def choose_start_method(method: Optional[str]) -> None:
    """Set the start method of this process; None: the interpreter's default."""
    if method is not None:
        set_start_method(method)
    prepare_start_method()


def keep_files_in(folder: str) -> None:
    """Have `multiprocessing` put its files here, in this process and all that it starts, and start processes here.

    They start with `python -c`, which imports from the current directory.
    """
    os.chdir(folder)
    config = vars(current_process())["_config"]
    config["tempdir"] = folder
    if sys.platform == "linux":
        # So that semaphores left behind by a killed lab can be recognized and removed.
        config["semprefix"] = "/" + os.path.basename(folder)


def prepare_start_method() -> None:
    """Start the fork server, if the start method uses one, and preload the modules of workers: launches are faster."""
    if get_context().get_start_method() != "forkserver":
        return
    forkserver.set_forkserver_preload(
        ["pconc_tui_workers", "hmac", *(f"multiprocessing.{name}" for name in _MULTIPROCESSING)]
    )
    with _python_path(_PRELOADED):
        forkserver.ensure_running()
    first = get_context().Process(target=int)
    first.start()
    first.join()


@contextmanager
def _python_path(folder: str) -> Iterator[None]:
    """A context in which a started fork server can import from this folder.

    Older CPythons pass the path on by the environment variable, newer ones by `sys.path`.
    """
    sys.path.insert(0, folder)
    os.environ["PYTHONPATH"] = folder
    try:
        yield
    finally:
        sys.path.remove(folder)
        del os.environ["PYTHONPATH"]
