"""A module that is never imported completely."""

import threading

LOCK = threading.Lock()
LOCK.acquire()
LOCK.acquire()


def never_called(index):
    pass
