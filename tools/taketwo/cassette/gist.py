"""
What a message says, gathered once: the names in it, and its texts as one.

One look at all texts, and one at the set of names, tells of most messages of a recording that they hold no
secret and nothing volatile. So their values are not looked at one by one, which takes five times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from taketwo.cassette.model import JsonBody, JsonValue, StoredRequest, StoredResponse
from taketwo.cassette.visit import plain_texts

_LONGEST = 64 * 1024
"""Signs of texts: longer ones would be in memory twice, and are looked at one by one."""


class Gist(NamedTuple):
    """
    The *names* of the parameters and JSON members of a message, each once, and each other *text* but for
    those of the headers, in lines. One that is not *whole* has none of them.

    A message that is *odd* may hold what looks like a placeholder.
    """

    names: tuple[str, ...]
    text: str
    odd: bool
    whole: bool = True


class Gists:
    """
    The gists of messages, each made once.
    """

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
    if isinstance(message, StoredRequest):
        texts = [message.url]
        for name, value in message.query:
            names.append(name)
            texts.append(value)
    else:
        texts = [message.reason, message.ended]
    body = message.body
    if isinstance(body, JsonBody):
        _gather((body.value,), names, texts)
    text = "\n".join(texts)
    if not (body is None or isinstance(body, JsonBody)) or len(text) > _LONGEST:
        return Gist((), "", odd="<" in "".join(plain_texts(message)), whole=False)
    own = tuple(dict.fromkeys(names))
    is_odd = "<" in text or "<" in "".join(own) or "<" in "".join([value for _, value in message.headers])
    return Gist(own, text, is_odd)


def _gather(values: Iterable[JsonValue], names: list[str], texts: list[str]) -> None:
    for value in values:
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, (dict, Mapping)):
            names.extend(value)
            _gather(value.values(), names, texts)
        elif value is not None and not isinstance(value, (int, float)):
            _gather(value, names, texts)
