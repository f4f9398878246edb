"""What `pconc-tui doctor` checks around this program: interpreters, py-spy, the terminal."""

from __future__ import annotations

import locale
import os
import shutil
import sys
from collections.abc import Iterator

from pconc_tui.monitor.machine_checks import Check
from pconc_tui.python_discovery import find
from pconc_tui.stacks import py_spy

LEAST_COLUMNS, LEAST_ROWS = 80, 24
"""The size of a terminal in which everything has a place."""


def interpreters() -> Iterator[Check]:
    from pconc_tui.monitor.machine_checks import Check

    found = find()
    versions = ", ".join(each.short for each in found) or "none"
    advice = ""
    if all(each.gil_enabled for each in found):
        advice = "install a free-threaded build, such as python3.14t, to compare with and without the GIL"
    yield Check("interpreters", versions, not advice, advice)


def stacks() -> Check:
    if path := py_spy.program():
        return Check("functions of threads", f"by {path}")
    advice = "pip install 'pconc-tui[watch]' shows in which function the threads of a watched program are"
    return Check("functions of threads", "of CPython 3.14 and later only: py-spy is not installed", False, advice)


def terminal() -> Iterator[Check]:
    if not sys.stdout.isatty():
        yield Check("terminal", "standard output is none")
        return
    columns, rows = shutil.get_terminal_size()
    small = columns < LEAST_COLUMNS or rows < LEAST_ROWS
    advice = f"{LEAST_COLUMNS}x{LEAST_ROWS} or more show every panel" if small else ""
    yield Check("terminal", f"{columns}x{rows}, {os.environ.get('TERM', 'TERM is not set')}", not small, advice)
    yield _colours()
    encoding = locale.getpreferredencoding(False)
    unicode = encoding.upper().replace("-", "") == "UTF8"
    advice = "" if unicode else "set LC_ALL=C.UTF-8: lanes are drawn with block characters"
    yield Check("characters", encoding, unicode, advice)


def _colours() -> Check:
    if "NO_COLOR" in os.environ:
        return Check("colours", "none (NO_COLOR is set)", False, "unset NO_COLOR: states differ in their colours")
    if os.environ.get("COLORTERM") in ("truecolor", "24bit"):
        return Check("colours", "16 million")
    many = "256color" in os.environ.get("TERM", "")
    return Check(
        "colours", "256" if many else "16 or fewer", many, "" if many else "set TERM=xterm-256color where it is true"
    )
