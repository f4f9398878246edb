"""Functions whose work is done by threads and processes of their own, a known amount of CPU time."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from multiprocessing import get_context

BURNED_S = 0.15


def burn(seconds: float = BURNED_S) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def burn_half(index: int) -> None:
    burn()
    time.sleep(BURNED_S)


def burn_and_sleep_long(index: int) -> None:
    burn(0.02)
    time.sleep(0.3)


def in_threads(index: int) -> None:
    threads = [threading.Thread(target=burn) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def in_named_threads(index: int) -> None:
    for name in ("parser", "compressor of images"):
        thread = threading.Thread(target=burn, name=name)
        thread.start()
        thread.join()


async def in_a_helper_thread(index: int) -> None:
    await asyncio.to_thread(burn, 2 * BURNED_S)


def in_commands(index: int) -> None:
    code = f"import time\nwhile time.process_time() < {BURNED_S}: pass"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code], check=True)


def in_a_pool(index: int) -> None:
    with get_context("fork").Pool(2) as pool:
        pool.map(burn, [BURNED_S] * 2)


def in_a_grandchild(index: int) -> None:
    code = f"import time\nwhile time.process_time() < {2 * BURNED_S}: pass"
    subprocess.run(["/bin/sh", "-c", f'"{sys.executable}" -c "{code}"; true'], check=True)


def in_a_child_left_alive(index: int) -> None:
    read_fd, write_fd = os.pipe()
    if os.fork() == 0:
        burn(2 * BURNED_S)
        os.write(write_fd, b"1")
        time.sleep(1)
        os._exit(0)
    os.read(read_fd, 1)


def in_threads_for_ever(index: int) -> None:
    threads = [threading.Thread(target=burn, args=[3600], daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    while True:
        time.sleep(0.01)
