"""
The patches that are in effect while pytest runs, whether a test has a cassette or not.

They are apart from the others, of which a run without cassettes needs none: a list of them is made in 0.3 ms.
"""

from __future__ import annotations

from taketwo.intercept.patching import Patch, Registry

NETWORK_PATCHES = (
    Patch(
        module="socket",
        replaces=("socket.connect", "socket.connect_ex", "socket.sendto", "socket.sendmsg"),
        reason="A socket that is given a name looks it up before the audit hook of the process hears of it.",
        checked="Python 3.11 to 3.13",
        installer="taketwo.network.sockets:install",
    ),
    Patch(
        module="uvloop",
        replaces=("Loop.create_connection", "Loop.create_datagram_endpoint", "Loop.getaddrinfo"),
        reason="uvloop connects without sockets of Python, which no audit hook hears of.",
        checked="uvloop 0.22",
        installer="taketwo.network.sockets:install_uvloop",
    ),
    Patch(
        module="pytest_recording.network",
        replaces=("is_host_in_allowed_hosts", "_disable_pycurl", "Curl.__getattribute__"),
        reason="What stands in for pycurl there asks whether a host is allowed: as everybody else does.",
        checked="pytest-recording 0.14",
        installer="taketwo.network.sockets:install_pycurl",
    ),
)
"""Those by which the network is closed, beside an audit hook."""

ERROR_PATCHES = (
    Patch(
        module="vcr.errors",
        replaces=("CannotOverwriteExistingCassetteException",),
        reason="Tests that expect this error of VCR.py get ours, which no handler of clients hides.",
        checked="vcrpy 8.3 and 9.4",
        installer="taketwo.intercept.vcrpy.errors:install",
    ),
)
"""Those by which errors are caught under the names that projects know."""

ERRORS = Registry(ERROR_PATCHES, waits=True)

NETWORK = Registry(NETWORK_PATCHES, waits=True)
