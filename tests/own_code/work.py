"""Functions as a person may write them, who wants to see how they run side by side."""

import asyncio
import multiprocessing
import queue
import threading
import time

from pconc_tui import probe

LOCK = threading.Lock()
NUMBER = 5
TYPED: int = 5


def add(a, b):
    return a + b


def crunch(index):
    for _ in range(300_000):
        add(index, 4)


def without():
    print("called without")


def prints_index(index):
    print("called with", index)


def defaults(times=3):
    print("called with", times)


def nap():
    time.sleep(0.08)


def probed(index):
    for _ in range(300_000):
        add(3, 4)
    for _ in range(200):
        for _ in range(1000):
            add(3, 4)
        probe()


def endless():
    while True:
        add(3, 4)


def locked(index):
    while not LOCK.acquire(timeout=0.25):
        pass


def turns_gil_on():
    import _testmultiphase
    from importlib.machinery import ExtensionFileLoader
    from importlib.util import module_from_spec, spec_from_loader

    # CPython's own module that has no slots, and with them no Py_mod_gil.
    name = "_testmultiphase_null_slots"
    module_from_spec(spec_from_loader(name, ExtensionFileLoader(name, _testmultiphase.__file__)))


def turns_gil_on_and_goes_on():
    turns_gil_on()
    endless()


def turns_gil_on_later():
    end = time.monotonic() + 0.4
    while time.monotonic() < end:
        probe()
    turns_gil_on()
    while True:
        probe()


def helper(index):
    raise ValueError(f"worker {index} is bad")


def fails(index):
    helper(index)


def chained():
    try:
        helper(1)
    except ValueError as error:
        raise RuntimeError("worse") from error


async def awaits(index):
    for _ in range(3):
        await asyncio.sleep(0.04)
        print("went on", index)


async def awaits_for_ever():
    await asyncio.sleep(1000)


async def fails_later():
    await asyncio.sleep(0.01)
    helper(7)


async def fails_among_others():
    await asyncio.gather(asyncio.sleep(1), fails_later())


def two(one, other):
    pass


def generator():
    yield 1


chosen = {True: NUMBER}[True]
alias = crunch


def parses(index):
    import tomllib

    tomllib.loads("number = 1")
    crunch(index)


ITEMS = queue.Queue()


def exchanges(index):
    """The first worker gets what the others put."""
    for n in range(10):
        if index == 0:
            ITEMS.get()
        else:
            ITEMS.put(n)


def endless_in_a_process(index):
    if multiprocessing.current_process().name.startswith("Process"):
        open("reached", "w").close()
        threading.Event().wait()
    crunch(index)


def counts_calls(index):
    with open(f"calls-{index}", "a") as file:
        file.write("x")
    crunch(index)
