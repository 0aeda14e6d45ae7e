"""
Impact: what a proposed contract would touch, and which recordings it would make wrong. No server is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from taketwo.config.contract import ContractConfig
from taketwo.config.project import Config
from taketwo.contract.changes import Severity
from taketwo.contract.document import Contract, Contracts
from taketwo.contract.locks import read_locks
from taketwo.errors import ContractError
from taketwo.refresh.explain import Explanation, causes_of
from taketwo.refresh.inventory import StoredCassette, inventory
from taketwo.refresh.known_changes import known_changes
from taketwo.results import Cause
from taketwo.usage.notes import Mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalid:
    """
    One recorded interaction that the proposal would make wrong; *place* is its number, method and URL.
    *is_read* tells of a value in an answer whether the test reads it, or may.
    """

    cassette: str
    test: str
    place: str
    mistake: Mistake
    is_read: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """
    What the proposed contract of *service* changes, by cause, and what it makes invalid.
    """

    service: str
    causes: tuple[Cause, ...] = ()
    invalid: tuple[Invalid, ...] = ()
    cassettes: int = 0

    @property
    def exit_code(self) -> int:
        """
        0 nothing that is recorded is touched; 1 something is; 2 something that is recorded would break.
        """
        used = [cause for cause in self.causes if cause.is_used]
        if any(one.is_read for one in self.invalid) or any(
            cause.severity is Severity.BREAKING for cause in used
        ):
            return 2
        return 1 if used or self.invalid else 0


def impact_of(config: Config, proposal: Contract) -> Impact:
    """
    What would happen if *proposal* took the place of the lock of its kind.

    :raises ContractError: when there is no lock to compare it with.
    """
    locked = read_locks(config.locks, proposal.service)
    old = locked.of(proposal.kind)
    if old is None:
        raise ContractError(
            f"there is no lock of the {proposal.kind} contract of {proposal.service} in {config.locks}\n"
            "keep one with the first recording: taketwo refresh --all"
        )
    new = Contracts(
        service=locked.service,
        documents=tuple(proposal if one.kind is proposal.kind else one for one in locked),
    )
    found = list(inventory(config, {locked.service: locked}, {new.service: new}))
    return impact_on(old, proposal, found, judged_by=config.contract)


def impact_on(
    old: Contract, proposal: Contract, found: Sequence[StoredCassette], *, judged_by: ContractConfig
) -> Impact:
    """
    What would happen to the cassettes in *found*, recorded under *old*, with severities by *judged_by*.
    """
    changes = {proposal.service: known_changes(old, proposal, judged_by)}
    return Impact(
        service=proposal.service,
        causes=causes_of(Explanation(changes=changes), found, ()),
        invalid=tuple(invalid for one in found for invalid in _invalid(one)),
        cassettes=len({one.name for one in found}),
    )


def _invalid(one: StoredCassette) -> Iterator[Invalid]:
    """
    What is wrong under the new contract and was not under the old one.
    """
    for service, usage in one.new_usages.items():
        before = set(one.usages[service].mistakes)
        for number, mistake in usage.mistakes:
            if (number, mistake) not in before:
                request = one.cassette.interactions[number].request
                place = f"{number + 1}. {request.method} {request.url}"
                lock = one.unread.get(service)
                unread = lock.unread.get(mistake.kind, frozenset()) if lock is not None else frozenset[str]()
                yield Invalid(
                    cassette=one.name,
                    test=one.cassette.test,
                    place=place,
                    mistake=mistake,
                    is_read=mistake.coordinate not in unread,
                )
