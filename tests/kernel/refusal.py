"""Runs a command that is refused the system call perf_event_open, as the filters of containers refuse it.

`python -m tests.kernel.refusal ERRNO COMMAND [ARG ...]`
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

from pconc_tui.kernel.perf_event import SYSTEM_CALLS

_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ERROR, _ALLOW = 0x00050000, 0x7FFF0000
_NO_NEW_PRIVS, _SECCOMP, _FILTER = 38, 22, 2


def main(error: int, command: list[str]) -> None:
    """Install the filter, which child processes inherit, and execute the command."""
    steps = [
        (_LOAD, 0, 0, 0),
        (_JUMP_IF_EQUAL, 0, 1, SYSTEM_CALLS[os.uname().machine]),
        (_RETURN, 0, 0, _ERROR | error),
        (_RETURN, 0, 0, _ALLOW),
    ]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    both = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(program))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(_SECCOMP, _FILTER, ctypes.c_char_p(both), 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    os.execv(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
