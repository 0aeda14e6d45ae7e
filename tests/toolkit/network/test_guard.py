"""
The network while it is closed: every way out of a process asks.
"""

from __future__ import annotations

import _socket
import asyncio
import multiprocessing
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from pytest_recording import network as pytest_recording_network

from taketwo.errors import NetworkBlocked
from taketwo.network.allowed import Allowed
from taketwo.network.guard import Closed, current, network, resolve, unguarded

HOST = "127.0.0.1"
FAR = "192.0.2.1"
NAME = "api.example.test"


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


def closed(*hosts: str) -> Closed:
    return Closed(Allowed(hosts, resolve), lambda: "test_a is replayed")


def tcp(kind: type[_socket.socket] = socket.socket) -> _socket.socket:
    return kind(socket.AF_INET, socket.SOCK_STREAM)


def udp() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


async def in_loop(port: int) -> None:
    with socket.socket() as line:
        line.settimeout(0)
        await asyncio.get_running_loop().sock_connect(line, (HOST, port))


async def open_connection(port: int) -> None:
    _, writer = await asyncio.open_connection(HOST, port)
    writer.close()
    await writer.wait_closed()


async def send_datagram(port: int) -> None:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=(HOST, port)
    )
    transport.close()


def use(sock: _socket.socket, act: Callable[[_socket.socket], object]) -> None:
    try:
        act(sock)
    finally:
        sock.close()


WAYS: dict[str, Callable[[int], object]] = {
    "create_connection": lambda port: socket.create_connection((HOST, port)).close(),
    "connect": lambda port: use(tcp(), lambda line: line.connect((HOST, port))),
    "connect_ex": lambda port: use(tcp(), lambda line: line.connect_ex((HOST, port))),
    "_socket": lambda port: use(tcp(_socket.socket), lambda line: line.connect((HOST, port))),
    "sendto": lambda port: use(udp(), lambda line: line.sendto(b"x", (HOST, port))),
    "sendto with flags": lambda port: use(udp(), lambda line: line.sendto(b"x", 0, (HOST, port))),
    "sendmsg": lambda port: use(udp(), lambda line: line.sendmsg([b"x"], [], 0, (HOST, port))),
    "broadcast": lambda port: use(udp(), lambda line: line.sendto(b"x", ("<broadcast>", port))),
    "asyncio": lambda port: asyncio.run(open_connection(port)),
    "asyncio, datagrams": lambda port: asyncio.run(send_datagram(port)),
    "sock_connect": lambda port: asyncio.run(in_loop(port)),
    "a name": lambda port: use(tcp(), lambda line: line.connect((NAME, port))),
    "a name, sent to": lambda port: use(udp(), lambda line: line.sendto(b"x", (NAME, port))),
    "getaddrinfo": lambda port: socket.getaddrinfo(NAME, port),
    "gethostbyname": lambda _: socket.gethostbyname(NAME),
    "gethostbyname_ex": lambda _: socket.gethostbyname_ex(NAME),
    "gethostbyaddr": lambda _: socket.gethostbyaddr(FAR),
    "getnameinfo": lambda port: socket.getnameinfo((FAR, port), 0),
    "a Unix socket": lambda _: use(
        socket.socket(socket.AF_UNIX), lambda line: line.connect("/run/taketwo/no.sock")
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_every_way_out_is_refused(way: Callable[[int], object], port: int) -> None:
    with network(closed()), pytest.raises(NetworkBlocked, match=r"^Network is disabled for host "):
        way(port)


def test_what_pytest_recording_puts_back_is_replaced_again(port: int) -> None:
    with network(closed()):
        pytest_recording_network.unblock()

        with network(closed()), pytest.raises(NetworkBlocked):
            WAYS["a name"](port)


def test_a_loop_of_uvloop_is_refused_as_well(port: int) -> None:
    uvloop = pytest.importorskip("uvloop")

    with network(closed()), pytest.raises(NetworkBlocked):
        uvloop.run(open_connection(port))


def test_the_error_tells_the_host_for_whom_and_how_to_allow_it(port: int) -> None:
    with network(closed()), pytest.raises(NetworkBlocked) as caught:
        socket.create_connection((HOST, port))

    assert str(caught.value) == (
        f"Network is disabled for host '127.0.0.1' (port {port}): test_a is replayed\n"
        'to allow it: allowed_hosts = ["127.0.0.1"] in [tool.taketwo], in vcr_config or in '
        "@pytest.mark.block_network; or --allowed-hosts=127.0.0.1"
    )


def test_it_is_the_error_of_pytest_recording(port: int) -> None:
    with network(closed()), pytest.raises(RuntimeError, match=r"^Network is disabled for host '127"):
        socket.create_connection((HOST, port))


@pytest.mark.parametrize("hosts", [["127.0.0.1"], ["localhost"], ["127.0.0.0/8"], [r"127\..*"]])
def test_what_is_allowed_is_reached(hosts: list[str], port: int) -> None:
    with network(closed(*hosts)):
        for way in ("create_connection", "_socket", "sendto", "asyncio", "sock_connect"):
            WAYS[way](port)


def test_what_takes_no_network_is_left_alone() -> None:
    with network(closed()):
        one, other = socket.socketpair()
        socket.getaddrinfo("localhost", 80)
        socket.getaddrinfo(FAR, 80)
        socket.getaddrinfo(None, 0)
        with suppress(OSError):
            socket.gethostbyname(socket.gethostname())
        socket.getfqdn("localhost")
        with multiprocessing.Manager() as manager:
            shared = manager.dict({"a": 1})
            assert dict(shared) == {"a": 1}
    one.close()
    other.close()


def test_the_innermost_state_counts_and_the_outer_one_is_back_behind_it(port: int) -> None:
    before = current()

    with network(closed()):
        with network(None):
            WAYS["connect"](port)
        with pytest.raises(NetworkBlocked):
            WAYS["connect"](port)
        with unguarded():
            WAYS["connect"](port)

    assert current() is before
