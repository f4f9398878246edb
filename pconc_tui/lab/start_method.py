"""How the lab starts processes: by which method, and how a fork server gets quick."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from multiprocessing import current_process, forkserver, get_context, set_start_method
from typing import Iterator, Optional

_PRELOADED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "preloaded")
_MULTIPROCESSING = ("popen_forkserver", "sharedctypes", "synchronize", "queues")


def choose_start_method(method: Optional[str]) -> None:
    """Start processes like this from now on; None: as the interpreter does by itself."""
    if method is not None:
        set_start_method(method)
    warm_up()


def warm_up() -> None:
    """Start the fork server now, where there is to be one, with all that workers need imported.

    So launching a worker costs no more than it must.
    """
    if sys.platform == "linux":
        # Named after the lab's folder, they are known as stale where it was killed with what would have tidied up.
        vars(current_process())["_config"]["semprefix"] = "/" + os.path.basename(tempfile.gettempdir())
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
