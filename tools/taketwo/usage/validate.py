"""
What in a cassette its contracts contradict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from taketwo.cassette.model import Cassette
from taketwo.config.contract import Check, ContractConfig
from taketwo.contract.changes import Kind
from taketwo.usage.notes import Fault, Mistake
from taketwo.usage.usage import Usage, UsageReader, is_comparable


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """
    One thing that a service cannot have sent, or can no longer send; *place* is the interaction's.
    """

    service: str
    place: str
    mistake: Mistake | None

    def __str__(self) -> str:
        if self.mistake is None:
            return (
                f"it was recorded under another contract of {self.service} than that of its lock, "
                "and that describes what it uses differently"
            )
        return f"{self.place}\n    {self.mistake}"


def contradictions(cassette: Cassette, readers: Iterable[UsageReader]) -> tuple[Contradiction, ...]:
    """
    Everything in *cassette* that the contracts of *readers* contradict, in the order of the file.

    What a contract does not describe is no contradiction, since contracts are seldom complete; it is one in a
    cassette that was recorded under another contract, where it may have been described. Content may be
    partial, as long as nobody says that the service checks it.
    """
    return tuple(found for reader in readers for found in _of_service(cassette, reader.usage(cassette)))


def found_while_recording(
    recording: Cassette, readers: Iterable[UsageReader], config: ContractConfig
) -> tuple[str, ...]:
    """
    What in a new *recording* the contracts of its services contradict, and a replay would refuse, each once.
    """
    if config.check is Check.OFF:
        return ()
    found = contradictions(recording, readers)
    return tuple(
        dict.fromkeys(
            f"{one.service}: {one.mistake}"
            for one in found
            if one.mistake is not None and not config.warns_at(one.mistake.coordinate)
        )
    )


def is_older(cassette: Cassette, usage: Usage) -> bool:
    """
    Whether *cassette* was recorded while its service promised something else about what it uses.
    """
    head = cassette.services.get(usage.service, "")
    return is_comparable(head) and head != usage.fingerprint


def _of_service(cassette: Cassette, usage: Usage) -> Iterator[Contradiction]:
    if usage.is_empty:
        return
    counted = [(number, one) for number, one in usage.mistakes if counts(one)]
    if not counted and is_older(cassette, usage):
        yield Contradiction(service=usage.service, place="", mistake=None)
        counted = list(usage.mistakes)
    for number, mistake in counted:
        request = cassette.interactions[number].request
        place = f"{number + 1}. {request.method} {request.url}"
        yield Contradiction(service=usage.service, place=place, mistake=mistake)


def counts(mistake: Mistake) -> bool:
    """
    Whether *mistake* contradicts the contract also where that may be incomplete.
    """
    if mistake.fault is Fault.MISSING:
        return mistake.kind is not Kind.DEFINITIONS
    return mistake.fault is Fault.WRONG
