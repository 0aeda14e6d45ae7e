"""
Objects of a store that no revision of the project names.
"""

from __future__ import annotations

import subprocess
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from taketwo.cassette.store.outside import NAME, parse_store_lock, read_store_lock
from taketwo.errors import StoreError
from taketwo.features.store.objects import StoreObject


def unused_objects(
    objects: Sequence[StoreObject], used: Collection[str], *, older_than: timedelta
) -> list[StoreObject]:
    """
    Those that nothing names and that are old enough; the age of one that is unknown is no age.
    """
    before = datetime.now(UTC) - older_than
    return [
        one
        for one in objects
        if one.sha256 not in used and (not older_than or (one.written is not None and one.written <= before))
    ]


def used_contents(cassettes: Path, root: Path, *, history: bool) -> set[str]:
    """
    The contents that the lock files of all branches and tags name, and that of the work tree; with *history*
    those of every commit.

    :raises StoreError: when this clone does not have all branches, so that what they need is unknown.
    """
    used = {one.sha256 for one in read_store_lock(cassettes).values()}
    if not _git(root, "rev-parse", "--is-inside-work-tree"):
        raise StoreError(f"{root} is in no git work tree, so what other revisions need is unknown")
    if _git(root, "rev-parse", "--is-shallow-repository") == "true":
        raise StoreError(
            "this clone is shallow, so what other revisions need is unknown\n"
            "git fetch --unshallow, or actions/checkout with fetch-depth: 0"
        )
    path = _git(root, "ls-files", "--full-name", "--", str(cassettes / NAME))
    path = (
        path or f"{_git(root, 'rev-parse', '--show-prefix')}{(cassettes / NAME).relative_to(root).as_posix()}"
    )
    for text in _texts(root, path, history=history):
        used |= {one.sha256 for one in parse_store_lock(text, name=f"{path} of another revision").values()}
    return used


def _texts(root: Path, path: str, *, history: bool) -> Iterator[str]:
    """
    Every content of the lock file, each once.
    """
    if history:
        commits = _git(root, "log", "--all", "--format=%H", "--", f":/{path}").split()
    else:
        commits = _git(root, "for-each-ref", "--format=%(objectname)").split()
        commits += _git(root, "worktree", "list", "--porcelain").replace("HEAD ", "\n").split()
    blobs = {
        _git(root, "rev-parse", "--verify", "--quiet", f"{commit}:{path}") for commit in _hashes(commits)
    }
    for blob in sorted(blobs - {""}):
        yield _git(root, "cat-file", "blob", blob)


def _hashes(words: Sequence[str]) -> list[str]:
    return [
        word
        for word in dict.fromkeys(words)
        if len(word) in {40, 64} and set(word) <= set("0123456789abcdef")
    ]


def _git(root: Path, *arguments: str) -> str:
    """
    What git prints; nothing where it fails.
    """
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],  # noqa: S607 - the user's own git
            capture_output=True,
            text=True,
            check=False,
            encoding="utf-8",
        )
    except FileNotFoundError:
        raise StoreError("git is not installed, so what other revisions need is unknown") from None
    return done.stdout.strip() if done.returncode == 0 else ""


def tracked_files(root: Path, cassettes: Path, files: Collection[str]) -> list[str]:
    """
    The files that git has, although they are in the store.
    """
    listed = _git(root, "ls-files", "-z", "--", str(cassettes)).split("\0")
    prefix = f"{cassettes.relative_to(root).as_posix()}/"
    return sorted(name for name in listed if name.startswith(prefix) and name.removeprefix(prefix) in files)
