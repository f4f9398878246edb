"""Imported by a fork server before it starts workers, so that they need not import our modules themselves."""

import os
from multiprocessing import spawn

_HERE = os.path.dirname(os.path.abspath(__file__))
del os.environ["PYTHONPATH"]

# Makes our package importable, and removes this folder from the path: it is not installed for this interpreter.
# Done here as `multiprocessing` would, it is not done again in each worker, which takes a millisecond.
spawn.import_main_path(os.path.join(os.path.dirname(_HERE), "__main__.py"))

from pconc_tui import experiments  # noqa: E402
from pconc_tui.lab import controller  # noqa: E402, F401

experiments.catalogue()
