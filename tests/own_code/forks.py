"""Functions that fork, exit and signal; each raises AssertionError where plain Python would behave otherwise."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pconc_tui

FORK = multiprocessing.get_context("fork")


def _status(child):
    """How a forked child ends that calls this function, then goes on as the function's caller; None in the child."""
    pid = os.fork()
    if pid == 0:
        child()
        return None
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def child_returns(index):
    start = time.monotonic()
    if _status(lambda: None) == 0:
        time.sleep(0.2)
        assert time.monotonic() - start >= 0.2


def child_raises(index):
    assert _status(lambda: {}["missing"]) in (None, 1)


def child_exits(index):
    assert _status(lambda: sys.exit(3)) in (None, 3)


def child_exits_with_message(index):
    assert _status(lambda: sys.exit("no more")) in (None, 1)


def child_is_killed(index):
    assert _status(lambda: os.kill(os.getpid(), signal.SIGTERM)) in (None, -signal.SIGTERM)


async def child_returns_from_task(index):
    if os.fork() == 0:
        return
    assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
    await asyncio.sleep(0.01)


async def child_raises_in_task(index):
    await asyncio.sleep(0)
    if os.fork() == 0:
        raise KeyError("missing")
    assert os.waitstatus_to_exitcode(os.wait()[1]) == 1


def grandchild_returns(index):
    reads, writes = os.pipe()
    if _status(os.fork) is not None:
        os.close(writes)
        os.read(reads, 1)  # Until the grandchild has ended, too, which has the other end.
        os.close(reads)


def child_probes(index):
    """The child's calls must not count as this worker's."""
    for _ in range(3):
        pconc_tui.probe()
    _status(lambda: [pconc_tui.probe() for _ in range(1000)])


def child_has_nothing_of_the_lab(index):
    def check():
        usual = {signal.SIGTERM: signal.SIG_DFL, signal.SIGALRM: signal.SIG_DFL, signal.SIGUSR1: signal.SIG_DFL}
        usual[signal.SIGINT] = signal.default_int_handler
        for number, handler in usual.items():
            assert signal.getsignal(number) == handler, (number, signal.getsignal(number))
        if sys.platform == "linux":
            for fd in os.listdir("/proc/self/fd"):
                assert fd == "0" or not _leads_to(fd, "/memfd:pconc-tui"), fd

    assert _status(check) in (None, 0)


def _leads_to(fd, start):
    try:
        return os.readlink("/proc/self/fd/" + fd).startswith(start)
    except OSError:
        return False


def terminated(index):
    process = FORK.Process(target=time.sleep, args=(60,))
    process.start()
    process.terminate()
    process.join()
    assert process.exitcode == -signal.SIGTERM, process.exitcode


def pool(index):
    with FORK.Pool(2) as pool:
        assert pool.map(abs, [-1, -2]) == [1, 2]


def subprocess_is_interrupted(index):
    code = "import time\nprint(flush=True)\nwhile True: time.sleep(0.01)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait() == -signal.SIGINT, process.returncode


def interrupts_itself(index):
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(100):
        time.sleep(0.001)


async def interrupts_itself_in_task(index):
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.sleep(0)


def terminates_itself(index):
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)


def exits(index):
    sys.exit()


def exits_with_0(index):
    sys.exit(0)


def exits_with_3(index):
    sys.exit(3)
