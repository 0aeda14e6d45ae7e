"""
What git says was edited since a revision.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from taketwo.contract import Contract, Contracts, Kind, file_name
from taketwo.errors import TakeTwoError


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
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
        done = _asked(self.root, *arguments)
        if done.returncode:
            said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            raise TakeTwoError(
                f"git cannot tell what was edited since {self.revision}: {said[0]}\n"
                "name a revision that this clone has, such as HEAD~1 or origin/main"
            )
        return done.stdout


def revisions_of(folder: Path, *, root: Path, most: int) -> list[str]:
    """
    The revisions that changed something in *folder*, the newest first; none outside of a repository.
    """
    done = _asked(root, "log", f"--max-count={most}", "--format=%H", "--", str(folder))
    return [] if done.returncode else done.stdout.split()


def _asked(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
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
