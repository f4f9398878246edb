"""Functions as users write them: each does one kind of work for `SECONDS`."""

import hashlib
import json
import logging
import os
import queue
import socket
import sqlite3
import tempfile
import threading
import time
import zlib

SECONDS = float(os.environ.get("PCONC_SECONDS", "2.5"))
LOCK = threading.Lock()
BYTES = os.urandom(1 << 16)
RECORDS = [{"number": number, "text": "x" * number} for number in range(40)]


def _until_end(work, *arguments):
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        work(*arguments)


def _count(n):
    total = 0
    for number in range(n):
        total += number
    return total


def pure_python(index):
    _until_end(_count, 1000)


def json_text(index):
    _until_end(lambda: json.loads(json.dumps(RECORDS)))


def yields(index):
    _until_end(time.sleep, 0)


def short_sleeps(index):
    def work():
        _count(2000)
        time.sleep(0.0005)

    _until_end(work)


def long_sleeps(index):
    def work():
        _count(50_000)
        time.sleep(0.01)

    _until_end(work)


def logs(index):
    logger = logging.Logger(f"logger {index}")
    with tempfile.TemporaryFile("w") as file:
        logger.addHandler(logging.StreamHandler(file))
        _until_end(logger.info, "a line of text with %s", index)


def sockets(index):
    near, far = socket.socketpair()

    def echo():
        while data := far.recv(100):
            far.send(data)

    def work():
        near.send(b"x" * 100)
        near.recv(100)

    helper = threading.Thread(target=echo, daemon=True)
    helper.start()
    _until_end(work)
    near.close()
    helper.join()
    far.close()


def compresses(index):
    _until_end(zlib.compress, BYTES)


def hashes(index):
    _until_end(lambda: hashlib.sha256(BYTES).digest())


def sqlite(index):
    connection = sqlite3.connect(":memory:")
    connection.execute("create table numbers (number integer)")

    def work():
        connection.executemany("insert into numbers values (?)", ((number,) for number in range(50)))
        connection.execute("select sum(number) from numbers where number > 25").fetchone()
        connection.execute("delete from numbers")

    _until_end(work)


def locks(index):
    def work():
        with LOCK:
            _count(5000)

    _until_end(work)


def queues(index):
    there, back = queue.Queue(10), queue.Queue(10)

    def echo():
        while (item := there.get()) is not None:
            back.put(item)

    def work():
        there.put(1)
        back.get()

    helper = threading.Thread(target=echo, daemon=True)
    helper.start()
    _until_end(work)
    there.put(None)
    helper.join()


def files(index):
    with tempfile.TemporaryFile() as file:

        def work():
            file.seek(0)
            file.write(BYTES)
            file.flush()
            file.seek(0)
            file.read(1 << 16)

        _until_end(work)
