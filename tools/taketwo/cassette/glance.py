"""
What a replay finds in a compiled cassette without reading it: which answer is for a request, and the answer.

That is all that most replays need. What it does not know, :class:`taketwo.cassette.replay.Replay` does, which
takes longer to import than the rest of a replay.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache

from taketwo.cassette.cache.compiled import CompiledInteractions, LazySequence, Outline
from taketwo.cassette.content import Content
from taketwo.cassette.index import Fingerprint, Index
from taketwo.cassette.model import CRC32, DRAWN, Cassette, LiveResponse, Pairs, StoredRequest, StoredResponse

ABOUT_BODY = frozenset({"content-encoding", CRC32})
"""The headers that are made for the body that a replay gives."""

_DRAWN = [f"<{kind}:" for kind in sorted(DRAWN)]


class Glance:
    """
    The requests and answers of a compiled cassette with an outline.
    """

    def __init__(self, interactions: CompiledInteractions, outline: Outline) -> None:
        self._interactions = interactions
        self._outline = outline

    def index(self, fingerprint: Callable[[StoredRequest], Fingerprint]) -> Index:
        """
        The recorded requests; *fingerprint* is asked of those whose outline does not decide on a match.
        """
        items, outline = self._interactions, self._outline
        requests = LazySequence(len(items), lambda number: items[number].request)
        return Index(requests, fingerprint, outline.wires, outline.equals, variants=outline.variants)

    def response(self, number: int) -> LiveResponse | None:
        """
        An answer that is as it was recorded; None for one that has to be made.
        """
        found = answer_at_a_glance(self._interactions, number)
        return None if found is None or _describe_body(found.headers) else found

    def may_repeat_secrets(self, number: int) -> bool:
        """
        Whether a secret may be in an answer.
        """
        return self._interactions.answer_may_say(number, "<secret:")

    def may_be_drawn(self) -> bool:
        """
        Whether a request may hold what the client draws anew.
        """
        return may_be_drawn(self._interactions)


def glance_at(cassette: Cassette, listed: Collection[str]) -> Glance | None:
    """
    What is found without reading *cassette*; None where that is not enough, as with *listed* headers in it.
    """
    outline = None if cassette.files else outline_of(cassette, listed)
    if outline is None or not isinstance(cassette.interactions, CompiledInteractions):
        return None
    return Glance(cassette.interactions, outline)


def outline_of(cassette: Cassette, listed: Collection[str]) -> Outline | None:
    """
    The outline of a compiled *cassette*, which knows nothing of *listed* headers: None where these are in it.
    """
    compiled = cassette.interactions
    if not isinstance(compiled, CompiledInteractions) or any(map(compiled.may_say, listed)):
        return None
    return compiled.outline()


def may_be_drawn(compiled: CompiledInteractions) -> bool:
    """
    Whether what the client draws anew may be anywhere in them.
    """
    return any(map(compiled.may_say, _DRAWN))


def answer_at_a_glance(compiled: CompiledInteractions, number: int) -> LiveResponse | None:
    """
    An answer that holds no placeholder, as it was recorded.
    """
    ready = compiled.answer(number)
    return None if ready is None or b"<" in ready[1] else in_one_piece(*ready)


def in_one_piece(response: StoredResponse, body: Content) -> LiveResponse:
    """
    An answer of one piece with that *body*.
    """
    headers = _with_length(response.headers, response.status, len(body))
    return LiveResponse(
        status=response.status,
        version=response.version,
        lowercase_names=response.lowercase_names,
        reason=response.reason,
        headers=headers,
        body=body,
    )


@lru_cache(maxsize=1024)  # as below
def _describe_body(headers: Pairs) -> bool:
    return any(name in ABOUT_BODY for name, _ in headers)


@lru_cache(maxsize=1024)  # most answers of a service have the same headers
def _with_length(headers: Pairs, status: int, length: int) -> Pairs:
    # The answer to a HEAD has the length of the body that it leaves out.
    is_told = any(name == "content-length" for name, _ in headers)
    has_length = not is_told and (length or status not in {204, 304})
    return (*headers, ("content-length", str(length))) if has_length else headers
