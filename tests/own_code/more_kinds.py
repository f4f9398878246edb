"""More functions as users write them, beside those of `kinds`: each does one kind of work for `SECONDS`."""

import asyncio
import bz2
import concurrent.futures
import hashlib
import logging
import multiprocessing
import os
import queue
import random
import re
import select
import selectors
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import zlib

from kinds import SECONDS, _count, _until_end

TEXT = "".join(f"line {number}: a value of {number * 7919 % 1000}\n" for number in range(200))
BYTES = TEXT.encode() * 20
RLOCK, CONDITION = threading.RLock(), threading.Condition()
PATTERN = re.compile(r"(\w+) (\d+): a value of (\d+)")


def spins(index):
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        pass


def sleeps_10_us(index):
    _until_end(time.sleep, 0.00001)


def sleeps_1_ms(index):
    _until_end(time.sleep, 0.001)


def logs_to_files(index):
    logger = logging.Logger(f"logger {index}")
    with tempfile.NamedTemporaryFile() as file:
        handler = logging.FileHandler(file.name)
        logger.addHandler(handler)
        _until_end(logger.info, "a line of text with %s", index)
        handler.close()


def logs_to_one_stream(index):
    _until_end(_SHARED_LOGGER.info, "a line of text with %s", index)


_SHARED_LOGGER = logging.Logger("shared")
_SHARED_LOGGER.addHandler(logging.FileHandler(os.devnull))


def tcp_sockets(index):
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        far = server.accept()[0]
    with near, far:

        def work():
            near.sendall(BYTES[:30_000])
            rest = 30_000
            while rest:
                rest -= len(far.recv(rest))

        _until_end(work)


def waits_for_sockets(index):
    near, far = socket.socketpair()

    def answer():
        while far.recv(1):
            time.sleep(0.002)
            far.send(b"x")

    def work():
        near.send(b"x")
        near.recv(1)
        _count(5000)

    helper = threading.Thread(target=answer)
    helper.start()
    _until_end(work)
    near.close()
    helper.join()
    far.close()


def compresses_small(index):
    _until_end(zlib.compress, BYTES[:2000])


def compresses_bz2(index):
    _until_end(bz2.compress, BYTES)


def hashes_small(index):
    _until_end(lambda: hashlib.sha256(BYTES[:100]).digest())


def hashes_big(index):
    data = BYTES * 20
    _until_end(lambda: hashlib.blake2b(data).digest())


def derives_keys(index):
    _until_end(lambda: hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 5000))


def sqlite_groups(index):
    connection = sqlite3.connect(":memory:")
    connection.execute("create table numbers (number integer, rest integer)")
    connection.executemany("insert into numbers values (?, ?)", ((number, number % 17) for number in range(20_000)))
    _until_end(lambda: connection.execute("select rest, sum(number) from numbers group by rest").fetchall())


def sqlite_inserts(index):
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(os.path.join(folder, "numbers"))
        connection.execute("create table numbers (number integer)")

        def work():
            connection.execute("insert into numbers values (1)")
            connection.commit()

        _until_end(work)
        connection.close()


def multiplies_matrices(index):
    numpy = __import__("numpy")
    matrix = numpy.ones((300, 300))
    _until_end(lambda: matrix @ matrix)


def runs_commands(index):
    _until_end(lambda: subprocess.run([sys.executable, "-S", "-c", "x = sum(range(300_000))"], check=True))


def process_pool(index):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        _until_end(lambda: pool.map(_count, [100_000] * 4))


def thread_pool(index):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        _until_end(lambda: list(pool.map(_count, [20_000] * 8)))


def own_threads(index):
    def work():
        threads = [threading.Thread(target=_count, args=(50_000,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    _until_end(work)


def fork_burns(index):
    pid = os.fork()
    if pid == 0:
        _until_end(_count, 1000)
        os._exit(0)
    os.waitpid(pid, 0)


def queue_producer(index):
    items = queue.Queue(5)

    def consume():
        while items.get() is not None:
            _count(2000)

    helper = threading.Thread(target=consume)
    helper.start()
    _until_end(lambda: (_count(1000), items.put(1)))
    items.put(None)
    helper.join()


def rlocks(index):
    def work():
        with RLOCK, RLOCK:
            _count(3000)
        time.sleep(0.0002)

    _until_end(work)


def lock_held_in_sleep(index):
    def work():
        with RLOCK:
            time.sleep(0.001)
        _count(3000)

    _until_end(work)


def conditions(index):
    def work():
        with CONDITION:
            CONDITION.notify()
            CONDITION.wait(0.005)
        _count(10_000)

    _until_end(work)


def events(index):
    there, back = threading.Event(), threading.Event()
    stop = []

    def answer():
        while not stop:
            there.wait()
            there.clear()
            _count(2000)
            back.set()

    def work():
        there.set()
        back.wait()
        back.clear()
        _count(20_000)

    helper = threading.Thread(target=answer)
    helper.start()
    _until_end(work)
    stop.append(True)
    there.set()
    helper.join()


def pipes(index):
    read_fd, write_fd = os.pipe()

    def work():
        os.write(write_fd, b"x" * 4000)
        os.read(read_fd, 4000)

    _until_end(work)
    os.close(read_fd)
    os.close(write_fd)


def syncs_files(index):
    with tempfile.TemporaryFile() as file:

        def work():
            os.pwrite(file.fileno(), BYTES[:4096], 0)
            os.fsync(file.fileno())

        _until_end(work)


def searches(index):
    _until_end(PATTERN.findall, TEXT)


def random_numbers(index):
    generator = random.Random(index)
    _until_end(lambda: [generator.gauss(0, 1) for _ in range(500)])


def sorts(index):
    numbers = [random.random() for _ in range(20_000)]
    _until_end(sorted, numbers)


def asyncio_to_threads(index):
    async def work():
        end = time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            await asyncio.gather(*(asyncio.to_thread(_count, 30_000) for _ in range(2)))

    asyncio.run(work())


def asyncio_sleeps(index):
    async def work():
        end = time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            await asyncio.sleep(0.001)
            _count(1000)

    asyncio.run(work())


def polls(index):
    _until_end(select.select, [], [], [], 0.002)


def waits_in_epoll(index):
    near, far = socket.socketpair()
    selector = selectors.DefaultSelector()
    selector.register(near, selectors.EVENT_READ)

    def work():
        far.send(b"x")
        selector.select(0.01)
        near.recv(10)
        selector.select(0.003)
        _count(3000)

    _until_end(work)
    near.close()
    far.close()
