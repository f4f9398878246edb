"""The folder of this user's sockets, one for each tour that is taken, and which of them an app still listens on."""

from __future__ import annotations

import errno
import os
import socket
import stat
import struct
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

SUFFIX = ".sock"
LONGEST_PATH = 85
"""Bytes of a folder's path: that of a socket in it must be shorter than 104 bytes."""

_CREDENTIALS = struct.Struct("3i")
"""`struct ucred`: PID, user ID and group ID."""


def folder() -> Path:
    """The user's own runtime folder, or else one of the user's own in a folder for temporary files.

    A runtime folder of another user, as `sudo` may leave it in the environment, is not used. Raises OSError.
    """
    if not hasattr(socket, "SO_PEERCRED"):
        raise OSError(errno.ENOTSUP, "presenter's notes need Linux")
    return next(path for path in _folders() if len(os.fsencode(path)) <= LONGEST_PATH)


def _folders() -> Iterator[Path]:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime):
        with suppress(OSError):
            check(Path(runtime))
            yield Path(runtime, "pconc-tui")
    for parent in (tempfile.gettempdir(), "/tmp"):
        yield Path(parent, f"pconc-tui-{os.geteuid()}")


def check(path: Path) -> None:
    """Raise OSError unless this is a folder of this user's that no other user may enter."""
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, "is no folder", str(path))
    if found.st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, "belongs to another user", str(path))
    if stat.S_IMODE(found.st_mode) != 0o700:
        mode = stat.S_IMODE(found.st_mode)
        raise PermissionError(errno.EPERM, f"has the mode {mode:o}; it must be 700, for you alone", str(path))


def made() -> Path:
    """The folder, made if there is none. Raises OSError."""
    path = folder()
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    check(path)
    return path


def own_socket(path: Path, pid: int) -> Path:
    """The socket in this folder of the app with this process id."""
    return path / f"{pid}{SUFFIX}"


def unready(path: Path) -> Path:
    """Where the app makes this socket before it listens there."""
    return path.with_suffix(".new")


def remove_left(pid: int) -> None:
    """Remove what the app with this process id left when it was killed, and the folder if nothing else is in it."""
    with suppress(OSError):
        path = folder()
        check(path)
        own = own_socket(path, pid)
        for left in (own, unready(own)):
            left.unlink(missing_ok=True)
        path.rmdir()


def sockets() -> list[Path]:
    """The sockets in the folder, the newest first. Raises OSError where the folder is not this user's alone."""
    path = folder()
    try:
        check(path)
    except FileNotFoundError:
        return []
    found = []
    for each in path.glob(f"*{SUFFIX}"):
        with suppress(OSError):
            found.append((each.lstat().st_mtime_ns, each))
    return [each for _, each in sorted(found, reverse=True)]


def connect(path: Path) -> socket.socket | None:
    """A connection to the app that listens there; None: none listens, or it has no room for another now.

    A socket that an app left behind when it was killed is removed.
    """
    connection = socket.socket(socket.AF_UNIX)
    connection.setblocking(False)
    try:
        connection.connect(str(path))
        if is_own(connection):
            return connection
    except ConnectionRefusedError:
        with suppress(OSError):
            if stat.S_ISSOCK(path.lstat().st_mode):
                path.unlink()
    except OSError:
        pass
    connection.close()
    return None


def is_own(connection: socket.socket) -> bool:
    """Whether the process at the other end runs as this user."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return bool(_CREDENTIALS.unpack(credentials)[1] == os.geteuid())
