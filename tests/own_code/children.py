"""Functions that leave processes behind; a process that is there creates a file in the folder named by CHILDREN_READY.

Where CHILDREN_WAIT is set, the functions wait for ever then; else they return.
"""

import asyncio
import concurrent.futures
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

READY = os.environ.get("CHILDREN_READY", "")
WAIT = bool(os.environ.get("CHILDREN_WAIT"))
JOINED_S = 300.0 if WAIT else 1.0
"""How long processes burn that a worker process waits for when it exits, as `multiprocessing` does."""
SHELL, A, B = [f'touch "$CHILDREN_READY/{name}"; exec sleep 300' for name in ("$$", "a", "b")]
PYTHON = "import children; children.ready(); children.burn()"


def ready() -> None:
    if READY:
        os.close(tempfile.mkstemp(dir=READY)[0])


def burn(seconds: float = 300) -> None:
    end = time.time() + seconds
    while time.time() < end:
        pass


def arrive_and_burn(seconds: float = 300) -> None:
    ready()
    burn(seconds)


def finish(count: int) -> None:
    """Wait until so many processes are there, and then for ever or not at all."""
    while READY and len(os.listdir(READY)) < count:
        time.sleep(0.01)
    complete()
    while WAIT:
        time.sleep(0.1)


def complete() -> None:
    if READY:
        open(READY + ".complete", "w").close()


def popen(index):
    subprocess.Popen(["sh", "-c", SHELL])
    finish(1)


def popen_session(index):
    subprocess.Popen(["sh", "-c", SHELL], start_new_session=True)
    finish(1)


def popen_python(index):
    subprocess.Popen([sys.executable, "-c", PYTHON], cwd=os.path.dirname(os.path.abspath(__file__)))
    finish(1)


def pipeline(index):
    subprocess.Popen(f"({A}) | ({B})", shell=True)
    finish(2)


def shell_background(index):
    os.system(f"({A}) & ({B}) &")
    finish(2)


def nohup(index):
    subprocess.Popen(["sh", "-c", f"trap '' HUP INT TERM QUIT; setsid sh -c '{A}' &"]).wait()
    finish(1)


def _process(method):
    multiprocessing.get_context(method).Process(target=arrive_and_burn, args=(JOINED_S,)).start()
    finish(1)


def process_fork(index):
    _process("fork")


def process_spawn(index):
    _process("spawn")


def process_forkserver(index):
    _process("forkserver")


def process_daemon(index):
    multiprocessing.get_context("fork").Process(target=arrive_and_burn, daemon=True).start()
    finish(1)


def _pool(method):
    pool = multiprocessing.get_context(method).Pool(2)
    pool.map_async(arrive_and_burn, [300.0] * 2, chunksize=1)
    finish(2)


def pool_fork(index):
    _pool("fork")


def pool_spawn(index):
    _pool("spawn")


def executor(index):
    pool = concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("fork"))
    for _ in range(2):
        pool.submit(arrive_and_burn, JOINED_S)
    pool.shutdown(wait=False)
    finish(2)


def nested(index):
    """A process that starts a process that starts one."""

    def deeper(depth):
        if depth:
            multiprocessing.get_context("fork").Process(target=deeper, args=(depth - 1,)).start()
        arrive_and_burn(JOINED_S)

    multiprocessing.get_context("fork").Process(target=deeper, args=(2,)).start()
    finish(3)


def fork(index):
    if os.fork() == 0:
        arrive_and_burn()
        os._exit(0)
    finish(1)


def double_fork(index):
    if os.fork() == 0:
        if os.fork() == 0:
            arrive_and_burn()
        os._exit(0)
    os.wait()
    finish(1)


def daemonize(index):
    """As daemons do: twice forked, in a session of its own, without descriptors."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            ready()
            os.closerange(0, 1000)
            burn()
        os._exit(0)
    os.wait()
    finish(1)


def own_group(index):
    if os.fork() == 0:
        os.setpgid(0, 0)
        if os.fork() == 0:
            arrive_and_burn()
        arrive_and_burn()
    finish(2)


def ignores_signals(index):
    if os.fork() == 0:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        arrive_and_burn()
    finish(1)


def stopped(index):
    pid = subprocess.Popen(["sleep", "300"]).pid
    os.kill(pid, signal.SIGSTOP)
    ready()
    finish(1)


def keeps_forking(index):
    if os.fork() == 0:
        ready()
        while True:
            if os.fork():
                time.sleep(0.02)
                os._exit(0)
    finish(1)


def from_threads(index):
    threads = [threading.Thread(target=subprocess.call, args=(["sh", "-c", SHELL],), daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    finish(3)


async def asyncio_process(index):
    await asyncio.create_subprocess_exec("sh", "-c", SHELL)
    while READY and not os.listdir(READY):
        await asyncio.sleep(0.01)
    complete()
    while WAIT:
        await asyncio.sleep(0.1)


def shared_memory(index):
    """Shared memory and a manager's process and folder, of a program of its own."""
    code = (
        "import multiprocessing, children\n"
        "from multiprocessing import shared_memory\n"
        "if __name__ == '__main__':\n"
        "    block = shared_memory.SharedMemory(create=True, size=4096)\n"
        "    lock = multiprocessing.Lock()\n"
        "    children._process('fork')\n"
        "    children.arrive_and_burn()\n"
    )
    subprocess.Popen([sys.executable, "-c", code], cwd=os.path.dirname(os.path.abspath(__file__)))
    finish(2)
