"""Functions whose results and exceptions are hard to send or to report."""

import os
import signal
import sys
import threading


def strings(index):
    return [str(number) for number in range(1000 * (index + 1))]


def lock():
    return threading.Lock()


unnamed = lambda index: index  # noqa: E731


class TwoArgumentsError(Exception):
    def __init__(self, one, other):
        super().__init__(one)


def not_unpicklable():
    raise TwoArgumentsError(1, 2)


class Nameless(type):
    @property
    def __name__(cls):
        raise RuntimeError("no name")


class NamelessError(Exception, metaclass=Nameless):
    pass


class SilentError(BaseException):
    def __str__(self):
        raise ValueError("no text")

    __repr__ = __str__


def nameless():
    raise NamelessError("the reason")


def silent():
    raise SilentError


def chained():
    error = None
    for number in range(3000):
        try:
            raise ValueError(number) from error
        except ValueError as raised:
            error = raised
    raise error


def takes_all_files():
    files = []
    while True:
        files.append(open(os.devnull))  # noqa: SIM115


def closes_all_files():
    os.closerange(3, 200)


def leaves():
    os._exit(0)


def limits_recursion():
    def one():
        other()

    def other():
        one()

    sys.setrecursionlimit(60)
    one()


def is_killed(index):
    if index:
        os.kill(os.getpid(), signal.SIGSEGV)


def opens(path):
    return path + ".txt"


def expects(worker_index):
    return worker_index + ".txt"
