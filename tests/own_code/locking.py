"""A function whose threads share a lock."""

import threading
import time

lock = threading.Lock()


def contend(index: int) -> None:
    for _ in range(40):
        with lock:
            time.sleep(0.01)
