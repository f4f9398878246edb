"""Functions that write to standard output and error in every way."""

import ctypes
import os
import subprocess
import sys
import threading


def writes():
    print("print")
    os.write(1, b"os.write\n")
    subprocess.run(["echo", "subprocess"], stdout=sys.stdout, check=True)
    subprocess.run("echo shell >&2", shell=True, check=True)
    sys.stdout.buffer.write(b"buffer\n")
    libc = ctypes.CDLL(None)
    libc.puts(b"C")
    libc.fflush(None)
    sys.stderr.write("stderr\n")
    thread = threading.Thread(target=os.write, args=(2, b"thread\n"))
    thread.start()
    thread.join()
    sys.stdout.reconfigure(line_buffering=False)
    print(sys.stdout.fileno(), sys.stderr.fileno(), sys.stdout.isatty())
    print("no end", end="")


def in_parts(index):
    for _ in range(20):
        for part in ("worker ", str(index), " writes", " this\n"):
            sys.stdout.write(part)


def redirects():
    with open("redirected.txt", "w") as file:
        before = os.dup(1)
        os.dup2(file.fileno(), 1)
        print("into a file")
        os.dup2(before, 1)
        os.close(before)
    print("back")


def crashes():
    import faulthandler

    faulthandler.enable()
    print("before")
    ctypes.string_at(0)


def floods():
    for number in range(3000):
        os.write(1, b"line %d\n" % number)
