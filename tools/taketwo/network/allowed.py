"""
What may be reached although the network is closed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    Address = IPv4Address | IPv6Address
    Network = IPv4Network | IPv6Network

Resolve = Callable[[str], frozenset[str]]
"""The addresses of a host name."""

# Texts, which are compiled when a host is first judged: most runs name none, and meet none.
_ADDRESS = r"[0-9a-fA-F:.]+\Z"
_NETWORK = r"(?:\d+(?:\.\d+){3}|(?=.*:.*:)[0-9a-fA-F:.]+)(?:/[^/]*)?\Z"
_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\Z"
_WITH_PORT = r"(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:\[\]]+)):(?P<port>\d+)\Z"
_LOCAL = ("localhost", "127.0.0.1", "0.0.0.0", "::1")  # noqa: S104 - what VCR.py means by it
_BROADCAST = "255.255.255.255"
_ANY_ADDRESS = {"", "0.0.0.0", "::"}  # noqa: S104 - a client that connects to them reaches this machine


class Allowed:
    """
    The hosts that *entries* name: host names, addresses, networks (``10.0.0.0/8``), regular expressions and
    paths of Unix sockets. Each has to fit a host as a whole, and may end with ``:port``.

    Of a host name, the addresses are allowed too, as *resolve* gives them. *this_machine* allows what takes
    no network: its own addresses, and the sockets in its file system.

    :raises ValueError: naming every entry that means nothing.
    """

    def __init__(self, entries: Iterable[str], resolve: Resolve, *, this_machine: bool = False) -> None:
        self.entries = tuple(dict.fromkeys(entries))
        self.this_machine = this_machine
        self._resolve = resolve
        self._paths: list[str] = []
        self._networks: list[tuple[Network, int | None]] = []
        self._names: list[tuple[str, int | None]] = []
        self._patterns: list[re.Pattern[str]] = []
        self._learned: set[str] = set()
        mistakes = [mistake for entry in self.entries if (mistake := self._add(entry))]
        if mistakes:
            raise ValueError("\n".join(mistakes))

    def covers(self, host: str, port: int | None = None) -> bool:
        """
        Whether *host*, a name or an address, may be reached at *port*.
        """
        host = _plain(host)
        if self._fits(host, port) or (self.this_machine and is_loopback(host)):
            return True
        return is_address(host) and (
            host in self._learned
            or any(_fits_port(wanted, port) and host in self._resolve(name) for name, wanted in self._names)
        )

    def covers_path(self, path: str) -> bool:
        """
        The same for the path of a Unix socket, or the name of an abstract one.
        """
        folders = (entry.rstrip("/") for entry in self._paths)
        return (
            self.this_machine
            or any(path == folder or path.startswith(f"{folder}/") for folder in folders)
            or any(pattern.fullmatch(path) for pattern in self._patterns)
        )

    def learn(self, host: str) -> None:
        """
        Allow the addresses of *host*, which a pattern allows by its name.
        """
        if not is_address(host):
            self._learned |= self._resolve(_plain(host))

    def add(self, host: str, port: int | None = None) -> None:
        """
        Allow one host more, or one *port* of it.
        """
        self._names.append((_plain(host), port))

    def _fits(self, host: str, port: int | None) -> bool:
        if any(name == host and _fits_port(wanted, port) for name, wanted in self._names):
            return True
        spelled = [host] if port is None else [host, f"[{host}]:{port}" if ":" in host else f"{host}:{port}"]
        if any(pattern.fullmatch(each) for pattern in self._patterns for each in spelled):
            return True
        address = _address(host) if self._networks else None
        return address is not None and any(
            address in network and _fits_port(wanted, port) for network, wanted in self._networks
        )

    def _add(self, entry: str) -> str | None:
        if entry.startswith("/"):
            return self._add_path(entry)
        found = re.match(_WITH_PORT, entry)
        host, port = (found["six"] or found["host"], int(found["port"])) if found else (entry, None)
        if re.match(_NETWORK, host):
            return self._add_network(host, port)
        if re.match(_NAME, host):
            self._names.append((host.lower(), port))
            return None
        return self._add_pattern(entry)

    def _add_path(self, entry: str) -> str | None:
        self._paths.append(entry)
        return None if _is_plain_path(entry) else self._add_pattern(entry)

    def _add_network(self, host: str, port: int | None) -> str | None:
        from ipaddress import ip_network  # noqa: PLC0415 - few projects name any

        try:
            self._networks.append((ip_network(host, strict=False), port))
        except ValueError as error:
            return f"{host!r} is no network: {error}"
        return None

    def _add_pattern(self, entry: str) -> str | None:
        try:
            self._patterns.append(re.compile(entry, re.IGNORECASE))
        except re.error as error:
            spelled = entry.replace("*.", r".*\.")
            hint = f"; to allow all below a name: {spelled!r}" if spelled != entry else ""
            return f"{entry!r} is no host, no network and no regular expression ({error}){hint}"
        return None


def hosts_left_alone(options: Mapping[str, object]) -> list[str]:
    """
    The hosts that ``vcr_config`` excludes from recording and replay.
    """
    ignored = options.get("ignore_hosts")
    named = [str(host) for host in ignored] if isinstance(ignored, list | tuple | set) else []
    return [*named, *(_LOCAL if options.get("ignore_localhost") else ())]


def is_address(host: str) -> bool:
    """
    Whether *host* is an IP address, and no name.
    """
    return (host.count(".") == 3 or ":" in host) and _address(host) is not None  # noqa: PLR2004 - dotted quad


def is_loopback(host: str) -> bool:
    """
    Whether *host* is this machine by itself, which takes no look-up.
    """
    host = _plain(host)
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return is_address(host) and (address := _address(host)) is not None and address.is_loopback


def _plain(host: str) -> str:
    host = host.lower().rstrip(".").partition("%")[0]
    if host.startswith("::ffff:") and "." in host:
        host = host.removeprefix("::ffff:")
    return "127.0.0.1" if host in _ANY_ADDRESS else _BROADCAST if host == "<broadcast>" else host


def _address(host: str) -> Address | None:
    from ipaddress import ip_address  # noqa: PLC0415 - as above

    if not re.match(_ADDRESS, host):
        return None
    try:
        return ip_address(host)
    except ValueError:
        return None


def _fits_port(wanted: int | None, port: int | None) -> bool:
    return wanted is None or port is None or wanted == port


def _is_plain_path(entry: str) -> bool:
    return re.fullmatch(r"[\w/.-]*", entry) is not None
