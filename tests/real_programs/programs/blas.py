"""Products of matrices in so many Python threads: BLAS releases the GIL, and has threads of its own."""

import sys
import threading

import numpy

MATRIX = numpy.random.default_rng(1).random((600, 600))


def multiply():
    while True:
        MATRIX @ MATRIX


for _ in range(int(sys.argv[1]) - 1):
    threading.Thread(target=multiply, daemon=True).start()
multiply()
