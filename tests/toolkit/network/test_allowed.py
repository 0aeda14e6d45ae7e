"""
What may be reached: hosts, addresses, networks, patterns and paths, each of which has to fit as a whole.
"""

from __future__ import annotations

import pytest

from taketwo.network.allowed import Allowed, is_loopback

ADDRESSES = {"db": frozenset({"10.0.0.7", "fd00::7"}), "localhost": frozenset({"127.0.0.1", "::1"})}


def allowed(*entries: str, this_machine: bool = False) -> Allowed:
    return Allowed(entries, lambda name: ADDRESSES.get(name, frozenset()), this_machine=this_machine)


@pytest.mark.parametrize(
    ("entry", "host", "port"),
    [
        ("127.0.0.1", "127.0.0.1", 80),
        ("127.0.0.1", "::ffff:127.0.0.1", 80),
        ("127.0.0.1:5432", "127.0.0.1", 5432),
        ("::1", "0:0:0:0:0:0:0:1", 80),
        ("[::1]:80", "::1", 80),
        ("10.0.0.0/8", "10.255.0.1", 80),
        ("fd00::/8", "fd12::1", 80),
        ("10.0.0.0/8:5432", "10.1.2.3", 5432),
        ("db", "db", 5432),
        ("DB", "db.", 5432),
        ("db", "10.0.0.7", 5432),
        ("db", "fd00::7", 5432),
        ("db:5432", "10.0.0.7", 5432),
        (r".*\.example\.com", "api.example.com", 443),
        (r".*\.example\.com:443", "api.example.com", 443),
        (r"127\.0\.0\.1$", "127.0.0.1", 80),
        ("(one|two)", "two", 80),
    ],
)
def test_what_fits(entry: str, host: str, port: int) -> None:
    assert allowed(entry).covers(host, port)


@pytest.mark.parametrize(
    ("entry", "host", "port"),
    [
        ("127.0.0.1", "127.0.0.12", 80),
        ("127.0.0.1", "127.0.0.1.example.com", 80),
        ("127.0.0.1", "127x0y0z1", 80),
        ("127.0.0.1:5432", "127.0.0.1", 80),
        ("10.0.0.0/8", "11.0.0.1", 80),
        ("10.0.0.0/8", "ten.example.com", 80),
        ("db", "db.example.com", 5432),
        ("db", "10.0.0.8", 5432),
        ("db:5432", "10.0.0.7", 80),
        ("example", "example.com", 80),
        (r".*\.example\.com", "example.com", 80),
        (r".*\.example\.com", "api.example.com.evil.test", 80),
        ("one|two", "twofold", 80),
    ],
)
def test_what_does_not_fit(entry: str, host: str, port: int) -> None:
    assert not allowed(entry).covers(host, port)


def test_the_addresses_of_a_name_that_a_pattern_allows_are_learned() -> None:
    found = allowed("d.")
    assert not found.covers("10.0.0.7", 5432)

    found.learn("db")

    assert found.covers("10.0.0.7", 5432)


def test_this_machine_is_its_addresses_and_its_sockets() -> None:
    here = allowed(this_machine=True)

    assert [here.covers(host, 80) for host in ("127.0.0.12", "::1", "localhost", "0.0.0.0")] == [True] * 4
    assert here.covers_path("/run/docker.sock")
    assert not here.covers("192.0.2.1", 80)
    assert not here.covers("<broadcast>", 80)


@pytest.mark.parametrize(
    ("entry", "path", "is_covered"),
    [
        ("/run/postgresql", "/run/postgresql/.s.PGSQL.5432", True),
        ("/run/docker.sock", "/run/docker.sock", True),
        ("/run/docker.sock", "/run/docker.sock.d/other", False),
        ("/run/docker", "/run/docker.sock", False),
        (r"/run/.*\.sock", "/run/a/b.sock", True),
        ("/", "/anything", True),
    ],
)
def test_a_path_covers_itself_and_what_is_below(entry: str, path: str, *, is_covered: bool) -> None:
    assert allowed(entry).covers_path(path) is is_covered


def test_every_entry_that_means_nothing_is_named() -> None:
    with pytest.raises(ValueError, match="no network") as caught:
        allowed("*.example.com", "10.0.0.0/99", "fine")

    assert str(caught.value) == (
        "'*.example.com' is no host, no network and no regular expression (nothing to repeat at position 0); "
        r"to allow all below a name: '.*\\.example.com'"
        "\n'10.0.0.0/99' is no network: '10.0.0.0/99' does not appear to be an IPv4 or IPv6 network"
    )


@pytest.mark.parametrize(
    ("host", "here"), [("127.1.2.3", True), ("a.localhost", True), ("localhost.org", False)]
)
def test_loopback_is_known_by_its_name_or_its_number(host: str, *, here: bool) -> None:
    assert is_loopback(host) is here
