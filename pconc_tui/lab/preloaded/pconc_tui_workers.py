"""Imported by a fork server before it starts workers, so that they need not import our modules themselves."""

import os
import runpy

_HERE = os.path.dirname(os.path.abspath(__file__))
del os.environ["PYTHONPATH"]

# Makes our package importable, and removes this folder from the path: it is not installed for this interpreter.
runpy.run_path(os.path.join(os.path.dirname(_HERE), "__main__.py"), run_name="pconc_tui_workers")

from pconc_tui import experiments  # noqa: E402
from pconc_tui.lab import controller  # noqa: E402, F401

experiments.catalogue()
