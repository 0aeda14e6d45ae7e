"""
Who is compared, and whether they are installed.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from types import ModuleType

OURS = "taketwo"
FLOOR = "MockTransport"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """
    *module* is the one beside this that knows it; *needs* has to be importable. *plugins* are the
    names under which pytest knows what a suite of it has to load.
    """

    name: str
    module: str
    suffix: str = ".yaml"
    needs: str
    package: str
    plugins: tuple[str, ...] = ()

    def missing(self) -> str | None:
        """
        Why it cannot be measured, or None.
        """
        if importlib.util.find_spec(self.needs) is not None:
            return None
        if not self.module:
            return "not installable: no release on PyPI"
        return f"not installed: pip install {self.package}"

    def load_module(self) -> ModuleType:
        return importlib.import_module(f"tests.benchmarks.peers.{self.module}")


PEERS = (
    Peer(
        name=OURS,
        module="ours",
        needs="taketwo",
        package="taketwo",
        plugins=("recording", "taketwo"),
    ),
    Peer(name="vcrpy", module="vcrpy", needs="vcr", package="vcrpy", plugins=("recording",)),
    Peer(name="vcrpy JSON", module="vcrpy", suffix=".json", needs="vcr", package="vcrpy"),
    Peer(
        name="cassetter",
        module="cassetter",
        needs="cassetter",
        package="cassetter",
        plugins=("cassetter",),
    ),
    Peer(name="cassetter TOML", module="cassetter", suffix=".toml", needs="cassetter", package="cassetter"),
    Peer(
        name="nimax",
        module="nimax",
        suffix=".json",
        needs="nimax",
        package="nimax",
        plugins=("asyncio", "nimax"),
    ),
    Peer(
        name="replayx",
        module="replayx",
        suffix=".json",
        needs="replayx",
        package="replayx",
        plugins=("replayx",),
    ),
    # Not on PyPI today, under this name or with an underscore: nobody can say how it is used.
    Peer(name="dvd-rw", module="", needs="dvd_rw", package="dvd-rw"),
    Peer(name="respx", module="respx", needs="respx", package="respx", plugins=("respx",)),
    Peer(name=FLOOR, module="mock", needs="httpx", package="httpx"),
)
