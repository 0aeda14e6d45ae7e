"""
What git says was edited since a revision, and what the locks held when a cassette was recorded.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from taketwo.cassette.model import Cassette
from taketwo.config.project import Config
from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract, Contracts, file_name
from taketwo.errors import TakeTwoError
from taketwo.usage.usage import Usage, UsageReader

_MOST_REVISIONS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class GitChanges:
    """
    The project at *root* as it was in *revision*, beside what it is now.
    """

    root: Path
    revision: str

    def edited(self) -> list[Path]:
        """
        The files that differ or are new, committed or not.
        """
        changed = self._git("diff", "--name-only", "--relative", "-z", self.revision, "--")
        new = self._git("ls-files", "--others", "--exclude-standard", "-z")
        return [self.root / name for name in f"{changed}{new}".split("\0") if name]

    def contracts(self, locks: Path, service: str) -> Contracts:
        """
        The locks of *service* as they were.
        """
        listed = self._git("ls-tree", "--name-only", "-z", self.revision, f"{self._relative(locks)}/")
        there = {Path(name).name for name in listed.split("\0") if name}
        found = [
            Contract.parse(self._lock(locks, service, kind), service=service, kind=kind)
            for kind in Kind
            if file_name(service, kind) in there
        ]
        return Contracts(service=service, documents=tuple(found))

    def _lock(self, locks: Path, service: str, kind: Kind) -> str:
        return self._git("show", f"{self.revision}:./{self._relative(locks)}/{file_name(service, kind)}")

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _git(self, *arguments: str) -> str:
        done = _ask_git(self.root, *arguments)
        if done.returncode:
            output = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            raise TakeTwoError(
                f"git cannot tell what was edited since {self.revision}: {output[0]}\n"
                "name a revision that this clone has, such as HEAD~1 or origin/main"
            )
        return done.stdout


def revisions_of(folder: Path, *, root: Path, most: int) -> list[str]:
    """
    The revisions that changed something in *folder*, the newest first; none outside of a repository.
    """
    done = _ask_git(root, "log", f"--max-count={most}", "--format=%H", "--", str(folder))
    return [] if done.returncode else done.stdout.split()


def _ask_git(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["git", *arguments],  # noqa: S607 - the user's own git
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise TakeTwoError("git is not installed, and is asked what was edited") from None


def moved_coordinates(config: Config, cassette: Cassette, now: Usage) -> tuple[str, ...]:
    """
    The coordinates that *cassette* uses, and that had another description when it was recorded.

    None where git does not remember the lock of that time.
    """
    recorded = cassette.services.get(now.service)
    for before in _earlier(config, cassette, now.service):
        if before.fingerprint == recorded:
            return tuple(sorted(_moved(before, now)))
    return ()


def _earlier(config: Config, cassette: Cassette, service: str) -> Iterator[Usage]:
    """
    What the cassette used of each earlier lock, the newest first.
    """
    try:
        for revision in revisions_of(config.locks, root=config.root, most=_MOST_REVISIONS):
            contracts = GitChanges(root=config.root, revision=revision).contracts(config.locks, service)
            yield UsageReader(config.services[service], contracts).usage(cassette)
    except (TakeTwoError, ValueError):
        return  # no git, no repository, or a lock that cannot be read


def _moved(before: Usage, now: Usage) -> set[str]:
    old = {(kind, name): used for kind, names in before.touched.items() for name, used in names.items()}
    new = {(kind, name): used for kind, names in now.touched.items() for name, used in names.items()}
    return {name for kind, name in old.keys() | new.keys() if old.get((kind, name)) != new.get((kind, name))}
