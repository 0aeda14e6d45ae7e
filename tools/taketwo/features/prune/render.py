"""
The cassettes that no test uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from taketwo.cassette.model import JsonValue
from taketwo.report.text import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """
    * ``unused``: no test uses them; they are gone when ``deleted``
    * ``unsure``: their test is gone, and another one may use them
    * ``nameless``: they name no test, and none is known to look for them
    * ``damaged``: why some name no test
    """

    unused: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    nameless: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    deleted: bool = False


def prune_lines(pruned: Pruned) -> list[Line]:
    if not (pruned.unused or pruned.unsure or pruned.nameless or pruned.damaged):
        return [Line("every cassette is used", "green")]
    return [
        *_listed("deleted, since no test used them:" if pruned.deleted else "no test uses:", pruned.unused),
        *_listed("their tests are gone; delete those by hand that no other test names:", pruned.unsure),
        *_listed("converted or VCR.py's, and no test is known that looks for it:", pruned.nameless),
        *_listed("damaged, so their tests are unknown:", pruned.damaged),
        *([Line("to delete what no test uses: taketwo prune --yes")] if _left(pruned) else []),
    ]


def prune_json(pruned: Pruned) -> JsonValue:
    return {
        "unused": list(pruned.unused),
        "deleted": pruned.deleted and bool(pruned.unused),
        "unsure": list(pruned.unsure),
        "nameless": list(pruned.nameless),
        "damaged": list(pruned.damaged),
    }


def _left(pruned: Pruned) -> bool:
    return bool(pruned.unused) and not pruned.deleted


def _listed(title: str, names: Sequence[str]) -> Iterator[Line]:
    if names:
        yield Line(title, "yellow")
    for name in names:
        yield Line(f"  {name}")
