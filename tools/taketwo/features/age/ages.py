"""
When each cassette got its content, as git knows it: a checkout gives all files the time of the checkout.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from taketwo.cassette.store.names import find_cassettes
from taketwo.cassette.store.outside import NAME, read_store_lock
from taketwo.errors import TakeTwoError

_DAY = 86_400.0
_COMMIT = "\x01"


@dataclass(frozen=True, slots=True)
class Age:
    """
    The path of a cassette in the folder of the cassettes, and its age in days.
    """

    path: str
    days: float


def ages(cassettes: Path, *, now: float) -> list[Age]:
    """
    The age of each cassette at *now*, in seconds since 1970, the oldest first.

    One that is not committed as it is has the age of its file. One that is kept in a store has the age of its
    line in the lock file.

    :raises TakeTwoError: when this clone is shallow, so that it does not know.
    """
    committed = _committed(cassettes) if cassettes.is_dir() else {}
    changed = set(_names(cassettes, "diff", "--name-only", "--relative", "-z", "HEAD"))
    stored = read_store_lock(cassettes)
    lines = _lines_of_lock(cassettes) if stored else {}
    found = {path.relative_to(cassettes).as_posix(): path for path in find_cassettes(cassettes)}

    def since(name: str) -> float:
        if name in stored:
            return lines.get(name, now)
        known = committed.get(name)
        return found[name].stat().st_mtime if known is None or name in changed else known

    named = {*found, *(name for name in stored if name.endswith((".yaml", ".yml", ".json", ".har")))}
    return sorted(
        (Age(name, max(0.0, now - since(name)) / _DAY) for name in named),
        key=lambda age: (-age.days, age.path),
    )


def older_than(found: Iterable[Age], days: float) -> list[Age]:
    return [age for age in found if age.days > days]


def _committed(cassettes: Path) -> Mapping[str, float]:
    """
    When the last commit that touched each file was made.
    """
    if _git(cassettes, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise TakeTwoError(
            "this clone is shallow, so the age of cassettes is unknown\n"
            "git fetch --unshallow, or actions/checkout with fetch-depth: 0"
        )
    log = _git(cassettes, "log", f"--format={_COMMIT}%ct", "--name-only", "--relative", "-z", "--", ".")
    found: dict[str, float] = {}
    for commit in log.split(_COMMIT)[1:]:
        moment, *names = commit.split("\0")
        for name in names:
            found.setdefault(name.strip("\n"), float(moment.strip()))
    return found


def _lines_of_lock(cassettes: Path) -> Mapping[str, float]:
    """
    When each line of the lock file was committed.
    """
    blame = _git(cassettes, "blame", "--line-porcelain", "--", NAME)
    found, moment, is_committed = {}, 0.0, False
    for line in blame.splitlines():
        if commit := re.match(r"([0-9a-f]{40,64}) [0-9]", line):
            is_committed = bool(commit[1].strip("0"))
        elif line.startswith("committer-time "):
            moment = float(line.split()[1])
        elif line.startswith("\t") and is_committed:
            found[line.split(" ", 2)[-1]] = moment
    return found


def _names(folder: Path, *arguments: str) -> Iterator[str]:
    return filter(None, _git(folder, *arguments).split("\0"))


def _git(folder: Path, *arguments: str) -> str:
    """
    What git prints; nothing outside of a work tree, and before the first commit.
    """
    try:
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607 - the user's own git
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )
    except (FileNotFoundError, NotADirectoryError):
        return ""
    return done.stdout if done.returncode == 0 else ""
