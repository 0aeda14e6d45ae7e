"""
The list of what still differs, which may only shrink.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

NAME = "adopt.txt"

_HEAD = """\
# What differs between this suite under pytest-recording or VCR.py and under taketwo, one test a line.
# taketwo adopt takes lines away and adds none: mend what is listed, or record it again.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """
    The entries that are kept, those that are not needed any more, and those that nobody has listed.
    """

    kept: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()


def known_in(file: Path) -> list[str] | None:
    """
    The entries of *file*, None where there is none.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def compared(listed: list[str] | None, found: Collection[str]) -> Known:
    """
    What becomes of a list; without one, everything *found* is its beginning.
    """
    if listed is None:
        return Known(kept=tuple(sorted(set(found))))
    return Known(
        kept=tuple(entry for entry in listed if entry in found),
        gone=tuple(entry for entry in listed if entry not in found),
        new=tuple(sorted(set(found) - set(listed))),
    )


def write_known(file: Path, entries: Collection[str]) -> None:
    """
    Write the list; an empty one goes.
    """
    if not entries:
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(_HEAD + "".join(f"{entry}\n" for entry in entries), encoding="utf-8")
