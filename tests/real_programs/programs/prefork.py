"""A prefork server without the network: three children that compute, and a parent that waits for them."""

import os


def burn():
    while True:
        sum(step * step for step in range(300_000))


for _ in range(3):
    if not os.fork():
        burn()
os.wait()
