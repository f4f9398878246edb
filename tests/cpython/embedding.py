"""Programs that contain or load CPython and have another name, compiled with gcc: as others embed or freeze it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_SOURCE = """
#include <Python.h>
int main(int argc, char **argv) {
    Py_Initialize();
    return PyRun_SimpleString(argv[1]);
}
"""
_VARIABLES = "INCLUDEPY", "LIBPL", "LIBRARY", "LIBDIR", "LDLIBRARY", "prefix"


def _variables(python: str) -> dict[str, str]:
    code = f"import json, sysconfig; print(json.dumps([sysconfig.get_config_var(each) or '' for each in {_VARIABLES}]))"
    done = subprocess.run([python, "-c", code], capture_output=True, check=True)
    return dict(zip(_VARIABLES, json.loads(done.stdout), strict=True))


def built(python: str, folder: Path, *options: str, shared: bool = False) -> Path:
    """A program that contains this interpreter, or loads a copy of its shared library in the same folder.

    Its first argument is the code that it runs. The test is skipped where it can't be built.
    """
    values = _variables(python)
    library = Path(values["LIBDIR"], values["LDLIBRARY"]) if shared else Path(values["LIBPL"], values["LIBRARY"])
    if not shutil.which("gcc") or not library.is_file() or shared != (".so" in library.name):
        pytest.skip("needs gcc, and a Python that can be embedded")
    if shared:
        shutil.copy(library.resolve(), folder)
        options = (f"-Wl,-rpath,{folder}", *options)
    source, program = folder / "program.c", folder / "program"
    source.write_text(_SOURCE)
    libraries = [str(library), "-lm", "-lz", "-ldl", "-lutil", "-lpthread"]
    command = ["gcc", "-w", f"-I{values['INCLUDEPY']}", str(source), "-o", str(program), *options, *libraries]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"it can't be linked: {done.stderr.splitlines()[-1]}")
    return program


@contextmanager
def running(program: Path, python: str, code: str) -> Iterator[subprocess.Popen[bytes]]:
    """The program runs this code, and has printed a line; it finds the interpreter's standard library."""
    environment = {**os.environ, "PYTHONHOME": _variables(python)["prefix"]}
    with subprocess.Popen(
        [str(program), code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()
