"""One thread parses with an extension that never releases the GIL; three others have short work to do."""

import threading
import time

import keeps_the_gil


def parse_big_file():
    while True:
        keeps_the_gil.parse(100_000_000)
        time.sleep(0.01)


def serve():
    while True:
        sum(range(1000))
        time.sleep(0.001)


for number in range(3):
    threading.Thread(target=serve, name=f"server-{number}", daemon=True).start()
threading.Thread(target=parse_big_file, name="parser").start()
