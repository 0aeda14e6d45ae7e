"""
What of the contracts no cassette covers, for a terminal and as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from taketwo.cassette.model import JsonValue
from taketwo.report.text import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """
    How much of one sort of coordinates is exercised; *left* is what is not, *unread* what no test reads of
    the rest.
    """

    service: str
    kind: str
    what: str
    total: int
    left: tuple[str, ...]
    unread: tuple[str, ...] = ()


def coverage_lines(shares: Sequence[Share], *, verbose: bool) -> list[Line]:
    """
    A table; *verbose*, all that is not exercised.
    """
    lines = []
    for share in shares:
        done = share.total - len(share.left)
        percent = 100 * done // share.total if share.total else 100
        name = f"{share.service} {share.kind}"
        unread = f", {len(share.unread)} read by no test" if share.unread else ""
        lines.append(
            Line(f"{name:24}{share.what:18}{done:5} of {share.total:<5}{percent:4} %{unread}", "bold")
        )
        listed = share.left if verbose else share.left[:_MOST_LISTED] if share.what in _ALWAYS_LISTED else ()
        lines += [Line(f"    {coordinate}") for coordinate in listed]
        if verbose is False and listed and len(share.left) > len(listed):
            lines.append(Line(f"    and {len(share.left) - len(listed)} more (-v shows them)", "dim"))
        if verbose:
            lines += [Line(f"    {coordinate}  (no test reads it)", "dim") for coordinate in share.unread]
    return lines or [Line("there is no lock: nothing is known that could be exercised")]


def coverage_json(shares: Iterable[Share]) -> JsonValue:
    return [
        {
            "service": share.service,
            "contract": share.kind,
            "what": share.what,
            "total": share.total,
            "exercised": share.total - len(share.left),
            "left": list(share.left),
            "unread": list(share.unread),
        }
        for share in shares
    ]


_MOST_LISTED = 20
_ALWAYS_LISTED = frozenset({"operation", "status", "definition"})
