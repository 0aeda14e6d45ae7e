"""
Where Chromium is, and how it is started: with no network but this machine's.
"""

from __future__ import annotations

import shutil
from importlib import import_module
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Final

CHROMIUM: Final = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
FLAGS: Final = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--autoplay-policy=no-user-gesture-required",
    # Addresses of this machine as they are: the names in their place would be looked up by multicast.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
]


def own_addresses() -> list[str]:
    """
    The addresses of this machine in its network, between which WebRTC goes; those of loopback are left out,
    which neither Chromium nor aiortc offers, and where the services are that a replay may not reach.
    """
    if find_spec("ifaddr") is None:
        return []
    adapters = import_module("ifaddr").get_adapters()
    given = [each.ip for adapter in adapters for each in adapter.ips]
    addresses = {ip if isinstance(ip, str) else ip[0] for ip in given}
    return sorted(each for each in addresses if not ip_address(each).is_loopback)


def missing(*modules: str) -> str:
    """
    What is missing of Chromium, Playwright and *modules*, as the reason of a skipped test; else empty.
    """
    if CHROMIUM is None:
        return "no Chromium here: apt-get install chromium"
    absent = [name for name in ("playwright", *modules) if find_spec(name) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""
