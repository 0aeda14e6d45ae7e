"""
Cassettes and bodies on their way to a store, and back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from taketwo.cassette.body.attachments import is_attachment, names_in
from taketwo.cassette.store.locks import locked
from taketwo.cassette.store.names import STAGING_DIR, find_cassettes
from taketwo.cassette.store.outside import (
    Files,
    KnownContents,
    State,
    Stored,
    change_store_lock,
    read_store_lock,
    state_of,
    stored_of,
)
from taketwo.cassette.store.staging import StagingDir, delete_unreferenced
from taketwo.errors import StoreError
from taketwo.features.store.objects import ObjectStore

_WORKERS = 8
_FRESH = timedelta(days=1)
"""An object that is younger need not be written again: ``gc`` leaves it alone for longer than that."""
_MOST_PROBLEMS = 20

_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """
    ``changed`` are files that were recorded here and not pushed: they are left as they are.
    """

    fetched: tuple[str, ...] = ()
    size: int = 0
    present: int = 0
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """
    * ``named`` are the files whose lines in the lock file are new
    * ``uploaded`` objects take ``packed`` bytes in the store; the others were there
    * ``older`` files are not those of the lock file, and were in the store before; ``missing`` ones are not
      here: the lock file keeps both
    * ``dropped`` are named no more
    """

    named: tuple[str, ...] = ()
    uploaded: int = 0
    packed: int = 0
    present: int = 0
    older: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


# ------------------------------------------------------------ from the store


def pull(
    cassettes: Path, store: Callable[[], ObjectStore], wanted: Sequence[str] = (), *, force: bool = False
) -> Pulled:
    """
    Fetch what the lock file names and is not here: all of it, or the *wanted* cassettes and folders, by
    their paths in *cassettes*, with the bodies that they refer to.

    With *force*, what was recorded here and not pushed is replaced too. *store* is opened when it is needed.

    :raises StoreError: naming every object that is missing or damaged; everything else is here then.
    """
    here = Here(cassettes, force)
    chosen = [path for path in here.files if not wanted or _is_in(path, wanted)]
    texts = here.needed(path for path in chosen if not _is_body(path))
    bodies = here.needed(filter(_is_body, chosen) if not wanted else here.bodies_of(wanted))
    if not texts and not bodies:
        return here.pulled(())
    staging = StagingDir(cassettes)
    try:
        transfer = _Transfer(here, store(), staging.folder)
        transfer.run(texts, bodies, follows=bool(wanted))
    finally:
        staging.close()
    if transfer.problems:
        raise StoreError(_listed("not everything could be pulled:", transfer.problems))
    return here.pulled(transfer.placed)


@dataclass
class Here:
    """
    What of the lock file is here.
    """

    cassettes: Path
    force: bool = False
    states: dict[str, State] = field(default_factory=dict)

    @cached_property
    def files(self) -> Files:
        return read_store_lock(self.cassettes)

    @cached_property
    def known(self) -> KnownContents:
        return KnownContents(self.cassettes)

    def lacks(self, path: Path) -> bool:
        """
        Whether the cassette at *path*, or a body that it refers to, is in the store and not here.
        """
        if not self.files or not path.is_relative_to(self.cassettes):
            return False
        name = path.relative_to(self.cassettes).as_posix()
        return bool(self.needed([name] if name in self.files else []) or self.needed(self.bodies_of([name])))

    def needed(self, paths: Iterable[str]) -> list[str]:
        wanted = {State.MISSING, State.OLDER, *([State.CHANGED] if self.force else [])}
        return [path for path in dict.fromkeys(paths) if self._state(path) in wanted]

    def bodies_of(self, wanted: Sequence[str]) -> Iterator[str]:
        """
        The bodies that the cassettes which are here, and are *wanted*, refer to.
        """
        for path in find_cassettes(self.cassettes) if any(map(self._is_folder, wanted)) else ():
            name = path.relative_to(self.cassettes).as_posix()
            if _is_in(name, wanted):
                yield from self.named_by(name, path)
        for name in wanted:
            if (self.cassettes / name).is_file():
                yield from self.named_by(name, self.cassettes / name)

    def named_by(self, name: str, path: Path) -> Iterator[str]:
        """
        What the text at *path* of the cassette *name* refers to, and the lock file names.
        """
        folder = _folder(name)
        prefix = f"{folder}/" if folder else ""
        if prefix not in self._with_bodies:
            return
        for body in names_in(path.read_bytes().decode("utf-8", "replace")):
            if f"{prefix}{body}" in self.files:
                yield f"{prefix}{body}"

    def pulled(self, fetched: Iterable[str]) -> Pulled:
        done = tuple(sorted(fetched))
        return Pulled(
            fetched=done,
            size=sum(self.files[path].size for path in done),
            present=sum(state is State.SAME for state in self.states.values()),
            changed=tuple(sorted(path for path, state in self.states.items() if state is State.CHANGED)),
        )

    @cached_property
    def _with_bodies(self) -> set[str]:
        return {path[: path.rfind("/") + 1] for path in self.files if _is_body(path)}

    def _is_folder(self, name: str) -> bool:
        return (self.cassettes / name).is_dir()

    def _state(self, path: str) -> State:
        if path not in self.states:
            self.states[path] = state_of(self.cassettes / path, self.files[path], self.known)
        return self.states[path]


class _Transfer:
    """
    Objects that are fetched, several at a time. A cassette comes into place behind its bodies.
    """

    def __init__(self, here: Here, store: ObjectStore, drafts: Path) -> None:
        self._here = here
        self._store = store
        self._drafts = drafts
        self.problems: list[str] = []
        self.placed: list[str] = []

    def run(self, texts: Sequence[str], bodies: Sequence[str], *, follows: bool) -> None:
        """
        Fetch *texts* and *bodies*; with *follows*, the bodies that these texts refer to as well.
        """
        staged = dict(self._fetch(texts))
        if follows:
            named = (body for path, draft in staged.items() for body in self._here.named_by(path, draft))
            bodies = list(dict.fromkeys([*bodies, *self._here.needed(named)]))
        for path, draft in self._fetch(bodies):
            self._place(path, draft)
        for path, draft in staged.items():
            self._place(path, draft)
        self._here.known.add(self._here.files[path].sha256 for path in self.placed)

    def _fetch(self, paths: Sequence[str]) -> Iterator[tuple[str, Path]]:
        def fetch(numbered: tuple[int, str]) -> tuple[str, Path] | str:
            number, path = numbered
            draft = self._drafts / f"{number}-{self._here.files[path].sha256}"
            try:
                self._store.fetch(self._here.files[path], draft)
            except StoreError as error:
                draft.unlink(missing_ok=True)
                return f"{path}: {error}"
            return path, draft

        for found in _in_parallel(fetch, enumerate(paths)):
            if isinstance(found, str):
                self.problems.append(found)
            else:
                yield found

    def _place(self, path: str, draft: Path) -> None:
        target = self._here.cassettes / path
        if not target.parent.resolve().is_relative_to(self._here.cassettes.resolve()):
            self.problems.append(f"{path}: a link leads it out of the folder of the cassettes")
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with locked(target.parent):
            is_replaced = target.is_file()
            draft.replace(target)
            if is_replaced and not _is_body(path):
                delete_unreferenced(target.parent)  # the bodies of the revision before
        self.placed.append(path)


# ------------------------------------------------------------ to the store


def push(
    cassettes: Path,
    store: ObjectStore,
    larger_than: int,
    *,
    check: Callable[[Sequence[Path]], None],
    force: bool = False,
    prune: bool = False,
) -> Pushed:
    """
    Write to *store* what is larger than *larger_than* bytes, or is named by the lock file, and name it there.

    *check* refuses cassettes that are not to be pushed, before any is.

    Objects are written before the lock file names them. With *force*, those that are in the store are written
    again; with *prune*, the lock file names no more what is not here.

    :raises StoreError: when something cannot be written; the lock file is as it was then.
    """
    files, known = read_store_lock(cassettes), KnownContents(cassettes)
    candidates = {
        path: file
        for path, file in _files_in(cassettes)
        if path in files or file.stat().st_size > larger_than
    }
    contents = {path: stored_of(file) for path, file in candidates.items()}
    older = {
        path
        for path, stored in contents.items()
        if path in files and files[path] != stored and stored.sha256 in known
    }
    alone = _unnamed([path for path in contents if path not in files], cassettes, older)
    mine = {path: stored for path, stored in contents.items() if path not in older | alone}
    sources = {stored: cassettes / path for path, stored in mine.items()}
    if not force:
        sure = {one for path, one in files.items() if one.sha256 in known and mine.get(path) == one}
        sources = {stored: path for stored, path in sources.items() if stored not in sure}
    check(sorted(path for path in sources.values() if not is_attachment(path.name)))
    sizes = list(_uploaded(store, sources, force=force))
    known.add(stored.sha256 for stored in mine.values())
    missing = [path for path in files if path not in candidates]
    dropped = [path for path in missing if prune or _is_orphan(path, cassettes, {*missing, *older})]

    def change(lock: dict[str, Stored]) -> None:
        lock.update(mine)
        for path in dropped:
            if lock.get(path) == files[path]:
                del lock[path]

    if mine or dropped:
        change_store_lock(cassettes, change)
    return Pushed(
        named=tuple(sorted(path for path, stored in mine.items() if files.get(path) != stored)),
        uploaded=len(sizes),
        packed=sum(sizes),
        present=len(sources) - len(sizes),
        older=tuple(sorted(older)),
        missing=tuple(path for path in missing if path not in dropped),
        dropped=tuple(dropped),
    )


def _uploaded(store: ObjectStore, sources: Mapping[Stored, Path], *, force: bool) -> Iterator[int]:
    """
    The size of each object that was written: none of one that is there, and is young enough to stay.
    """

    def put(source: tuple[Stored, Path]) -> int | None:
        stored, path = source
        written = None if force else store.written(stored.sha256)
        if written is not None and datetime.now(UTC) - written < _FRESH:
            return None
        return store.put(stored, path)

    return (size for size in _in_parallel(put, sources.items()) if size is not None)


def _is_orphan(path: str, cassettes: Path, absent: set[str]) -> bool:
    """
    Whether *path* is a body that no cassette refers to: all cassettes of its folder are here as they are now.
    """
    folder = _folder(path)
    if not _is_body(path) or any(_folder(one) == folder and not _is_body(one) for one in absent):
        return False
    return bool(_unnamed([path], cassettes, set()))


def _unnamed(paths: Sequence[str], cassettes: Path, older: set[str]) -> set[str]:
    """
    The bodies among *paths* that no cassette of their folder refers to but *older* ones.
    """
    named: dict[str, set[str]] = {}
    for folder in {_folder(path) for path in paths if _is_body(path)}:
        home = cassettes / folder
        texts = [
            file
            for file in (home.iterdir() if home.is_dir() else ())
            if file.is_file()
            and not is_attachment(file.name)
            and file.relative_to(cassettes).as_posix() not in older
        ]
        named[folder] = {
            name for file in texts for name in names_in(file.read_bytes().decode("utf-8", "replace"))
        }
    return {path for path in paths if _is_body(path) and path.rpartition("/")[2] not in named[_folder(path)]}


def _files_in(cassettes: Path) -> Iterator[tuple[str, Path]]:
    """
    Every cassette and every body in the folder, pending recordings excepted.
    """
    found = set(find_cassettes(cassettes))
    found |= {
        file
        for file in cassettes.rglob("*")
        if is_attachment(file.name) and STAGING_DIR not in file.parts and file.is_file()
    }
    for file in sorted(found):
        yield file.relative_to(cassettes).as_posix(), file


# ------------------------------------------------------------ both ways


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _is_body(path: str) -> bool:
    return is_attachment(path.rpartition("/")[2])


def _is_in(path: str, wanted: Sequence[str]) -> bool:
    return any(one in {"", ".", path} or path.startswith(f"{one}/") for one in wanted)


def _in_parallel(act: Callable[[_T], _R], items: Iterable[_T]) -> Iterator[_R]:
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="taketwo-store") as pool:
        yield from pool.map(act, items)


def _listed(title: str, problems: Sequence[str]) -> str:
    more = len(problems) - _MOST_PROBLEMS
    shown = [f"  {problem}" for problem in sorted(problems)[:_MOST_PROBLEMS]]
    return "\n".join([title, *shown, *([f"  and {more} more"] if more > 0 else [])])
