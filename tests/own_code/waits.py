"""Functions that wait: for ever, for a while, or for one that runs."""

import asyncio
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor

EVENT = threading.Event()


def lock(index):
    held = threading.Lock()
    held.acquire()
    with held:
        pass


def item(index):
    queue.Queue().get()


def own_pool(index):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: pool.submit(int).result()).result()


async def awaited(index):
    await inner()


async def inner():
    await asyncio.Queue().get()


async def blocks_its_loop(index):
    await asyncio.sleep(0)
    threading.Event().wait()


def nap(index):
    time.sleep(3)


def long_nap(index):
    time.sleep(1000)


def partner(index):
    if index == 0:
        EVENT.wait()
    else:
        burn()
        EVENT.set()


def waits_for_its_helper(index):
    helper = threading.Thread(target=burn)
    helper.start()
    helper.join()


def burn():
    while time.thread_time() < 2.5:
        pass
