"""Imported by a fork server before it starts workers, so that they need not import our modules themselves."""

import os
import runpy
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or os.getcwd()) != _HERE]
_PATH = os.environ.get("PYTHONPATH", "").split(os.pathsep)
if _PATH[0] == _HERE:
    os.environ["PYTHONPATH"] = os.pathsep.join(_PATH[1:])
    if not _PATH[1:]:
        del os.environ["PYTHONPATH"]

# Makes our package importable: it is not installed for this interpreter.
runpy.run_path(os.path.join(os.path.dirname(_HERE), "__main__.py"), run_name="pconc_tui_workers")

from pconc_tui import experiments  # noqa: E402
from pconc_tui.lab import controller  # noqa: E402, F401

experiments.catalogue()
