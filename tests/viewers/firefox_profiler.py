"""Firefox Profiler's importer, as Mozilla's own command line program runs it under node."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support import eventually

SESSION = "test"
LOADED, REFUSED = "Profile loaded successfully", "Failed to load profile"
"""What its daemon writes into its log."""


class RefusedError(Exception):
    """Firefox Profiler can't read the trace."""


class FirefoxProfiler:
    """A trace that Firefox Profiler has opened."""

    def __init__(self, program: Path, environment: dict[str, str]) -> None:
        self._program, self._environment = program, environment

    def ask(self, *words: str) -> Any:
        """What a command answers."""
        command = ["node", str(self._program), *words, "--session", SESSION, "--json"]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True)
        if done.returncode:
            raise RefusedError(done.stderr)
        return json.loads(done.stdout)

    def threads(self) -> list[dict[str, Any]]:
        """Its threads, in order."""
        threads: list[dict[str, Any]] = self.ask("thread", "list")["threads"]
        return threads

    def counts(self, thread: str) -> dict[str, int]:
        """How many markers with each name a thread has."""
        self.ask("thread", "select", thread)
        return {each["markerName"]: each["count"] for each in self.ask("thread", "markers")["byType"]}


@contextmanager
def opened(node_modules: Path, trace: Path, folder: Path) -> Iterator[FirefoxProfiler]:
    """Firefox Profiler with this trace; `folder` is for its sockets. Raises RefusedError."""
    program = node_modules / "@firefox-devtools" / "profiler-cli" / "dist" / "profiler-cli.js"
    environment = {**os.environ, "PROFILER_CLI_SESSION_DIR": str(folder), "PROFILER_CLI_NO_SYMBOLICATE": "1"}
    log = folder / "daemon.txt"
    with open(log, "wb") as output:
        command = ["node", str(program), "--daemon", str(trace), "--session", SESSION]
        daemon = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    own_log = folder / f"{SESSION}.log"

    def reported() -> str:
        """What the daemon said. A command must not ask earlier: it takes a session that is just starting for a dead
        one, and deletes it.
        """
        return (own_log.read_text() if own_log.exists() else "") + log.read_text(errors="replace")

    try:
        eventually(lambda: daemon.poll() is not None or LOADED in reported() or REFUSED in reported())
        if LOADED not in reported():
            raise RefusedError(reported())
        yield FirefoxProfiler(program, environment)
    finally:
        daemon.kill()
        daemon.wait()
