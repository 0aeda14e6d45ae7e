"""
The takes of a run: claimed, staged when the call of a test has passed, promoted when its teardown has.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from taketwo.cassette import (
    Cassette,
    Claim,
    Finder,
    Inherited,
    Named,
    Redactor,
    Take,
    Workshop,
    attachments,
    carried_over,
    dump_cassette,
    make_take_after,
    promote,
    seed_of,
    with_part,
)
from taketwo.config import Config
from taketwo.contract import read_locks, write_locks
from taketwo.errors import TakeRefused
from taketwo.plugin.census import Census
from taketwo.plugin.opened import OpenTest
from taketwo.plugin.parts import part_for, undamaged
from taketwo.plugin.place import Place, relative
from taketwo.plugin.results import State
from taketwo.plugin.services import Services
from taketwo.services import Service
from taketwo.usage import UsageReader, is_at


class Takes:
    """
    *folder* is where new takes go that are to be looked at before any cassette is replaced.

    ``locks_behind`` are the services whose contract is not the one that is locked; ``are_there`` whether any
    take was made. ``inherited`` and ``secrets`` are those of the fixtures that are set up.
    """

    def __init__(
        self, project: Config, census: Census, services: Services, redactor: Redactor, *, folder: Path | None
    ) -> None:
        self._project = project
        self._census = census
        self._services = services
        self._redactor = redactor
        self._folder = folder
        self._workshop: Workshop | None = None
        self._promoted: set[str] = set()
        self._readers: dict[str, UsageReader] = {}
        self.locks_behind: list[str] = []
        self.are_there = False
        self.inherited: list[Inherited] = []
        self.secrets: list[Named] = []

    @cached_property
    def finder(self) -> Finder:
        """
        What finds minted values while something is recorded.
        """
        return Finder(self._project.placeholders)

    def claim(self, test: str, place: Place) -> Claim | None:
        """
        Be the only process that records *test*; of those that leave takes in a folder each has its own.

        :raises CassetteBusy: when another process records it, and does not end.
        :raises TakeRefused: when a take could not be written.
        """
        if self._folder is not None:
            return None
        key = f"{place.path.resolve()} {test}"
        return self._shop().claim(key, cassette=relative(place.path, self._project), test=test)

    def stage(self, opened: OpenTest) -> Take | None:
        """
        Write the take of a test beside the cassettes; nothing is replaced yet.

        :raises TakeRefused: when a secret is in it, or when a review would not find it.
        """
        if opened.recorder is None:
            return None
        path = opened.place.path
        if self._folder is not None and not path.is_relative_to(self._project.root):
            raise TakeRefused(f"{path} lies outside of the project, and cannot be refreshed")
        head = opened.head or Cassette(test=opened.test, seed=seed_of(opened.test))
        # A secret of what was known may have been played as a dummy.
        redactor = opened.player.replay.redactor if opened.own else self._redactor
        take = make_take_after(
            opened.exchanges,
            head=replace(head, services=dict.fromkeys(self.talked_to(opened), "")),
            redactor=redactor.knowing(self.secrets),
            bases=self._services.bases(),
            finder=self.finder,
            conversations=opened.conversations,
            audio=self._project.audio,
            inherited=self.inherited,
        )
        cassette = carried_over(self._accepted(opened), self._under_contract(take.cassette))
        self.are_there = True
        opened.staged = self._shop().stage(dump_cassette(cassette), attachments(cassette))
        return take

    def promote(self, opened: OpenTest) -> State:
        """
        Put the take in the place of the cassette, now that its test has passed.
        """
        if opened.recorder is None or opened.staged is None:
            return State.REPLAYED
        path, merge = opened.place.path, self._beside_others(opened)
        if self._folder is not None:
            promote(opened.staged, self._folder / path.relative_to(self._project.root), merge=merge)
            return State.KEPT
        is_new = not path.is_file()
        changed = promote(opened.staged, path, merge=merge)
        self._promoted.update(self.talked_to(opened))
        return State.NEW if is_new else State.CHANGED if changed else State.UNCHANGED

    def lock(self) -> None:
        """
        Keep the contracts of a first recording as locks.
        """
        for name in sorted(self._promoted):
            self._lock(self._services.by_name[name])

    def close(self) -> None:
        if self._workshop is not None:
            self._workshop.close()

    def _accepted(self, opened: OpenTest) -> Cassette | None:
        """
        What the take is to replace; a cassette that is damaged keeps nobody from recording it again.
        """
        cassette = undamaged(opened.place.path)
        return None if cassette is None else part_for(opened.test, cassette, self._census.is_gone)

    def _beside_others(self, opened: OpenTest) -> Callable[[Cassette, Cassette | None], Cassette]:
        def merge(take: Cassette, present: Cassette | None) -> Cassette:
            # A take for a review holds what the others recorded before: only what is new is to be looked at.
            others = present if present or self._folder is None else undamaged(opened.place.path)
            return with_part(others, take, keep=lambda test: not self._census.is_gone(test))

        return merge

    def _shop(self) -> Workshop:
        if self._workshop is None:
            # On the file system of what is to be replaced: a rename does not cross from one to another.
            folder = self._folder or self._project.cassettes
            try:
                self._workshop = Workshop(folder, patience=self._project.patience)
            except OSError as error:
                raise TakeRefused(
                    f"nothing can be recorded: {error}\nthe old cassette is as it was"
                ) from None
        return self._workshop

    def _lock(self, service: Service) -> None:
        live = service.contracts()
        locked = read_locks(self._project.locks, service.config.name)
        if not locked.documents:
            write_locks(self._project.locks, live)
        elif locked.hash != live.hash:
            self.locks_behind.append(service.config.name)

    def talked_to(self, opened: OpenTest, *, without: Collection[str] = ()) -> list[str]:
        """
        The names of the services that were talked to, in other methods than those *without* which it counts.
        """
        urls = [one.request.url for one in opened.exchanges if one.request.method not in without]
        # A WebSocket is opened at the same address, under a scheme of its own.
        urls += [f"http{talk.request.url.removeprefix('ws')}" for talk in opened.conversations]
        return [
            name
            for name, service in self._services.by_name.items()
            if any(is_at(url, base) for url in urls for base in (service.address, service.config.url))
        ]

    def _under_contract(self, take: Cassette) -> Cassette:
        """
        *take* with the fingerprint of what it uses of each service's contract.
        """
        services: Mapping[str, str] = {
            name: self._reader(name).usage(take).fingerprint for name in take.services
        }
        return replace(take, services=services)

    def _reader(self, name: str) -> UsageReader:
        if name not in self._readers:
            service = self._services.by_name[name]
            self._readers[name] = UsageReader(service.config, service.contracts())
        return self._readers[name]
