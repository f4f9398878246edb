"""A recording is replayed where nothing can be run: without monitor, labs, `/proc`, and what only Unix has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

UNIX = ["termios", "fcntl", "resource", "pwd", "grp", "tty", "pty", "syslog"]
OURS = [f"pconc_tui.{room}" for room in ["monitor", "lab", "sampler", "cpython", "python_discovery", "worker.recorder"]]
MISSING = {
    "os": "fork forkpty setsid setpgid getpgid getpgrp killpg tcgetpgrp ttyname openpty mkfifo getloadavg sysconf"
    " sched_getaffinity sched_setaffinity sched_yield getuid geteuid getgid getegid wait4 waitid wait3 pidfd_open pipe2"
    " memfd_create eventfd posix_fadvise statvfs nice chown lchown getgroups set_blocking register_at_fork confstr"
    " O_NONBLOCK O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_SYNC O_NOCTTY WNOHANG",
    "select": "poll",
    "signal": "SIGHUP SIGTSTP SIGCONT SIGSTOP SIGKILL SIGCHLD SIGWINCH SIGUSR1 SIGUSR2 SIGQUIT SIGPIPE SIGALRM"
    " pthread_kill pthread_sigmask sigwait sigwaitinfo setitimer alarm pause siginterrupt",
    "socket": "SO_PEERCRED SCM_RIGHTS CMSG_LEN send_fds recv_fds",
    "time": "clock_gettime clock_gettime_ns clock_getres pthread_getcpuclockid CLOCK_MONOTONIC CLOCK_REALTIME tzset",
}
"""What some system has not, by module; what asyncio needs here stays."""
REPLAY = """
import asyncio, os, select, signal, socket, subprocess, sys, sysconfig, time, warnings

import textual.app, textual.pilot  # Python and Textual have other modules there.

sysconfig.get_config_vars()
sys.platform = {platform!r}
for name in {blocked!r}:
    sys.modules[name] = None
for module, names in {missing!r}.items():
    for name in names.split():
        if hasattr(sys.modules[module], name):
            delattr(sys.modules[module], name)
# Text files would be read and written in the encoding of the system.
warnings.filterwarnings("error", category=EncodingWarning, module="pconc_tui")
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
            assert app._exception is None
            await pilot.pause(0.01)
        for keys in "end home space full_stop full_stop less_than_sign x x b b B t w question_mark".split():
            await pilot.press(keys)
            await pilot.pause()
            texts.append("\\n".join(strip.text for strip in app.screen._compositor.render_strips()))


asyncio.run(run())
assert all("RECORDED" in text for text in texts[:-1]), texts
assert "cpu-bound" in texts[0]
for form in ("--json", "--csv-spans", "--csv-measurements", "--trace", "--svg", "--animated-svg --to 1"):
    arguments = cli._parser().parse_args(["export", {path!r}, *form.split(), "-o", "exported"])
    assert arguments.command(arguments) == 0, form
assert not [path for path in opened if path.startswith("/proc")], opened
print("replayed")
"""


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_it_needs_nothing_of_the_system_on_which_it_was_recorded(
    recorded_run: Path, tmp_path: Path, platform: str
) -> None:
    blocked = [*UNIX, *OURS, "psutil"]
    code = REPLAY.format(platform=platform, blocked=blocked, missing=MISSING, path=str(recorded_run))
    # Textual's own driver for Linux needs termios; on Windows it has another.
    environment = {**os.environ, "TEXTUAL_DRIVER": "textual.drivers.headless_driver:HeadlessDriver"}
    command = [sys.executable, "-X", "warn_default_encoding", "-c", code]
    found = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)
    assert found.returncode == 0, found.stderr[-3000:]
    assert found.stdout == "replayed\n"
    assert len(list(tmp_path.glob("pconc-tui-*.svg"))) == 1
