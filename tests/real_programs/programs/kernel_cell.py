"""Runs a cell in a Jupyter kernel, whose connection file is given, again and again."""

import os
import sys
import time

from jupyter_client import BlockingKernelClient

CELL = """
def burn():
    return sum(step * step for step in range(300_000))

for _ in range(20):
    burn()
"""

while not os.path.exists(sys.argv[1]) or not os.path.getsize(sys.argv[1]):
    time.sleep(0.1)
client = BlockingKernelClient()
client.load_connection_file(sys.argv[1])
client.start_channels()
client.wait_for_ready(timeout=60)
while True:
    client.execute_interactive(CELL, timeout=60)
