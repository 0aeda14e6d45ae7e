"""
What a message says, gathered once: the names in it, and its texts.

One look at the texts together, and one at the set of names, tells of most messages of a recording that they
hold no secret and nothing volatile. So their values are not looked at one by one, which takes five times as
long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from taketwo.cassette.model import JsonBody, JsonValue, StoredRequest, StoredResponse
from taketwo.cassette.visit import plain_texts

_LONGEST = 64 * 1024
"""Signs of texts: longer ones would be in memory twice, and are looked at one by one."""

_SHORTEST = 6
"""Signs of a text: what is shorter is no token, no assignment, no placeholder, and has no form of its own."""


class Gist(NamedTuple):
    """
    The *names* of the parameters and JSON members of a message, each once, its *head* (the URL, or the reason
    and how it ended), and the other *texts*, of *size* signs, but for those of the headers and short ones.

    One that is not *whole* has none of them. A message that is *odd* may hold what looks like a placeholder.
    """

    names: tuple[str, ...]
    head: str
    texts: tuple[str, ...]
    size: int
    odd: bool
    whole: bool = True


class Gists:
    """
    The gists of messages, each made once.
    """

    __slots__ = ("_known",)

    def __init__(self) -> None:
        # The messages are kept too, so that no other one can have the identity of one of them.
        self._known: dict[int, tuple[StoredRequest | StoredResponse, Gist]] = {}

    def of(self, message: StoredRequest | StoredResponse) -> Gist:
        known = self._known.get(id(message))
        if known is None:
            known = self._known[id(message)] = message, gist_of(message)
        return known[1]


def gist_of(message: StoredRequest | StoredResponse) -> Gist:
    """
    The gist of *message*; of its bodies, those of JSON are looked into.
    """
    names: list[str] = []
    texts: list[str] = []
    body = message.body
    if isinstance(message, StoredRequest):
        head = message.url
        names += [name for name, _ in message.query]
        texts += [value for _, value in message.query]
    else:
        head = f"{message.reason}\n{message.ended}" if message.reason or message.ended else ""
    if isinstance(body, JsonBody):
        _gather((body.value,), names, texts)
    together = "\n".join([head, *texts])
    if not (body is None or isinstance(body, JsonBody)) or len(together) > _LONGEST:
        return Gist((), "", (), 0, odd="<" in "".join(plain_texts(message)), whole=False)
    own = tuple(dict.fromkeys(names))
    is_odd = "<" in together or "<" in "".join(own) or "<" in "".join([value for _, value in message.headers])
    long = tuple([text for text in texts if len(text) >= _SHORTEST])
    return Gist(own, head, long, len(together), is_odd)


def _gather(values: Iterable[JsonValue], names: list[str], texts: list[str]) -> None:
    # The plain types are checked first: the checks of abstract ones take long.
    for value in values:
        if isinstance(value, str):
            texts.append(value)
        elif value is None or isinstance(value, (int, float)):
            continue
        elif isinstance(value, list) or not isinstance(value, (dict, Mapping)):
            _gather(value, names, texts)
        else:
            names.extend(value)
            _gather(value.values(), names, texts)
