"""
Which credential a request was sent with, identified without its value.

A credential is stored as the name of its place, ``<secret:authorization>``. Where requests differ only in
their credentials, as those of two users do, the credentials get numbers: ``<secret:access_token#2>`` is the
second that the services issued, ``<secret:authorization#417>`` one that the test itself holds. Such a number
is computed from the value by a slow function with 900 results. The order of the requests could not replace
it: in a replay the other user, or another thread, may come first, and would silently get the wrong answer. It
reveals next to nothing of a long credential; of one that can be guessed it excludes all guesses but one in
900. A credential of the environment has the name of its variable.

Nothing is numbered where no requests differ by credentials.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Protocol

from taketwo.cassette.deciding_headers import names_in_vary
from taketwo.cassette.match import fingerprint
from taketwo.cassette.model import Interaction, Pairs
from taketwo.cassette.visit import plain_texts

UNKNOWN = "#0"
"""The number of a credential that is none of those recorded."""

_FIRST_FROM_VALUE = 100
_NUMBERS_FROM_VALUES = 900
_ROUNDS = 20_000
_UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_JWT = re.compile(r"[\w-]+\.([\w-]+)\.[\w-]*")
_PARAMETER = re.compile(r'([\w-]+)="?([^",]*)')
_STAND_IN = re.compile(r"<secret:([^<>\s]+)>")
_SIGNERS = ("credential", "keyid", "oauth_token", "oauth_consumer_key", "username", "id", "client_id")
_CHANGING_CLAIMS = frozenset({"iat", "exp", "nbf", "jti", "auth_time", "nonce", "at_hash"})

Credential = tuple[str, str]
"""Whose it is, as far as its value tells, and the value."""


def numbered(
    items: Sequence[Interaction],
    *,
    hides: Callable[[str, str], bool],
    name_of: Callable[[str], str | None],
    concurrent: bool = False,
) -> dict[str, str]:
    """
    What is added to the names of credentials, by their values: a number, or the name in whole.

    *hides* says whether the value of a header is a secret, *name_of* is the variable that holds a value.
    With *concurrent* requests, chance has no say in the order of the numbers.
    """
    headers = _deciding_headers(items, hides)
    used: dict[str, tuple[int, str]] = {}
    values: dict[str, str] = {}
    for number, item in enumerate(items):
        for owner, value in credentials(item.request.headers, headers):
            used.setdefault(owner, (number, value))
            values[value] = owner
    return _with_numbers(items, used, values, name_of, concurrent=concurrent)


class CredentialNumbers:
    """
    The numbers of the credentials that a client sends in a replay, by their values.

    *played* are the values that are played for the secrets of the cassette, and *names* what
    :func:`numbered_names` finds there; *numbers* are known before.
    """

    def __init__(
        self,
        played: Mapping[str, str],
        names: Collection[str] = (),
        numbers: Mapping[str, str] | None = None,
    ) -> None:
        self._variables = {name for name in names if "#" not in name}
        self.numbers = {value: self._added(name) for name, value in played.items()} | dict(numbers or {})
        self._recorded = {_number_in(name) for name in played}
        self._unclaimed = sorted(
            (n for n in self._recorded if not _is_from_value(n)), key=lambda n: (len(n), n)
        )

    def note(self, headers: Pairs, redactor: Hider) -> None:
        """
        Know the credentials in the headers of a request.
        """
        hidden = {name.lower() for name, value in headers if redactor.hides_header(name, value)}
        for owner, value in credentials(headers, hidden):
            if value not in self.numbers:
                self.numbers[value] = self._number(owner, redactor.variable_of(value))

    def _added(self, name: str) -> str:
        own = name.partition(":")[0]
        return own if own in self._variables else _number_in(own)

    def _number(self, owner: str, variable: str | None) -> str:
        if variable is not None and variable in self._variables:
            return variable
        computed = number_from_value(owner)
        if computed in self._recorded:
            return computed
        # A test that draws its credentials uses them in the order of the recording.
        return self._unclaimed.pop(0) if self._unclaimed else UNKNOWN


class Hider(Protocol):
    """
    What knows which headers hold secrets, and the variables of the environment that hold them too.
    """

    def hides_header(self, name: str, value: str) -> bool: ...

    def variable_of(self, value: str) -> str | None: ...


def credentials(headers: Pairs, names: Collection[str]) -> Iterator[Credential]:
    """
    The credentials in those headers, as they are hidden: without their scheme, cookie by cookie.
    """
    for name, value in headers:
        low = name.lower()
        if low not in names:
            continue
        if low == "cookie":
            cookies = (part.partition("=") for part in value.split(";"))
            yield from ((cookie[2], cookie[2]) for cookie in cookies if cookie[2])
        elif low.endswith("authorization") and " " in value:
            scheme, _, rest = value.partition(" ")
            yield _owner(scheme.lower(), rest), rest
        else:
            yield value, value


def numbered_names(items: Iterable[Interaction], is_secret: Callable[[str], bool]) -> set[str]:
    """
    The names of the credentials of a cassette that have a number, or the name of a variable.
    """
    return {
        found[1]
        for item in items
        for name, value in item.request.headers
        if "<secret:" in value and (name == "cookie" or is_secret(name))
        for found in _STAND_IN.finditer(value)
        if "#" in found[1] or name not in {"cookie", found[1]}
    }


def number_from_value(owner: str) -> str:
    """
    The number of a credential that a test holds.
    """
    return f"#{_slow_number(owner)}"


def _number_in(name: str) -> str:
    _, sign, number = name.partition(":")[0].partition("#")
    return f"{sign}{number}"


def _is_from_value(number: str) -> bool:
    return len(number) == len(f"#{_FIRST_FROM_VALUE}")


def _deciding_headers(items: Sequence[Interaction], hides: Callable[[str, str], bool]) -> set[str]:
    """
    The headers with credentials by which requests differ that are equal but for them.
    """
    groups: dict[object, list[Interaction]] = {}
    for item in items:
        if any(hides(name, value) for name, value in item.request.headers):
            groups.setdefault(fingerprint(item.request), []).append(item)
    found: set[str] = set()
    for group in groups.values():
        if len(group) > 1:
            named = {"authorization", *(n for item in group for n in names_in_vary(item.response.headers))}
            found |= {name for name in named if _differ(name, group, hides)}
    return found


def _differ(name: str, group: Sequence[Interaction], hides: Callable[[str, str], bool]) -> bool:
    pairs = [[pair for pair in item.request.headers if pair[0].lower() == name] for item in group]
    if not all(hides(*pair) for own in pairs for pair in own):
        return False
    owners = {tuple(owner for owner, _ in credentials(tuple(own), {name})) for own in pairs}
    return len(owners) > 1


def _with_numbers(
    items: Sequence[Interaction],
    used: Mapping[str, tuple[int, str]],
    values: Mapping[str, str],
    name_of: Callable[[str], str | None],
    *,
    concurrent: bool,
) -> dict[str, str]:
    numbers: dict[str, str] = {}
    in_turn: list[tuple[object, int, str]] = []
    for owner, (number, value) in used.items():
        name = name_of(value)
        computed = number_from_value(owner) if name is None and not _is_random(value) else ""
        source = _issued_by(items[:number], value)
        if name is not None:
            numbers[owner] = name
        elif source is None and computed and computed not in numbers.values():
            numbers[owner] = computed
        else:
            place = number if source is None else source
            key = fingerprint(items[place].request) if concurrent else ()
            in_turn.append((key, place, owner))
    for position, (_, _, owner) in enumerate(sorted(in_turn, key=lambda one: one[:2]), 1):
        numbers[owner] = "" if position == 1 else f"#{position}"
    return {value: numbers[owner] for value, owner in values.items()}


def _issued_by(items: Sequence[Interaction], value: str) -> int | None:
    """
    The number of the first answer that contains a credential.
    """
    found = (n for n, item in enumerate(items) if any(value in text for text in plain_texts(item.response)))
    return next(found, None)


def _owner(scheme: str, rest: str) -> str:
    """
    Whose an ``Authorization`` is, as far as that stays the same from one request to the next.
    """
    if scheme == "basic":
        return f"basic {_decoded(rest).partition(':')[0]}"
    if found := _JWT.fullmatch(rest):
        claims = _claims(found[1])
        if claims is not None:
            return f"jwt {claims}"
    parameters = {name.lower(): value for name, value in _PARAMETER.findall(rest)} if "=" in rest[:-2] else {}
    if not parameters:
        return rest
    signer = next((parameters[name] for name in _SIGNERS if name in parameters), "")
    return f"{scheme} {signer.partition('/')[0]}"


def _claims(payload: str) -> str | None:
    try:
        claims = json.loads(_decoded(payload))
    except ValueError:
        return None
    if not isinstance(claims, dict):
        return None
    return json.dumps({name: claims[name] for name in sorted(claims) if name not in _CHANGING_CLAIMS})


def _decoded(text: str) -> str:
    padded = text + "=" * (-len(text) % 4)
    try:
        return base64.urlsafe_b64decode(padded).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return text


def _is_random(value: str) -> bool:
    """
    Whether a credential looks as if its client drew it, so that the next recording has another one.
    """
    return bool(_UUID.fullmatch(value))


@lru_cache(maxsize=256)
def _slow_number(owner: str) -> int:
    digest = hashlib.pbkdf2_hmac("sha256", owner.encode("utf-8", "surrogatepass"), b"taketwo", _ROUNDS)
    return _FIRST_FROM_VALUE + int.from_bytes(digest[:8], "big") % _NUMBERS_FROM_VALUES
