"""Both ends of the socket, with peers that are hostile, slow, dead or another user's."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from pconc_tui.presenter import folder
from pconc_tui.presenter.client import SILENT_S, NotesClient
from pconc_tui.presenter.page import MAX_PAGE_BYTES, Page, key_line
from pconc_tui.presenter.server import MAX_PEERS, NotesServer
from tests.monitor.test_scratch_folder import OTHER_USER, as_user
from tests.presenter.test_page import ASKED
from tests.support import LONG_S, eventually


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        self.now_s += 0.1
        return self.now_s


@pytest.fixture
def server(runtime: Path) -> Iterator[NotesServer]:
    server = NotesServer()
    yield server
    server.close()


@pytest.fixture
def client() -> Iterator[NotesClient]:
    client = NotesClient(Clock())
    yield client
    client.close()


def page(number: int) -> Page:
    return replace(ASKED, used_s=number)


def shows(client: NotesClient, server: NotesServer, wanted: Page) -> None:
    """Wait until the client has this page."""

    def has_it() -> bool:
        server.exchange(wanted)
        client.poll()
        return client.page == wanted

    eventually(has_it)


def polled(client: NotesClient) -> Page | None:
    """The page of the client, after what has arrived was received."""
    client.poll()
    return client.page


def received(server: NotesServer, page: Page, keys: list[str]) -> list[str]:
    """All keys that the server has received, these among them."""
    keys += server.exchange(page)
    return keys


def connected(server: NotesServer) -> socket.socket:
    """A connection that the server has accepted."""
    connection = folder.connect(folder.sockets()[0])
    assert connection is not None
    server.exchange(page(0))
    return connection


def test_pages_go_to_the_notes_and_keys_come_back(server: NotesServer, client: NotesClient) -> None:
    for number in range(3):
        shows(client, server, page(number))
    client.send("on")
    client.send("answer 2")
    keys: list[str] = []
    eventually(lambda: len(received(server, page(3), keys)) == 2)
    assert keys == ["on", "answer 2"]


def test_the_socket_is_there_while_a_tour_is_taken_alone(runtime: Path, client: NotesClient) -> None:
    client.poll()
    assert (client.page, client.ended) == (None, False)
    for number in (1, 2):
        server = NotesServer()
        assert [each.name for each in (runtime / "pconc-tui").iterdir()] == [f"{os.getpid()}.sock"]
        shows(client, server, page(number))
        server.close()
        eventually(lambda: polled(client) is None)
        assert client.ended
        assert list(runtime.iterdir()) == []


def test_a_socket_of_a_dead_app_is_replaced(runtime: Path, client: NotesClient) -> None:
    path = folder.made()
    for name in (f"{os.getpid()}.sock", "1.sock", f"{os.getpid()}.new"):
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(path / name))
    server = NotesServer()
    assert [each.name for each in path.iterdir()] == [f"{os.getpid()}.sock"]
    shows(client, server, page(1))
    server.close()


def test_the_newest_tour_is_shown_first_and_then_the_others(server: NotesServer, client: NotesClient) -> None:
    other = folder.made() / "1.sock"
    with socket.socket(socket.AF_UNIX) as older:
        older.bind(str(other))
        older.listen(1)
        os.utime(other, ns=(0, 0))
        shows(client, server, page(1))
        assert len(client.tours) == 2
        client.next()
        assert client.page is None
        accepted, _ = older.accept()
        accepted.sendall(page(7).line())
        eventually(lambda: polled(client) == page(7))
        client.next()
        shows(client, server, page(2))
        accepted.close()


def test_a_tour_whose_app_says_nothing_is_left_for_another(server: NotesServer, client: NotesClient) -> None:
    newer = folder.made() / "1.sock"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(newer))
        silent.listen(1)
        os.utime(newer, ns=(0, 2**62))
        shows(client, server, page(1))


def test_an_app_that_has_fallen_silent_gets_no_keys(server: NotesServer) -> None:
    clock = Clock()
    client = NotesClient(clock)
    shows(client, server, page(1))
    assert not client.silent
    clock.now_s += SILENT_S + 1
    assert client.silent
    client.send("on")
    assert server.exchange(page(1)) == []
    client.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"x" * 100_000,
        b"\n" * 9,
        key_line("on") * 9,
        b'{"key": "quit"}\n',
        b"[" * 500 + b"\n",
        b"\xff\n",
        b"\x00" * 600,
    ],
)
def test_who_sends_anything_else_is_left_and_the_others_stay(
    sent: bytes, server: NotesServer, client: NotesClient
) -> None:
    shows(client, server, page(1))
    with connected(server) as hostile:
        hostile.settimeout(LONG_S)
        hostile.send(sent)
        keys: list[str] = []
        eventually(lambda: received(server, page(2), keys) or len(server._peers) == 1)
        assert keys == []
    shows(client, server, page(3))


def test_a_peer_that_takes_nothing_keeps_only_the_newest_page(server: NotesServer, client: NotesClient) -> None:
    with connected(server) as slow:
        long = replace(ASKED, notes="x" * 4000)
        for number in range(1, 300):
            server.exchange(replace(long, used_s=number))
        (peer,) = server._peers
        assert 0 < len(peer._leaving) + len(peer._newest) < 2 * MAX_PAGE_BYTES
        shows(client, server, replace(long, used_s=299))
        slow.settimeout(LONG_S)
        data = b""
        while b'"used_s": 299' not in data:
            data += slow.recv(1 << 16)
            server.exchange(replace(long, used_s=299))
        assert data.count(b"\n") < 299


def test_dead_peers_make_room_for_living_ones(server: NotesServer, client: NotesClient) -> None:
    dead = [connected(server) for _ in range(3 * MAX_PEERS)]
    shows(client, server, page(1))
    assert len(server._peers) <= MAX_PEERS
    for each in dead:
        each.close()
    shows(client, server, page(2))


@pytest.mark.parametrize(
    "send", [lambda: b"x" * (MAX_PAGE_BYTES * 2), lambda: b"{}\n", lambda: b"[" * 100_000 + b"\n", lambda: b""]
)
def test_a_hostile_app_does_not_end_the_notes(send: Callable[[], bytes], runtime: Path, client: NotesClient) -> None:
    with socket.socket(socket.AF_UNIX) as hostile:
        hostile.bind(str(folder.made() / "1.sock"))
        hostile.listen(5)
        client.poll()
        accepted, _ = hostile.accept()
        accepted.setblocking(False)
        data = send()
        with suppress(BrokenPipeError, ConnectionResetError):
            while data:
                with suppress(BlockingIOError):
                    data = data[accepted.send(data) :]
                client.poll()
        accepted.close()
        eventually(lambda: polled(client) is None)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to act as two users")
def test_another_user_is_refused_at_both_ends(
    server: NotesServer, client: NotesClient, runtime: Path, temp_folder: Path
) -> None:
    """Even where the folders let another user in."""
    for each in (temp_folder, runtime, runtime / "pconc-tui", folder.sockets()[0]):
        each.chmod(0o777)
    path = runtime / "pconc-tui" / f"{os.getpid()}.sock"

    def intrude() -> None:
        with socket.socket(socket.AF_UNIX) as foreign:
            foreign.connect(str(path))
            foreign.settimeout(LONG_S)
            with suppress(ConnectionResetError, BrokenPipeError):
                foreign.sendall(key_line("on"))
                assert foreign.recv(100) == b""

    pid = os.fork()
    if pid == 0:
        try:
            as_user(OTHER_USER, intrude)
            os._exit(0)
        finally:
            os._exit(1)
    keys: list[str] = []
    ended = 0, 0
    while not ended[0]:
        received(server, page(1), keys)
        ended = os.waitpid(pid, os.WNOHANG)
    assert (keys, ended[1]) == ([], 0)

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path.with_name("foreign.sock")))
    path.with_name("foreign.sock").chmod(0o777)
    as_user(OTHER_USER, lambda: listener.listen(1))
    assert folder.connect(path.with_name("foreign.sock")) is None
    listener.close()
