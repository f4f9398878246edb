"""What a fork server imports before the first worker is started, so that none of them has to."""

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

# It makes our package importable, which is not installed here.
runpy.run_path(os.path.join(os.path.dirname(_HERE), "__main__.py"), run_name="pconc_tui_workers")

from pconc_tui import experiments  # noqa: E402
from pconc_tui.lab import controller  # noqa: E402, F401

experiments.catalogue()
