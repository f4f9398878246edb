"""Starts the lab, under any CPython: `python lab/__main__.py BLOCK_FD EVENTS_FD FOLDER [START_METHOD]`."""

import importlib.util
import os
import sys


def _make_importable() -> None:
    """Make this package importable, but not the packages beside it, which may belong to another Python.

    Spawned workers, fork servers and interpreters run this file too, before they unpickle anything.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    ours = os.path.join(package, "lab"), os.path.join(package, "lab", "preloaded")
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) not in ours]
    if "pconc_tui" in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(
        "pconc_tui", os.path.join(package, "__init__.py"), submodule_search_locations=[package]
    )
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["pconc_tui"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


_make_importable()

if __name__ == "__main__":
    from pconc_tui.lab.supervisor import supervise

    _FDS = int(sys.argv[1]), int(sys.argv[2])
    _SUPERVISOR_FD = supervise(_FDS, sys.argv[3])

    from pconc_tui.lab.controller import main

    main(_SUPERVISOR_FD, *_FDS, *sys.argv[3:])
