"""The programs' own virtual environment, with their packages and the C extension: made once, then used again."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.real_programs.catalogue import EXTENSION, PACKAGES


def made(folder: Path) -> Path:
    """The interpreter of the environment in this folder. Needs a network and a C compiler the first time."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    marker = folder / "packages.txt"
    wanted = "\n".join(PACKAGES)
    if not marker.exists() or marker.read_text() != wanted:
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        marker.write_text(wanted)
    library = folder / f"keeps_the_gil{sysconfig.get_config_var('EXT_SUFFIX')}"
    if not library.exists():
        headers = sysconfig.get_paths()["include"]
        subprocess.run(
            ["cc", "-O1", "-shared", "-fPIC", f"-I{headers}", str(EXTENSION), "-o", str(library)], check=True
        )
    return python
