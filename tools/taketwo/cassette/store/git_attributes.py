"""
``.gitattributes`` in the folder of the cassettes: git is to leave their bytes alone.

Without it, a checkout with ``core.autocrlf`` rewrites the line ends of cassettes, and the bytes of attached
files that look like text.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from taketwo.cassette.body.attachments import SUFFIXES

NAME = ".gitattributes"

_HEAD = """\
# Written by taketwo: a checkout leaves cassettes and attached files as they were recorded.
*.yaml text eol=lf
contracts/* text eol=lf
"""


def write_git_attributes(cassettes: Path) -> bool:
    """
    Write the file in *cassettes* where there is none, and the folder is in a work tree of git.

    What the project keeps in Git LFS is left to its own ``.gitattributes``.
    """
    file = cassettes / NAME
    homes = [cassettes, *cassettes.parents]
    top = next((home for home in homes if (home / ".git").exists()), None)
    if top is None or file.exists():
        return False
    above = homes[1 : homes.index(top) + 1]
    large = {pattern for home in above for pattern in _in_lfs(home / NAME)}
    lines = [f"*{suffix} binary\n" for suffix in SUFFIXES if f"*{suffix}" not in large]
    file.write_text("".join([_HEAD, *lines]), encoding="utf-8")
    return True


def _in_lfs(file: Path) -> Iterator[str]:
    """
    The patterns that *file* has Git LFS keep.
    """
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        pattern, *attributes = line.split() or [""]
        if "filter=lfs" in attributes:
            yield pattern
