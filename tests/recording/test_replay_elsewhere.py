"""A recording is replayed where nothing can be run: without monitor, labs, `/proc`, and what only Unix has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

UNIX = ["termios", "fcntl", "resource", "pwd", "grp", "tty", "pty", "syslog"]
OURS = [f"pconc_tui.{room}" for room in ["monitor", "lab", "sampler", "cpython", "python_discovery", "worker.recorder"]]
REPLAY = """
import asyncio, os, select, signal, sys

for name in {blocked!r}:
    sys.modules[name] = None
for owner, names in ((os, "fork setsid tcgetpgrp getuid"), (select, "poll"), (signal, "SIGHUP SIGTSTP pthread_kill")):
    for name in names.split():
        delattr(owner, name)
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)

from pconc_tui import cli
from pconc_tui.commands.replay import replay_app

arguments = cli._parser().parse_args(["replay", {path!r}])
app = replay_app(arguments.file)(lambda restored: None)
texts = []


async def run():
    async with app.run_test(size=(160, 45)) as pilot:
        while app._dashboard.state.replay is None:
            await pilot.pause(0.01)
        for keys in "end home space full_stop full_stop less_than_sign b b t question_mark".split():
            await pilot.press(keys)
            await pilot.pause()
            texts.append("\\n".join(strip.text for strip in app.screen._compositor.render_strips()))


asyncio.run(run())
assert all("RECORDED" in text for text in texts[:-1]), texts
assert "cpu-bound" in texts[0]
assert not [path for path in opened if path.startswith("/proc")], opened
print("replayed")
"""


def test_it_needs_nothing_of_the_system_on_which_it_was_recorded(recorded_run: Path) -> None:
    code = REPLAY.format(blocked=[*UNIX, *OURS, "psutil"], path=str(recorded_run))
    # Textual's own driver for Linux needs termios; on Windows it has another.
    environment = {**os.environ, "TEXTUAL_DRIVER": "textual.drivers.headless_driver:HeadlessDriver"}
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert found.returncode == 0, found.stderr[-3000:]
    assert found.stdout == "replayed\n"
