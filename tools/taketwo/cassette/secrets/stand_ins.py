"""
What stands in a cassette for a secret, and what a replay plays for one whose value it does not have.

``<secret:NAME>`` is played as ``secret-NAME``. What a service issued also says its form, so that a client
takes what is played for the real thing: ``<secret:access_token:ghp_[A-Za-z0-9]{36}>`` has the length, the
alphabet and the prefix of the secret, ``<secret:pin:8-digits>`` is a number, and a JSON Web Token keeps its
header and its claims: ``<secret:id_token:jwt:{"alg":"RS256"}.{"sub":"1"}.342>``. The second secret of a name
and a form is ``<secret:access_token~2:...>``, so that two sessions get two values.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Container, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from types import MappingProxyType

from taketwo.cassette.model import DEFAULT_TIME
from taketwo.cassette.secrets.encodings import INSIDE, split_encoding, whole_text, write_as
from taketwo.cassette.secrets.names import plain
from taketwo.config.text_shapes import parse_shape

_KNOWN_PREFIX = re.compile(
    r"(?:[spr]k|pat|key|tok|token|sess|session|secret|whsec|refresh|access)(?:[_-](?:live|test|prod|proj|svcacct|"
    r"admin|ant|api\d\d))*[_-]|gh[pousr]_|github_pat_|gl[a-z]{2,5}-|AIza|A[KS]IA|eyJ|ya29\.|GOCSPX-|SG\.|xox[a-z]-|"
    r"xapp-\d-|npm_|pypi-|rubygems_|dckr_[op]at_|hf_|gsk_|shp[a-z]{2}_|lin_api_|do[opr]_v1_|xai-|pplx-|r8_|ntn_|"
    r"sntry[su]_|gl(?:sa|c)_|NRAK-|PMAK-|figd_|hv[sbr]\.|dapi|sq0[a-z]{3}-|ek_|AGE-SECRET-KEY-1|ABSK|1//0"
)
_SHORT_PREFIX = 3  # "sk-" may begin a random text by chance
_PREFIX = re.compile(r"(?:[a-z]{3,6}[_-]){1,3}")
_STAND_IN = re.compile(r"<secret:([^<>\s]+)>")
_DIGITS = re.compile(r"([1-9]\d{0,2})-digits")
_JWT = re.compile(r"(eyJ[\w-]+)\.(eyJ[\w-]+)\.([\w-]*)")
_STORED_JWT = re.compile(r"jwt:(\{.*\})\.(\{.*\})\.(\d{1,4})")
_CLASSES = (("0-9", str.isdigit), ("a-z", str.islower), ("A-Z", str.isupper))
_BASE64 = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}|[A-Za-z0-9_-]{16,}={0,2}")
_SCOPED = re.compile(r"([^/]{8,128})/\d{8}/([\w-]+/[\w-]+/(?:aws4|goog4)_request)")
DEFAULT_MOMENT = int(datetime.fromisoformat(DEFAULT_TIME).timestamp())
_TIMES = frozenset({"iat", "exp", "nbf", "auth_time", "updated_at"})
_DRAWN = frozenset({"jti", "nonce", "sid", "at_hash", "c_hash", "uti", "rh", "aio", "session_state"})
_END = "exp"
_LIFE = 3600  # seconds from issue to end, where a token tells the end alone
_AFTER = "+"  # minutes
_MINUTE = 60
_WRITTEN = re.compile(r"\d{6,}|[a-z]{9,}")  # what a part of a token is that somebody chose
_LONGEST = 900  # signs; a shape has at most a thousand places
_HEX = frozenset("0123456789abcdef")


def plain_name(name: str) -> str:
    """
    The name of a secret without its number, its form and how it was written.
    """
    return split_encoding(name)[0].partition(":")[0].partition("#")[0].partition("~")[0]


def free_names(named: Iterable[tuple[str, str]], taken: Container[str]) -> dict[str, str]:
    """
    The names of the values that are *named*, each with a number before its form where the name is *taken*, or
    another value has it.
    """
    found: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for name, value in named:
        own, colon, form = name.partition(":")
        free = name
        while free in taken or (free == name and name in numbers):
            numbers[name] = numbers.get(name, 1) + 1
            free = f"{own}~{numbers[name]}{colon}{form}"
        numbers.setdefault(name, 1)
        found[value] = free
    return found


def without_form(name: str) -> str:
    """
    The same with how it was written.
    """
    plain, encoding = split_encoding(name)
    own = plain.partition(":")[0]
    return f"{own}:{encoding}" if encoding and not encoding.startswith(INSIDE) else own


def secrets_of(name: str) -> set[str]:
    """
    The names of the secrets that a stand-in with this name is for, each with its form where it says one.
    """
    plain, encoding = split_encoding(name)
    if not encoding.startswith(INSIDE):
        return {plain}
    inner = _STAND_IN.findall(whole_text(encoding)[1])
    return {each for one in inner for each in secrets_of(one)}


def is_number(name: str) -> bool:
    """
    Whether a number was in the place of the secret.
    """
    return bool(_DIGITS.fullmatch(name.partition(":")[2]))


def dummy(name: str) -> str:
    """
    What is played for a secret that has no value now, and no form.
    """
    # A number sign would end the address in which the value may be.
    return f"secret-{re.sub('[#~]', '-', name)}"


def played(
    name: str,
    reveal: Callable[[str], str],
    *,
    at: int = DEFAULT_MOMENT,
    sent: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """
    What a replay plays for the secret *name*: what *reveal* gives, or a value of its form for a dummy.

    A token with claims was issued *at* that time, in seconds since 1970. What the test has *sent* is played
    for a name that says no form.
    """
    whole, encoding = split_encoding(name)
    if encoding.startswith(INSIDE):
        codings, text = whole_text(encoding)
        return write_as(
            codings, _STAND_IN.sub(lambda found: played(found[1], reveal, at=at, sent=sent), text)
        )
    own, _, form = whole.partition(":")
    repeated = sent.get(whole, sent.get(plain(whole)))
    value = reveal(own) if repeated is None else repeated
    if form and (value == dummy(own) or (is_number(whole) and not value.isdecimal())):
        value = _of_form(own, form, at)
    return write_as(encoding, value) if encoding else value


def form_of(value: str) -> str:
    """
    The form of *value*, without what is secret in it; empty where it has none that is known.
    """
    jwt = _JWT.fullmatch(value)
    if jwt:
        with suppress(ValueError):
            header, claims = map(_claims, jwt.groups()[:2])
            parts = [json.dumps(part, separators=(",", ":")) for part in (header, _at_any_time(claims))]
            form = f"jwt:{parts[0]}.{parts[1]}.{len(jwt[3])}"
            return re.sub(r"[<> ]", lambda sign: f"\\u{ord(sign[0]):04x}", form)
    if not value.isascii() or len(value) > _LONGEST or not value.isprintable():
        return ""
    return _shape(value)


def form_of_number(digits: str) -> str:
    return f"{len(digits)}-digits"


def _at_any_time(claims: Mapping[str, object]) -> Mapping[str, object]:
    """
    *claims* with times as minutes from when it was issued, and zeros for what is drawn anew: the next token
    has the same.
    """
    times = {name: value for name, value in claims.items() if name in _TIMES and type(value) in {int, float}}
    start = _issued(times)
    found = dict(claims)
    for name, value in times.items():
        if isinstance(value, int | float):
            found[name] = f"{_AFTER}{round((value - start) / _MINUTE)}"
    for name in _DRAWN.intersection(claims):
        found[name] = re.sub("[A-Za-z1-9]", "0", str(claims[name]))
    return found


def _issued(times: Mapping[str, object]) -> float:
    """
    When a token with these *times* was issued, in seconds since 1970.
    """
    numbers = {name: value for name, value in times.items() if isinstance(value, int | float)}
    issued = [value for name, value in numbers.items() if name != _END]
    ends = [value - _LIFE for value in numbers.values()]
    return min(issued or ends, default=0)


def _at(moment: int, claims: str) -> str:
    """
    The text of the stored *claims* of a token that was issued at *moment*, in seconds since 1970.
    """
    found = json.loads(claims)
    for name, value in found.items():
        if name in _TIMES and isinstance(value, str) and (minutes := value.removeprefix(_AFTER)).isdecimal():
            found[name] = moment + int(minutes[:9]) * _MINUTE
    return json.dumps(found, separators=(",", ":"))


def _claims(part: str) -> Mapping[str, object]:
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if not isinstance(claims, dict):
        raise ValueError(part)  # noqa: TRY004 - as json says that it is none
    return claims


def _shape(value: str) -> str:
    scoped = _SCOPED.fullmatch(value)
    if scoped:
        scope = re.sub(r"([^A-Za-z0-9])", lambda sign: _literal(sign[0]), scoped[2])
        return f"{_shape(scoped[1])}/20260101/{scope}"
    begin = _prefix_of(value)
    rest = value[len(begin) :]
    alphabet = _alphabet(re.sub(r"[^A-Za-z0-9]", "", rest))
    pieces = [re.escape(begin).replace("\\-", "-").replace("\\_", "_")]
    chance = _random_signs(rest)
    for is_sign, signs in groupby(rest, key=lambda sign: not sign.isalnum() and sign not in chance):
        run = "".join(signs)
        pieces.append(_literal(run) if is_sign else f"{alphabet}{{{len(run)}}}")
    shape = "".join(pieces)
    with suppress(ValueError):
        return shape if len(parse_shape(shape).places) == len(value) else ""
    return ""


def _random_signs(text: str) -> str:
    """
    The signs of base64 that are in *text* by chance: a shape has letters in their places, so that the next
    token of the same kind has the same shape.
    """
    if not (_BASE64.fullmatch(text) and re.search("[a-z]", text) and re.search("[A-Z]", text)):
        return ""
    is_written = any(map(_WRITTEN.fullmatch, re.split(r"[+/_-]", text.rstrip("="))))
    return "" if is_written else "+/_-"


def _prefix_of(text: str) -> str:
    """
    What comes before the random part of *text*; of a few letters and a line, chance may be the author.
    """
    known = _KNOWN_PREFIX.match(text)
    found = known or _PREFIX.match(text)
    begin = found[0] if found and len(found[0]) * 2 < len(text) else ""
    is_sure = known is not None and len(begin) > _SHORT_PREFIX
    return begin if is_sure or not re.search("[_-]", text[len(begin) :]) else ""


def _alphabet(signs: str) -> str:
    if set(signs) <= _HEX and set(signs) & set("abcdef"):
        return "[0-9a-f]"
    has_both = any(map(str.islower, signs)) and any(map(str.isupper, signs))
    found = [name for name, is_of in _CLASSES if has_both or any(map(is_of, signs))]
    return f"[{''.join(found)}]" if found else ""


def _literal(signs: str) -> str:
    """
    *signs* as a shape has them, without a backslash where that can be: a text inside JSON would double it.
    """
    return "".join(map(_sign, signs))


def _sign(sign: str) -> str:
    if sign in "-_/=~,;:@!&%#":
        return sign
    return f"\\{sign}" if sign in ']^\\"' else f"[{sign}]"


def _of_form(name: str, form: str, at: int) -> str:
    digest = hashlib.sha256(f"secret {name} {form}".encode()).digest()
    digits = _DIGITS.fullmatch(form)
    if digits:
        length = int(digits[1])
        return str(10 ** (length - 1) + int.from_bytes(digest, "big") % (9 * 10 ** (length - 1)))
    jwt = _STORED_JWT.fullmatch(form)
    if jwt:
        with suppress(ValueError, AttributeError):
            parts = (jwt[1], _at(at, jwt[2]))
            return ".".join([*(_base64url(part.encode()) for part in parts), _letters(digest, int(jwt[3]))])
    with suppress(ValueError, OverflowError, re.error):
        # As many bits as the longest shape has choices for.
        return parse_shape(form).nth(int.from_bytes(hashlib.shake_256(digest).digest(1000), "big"))
    return dummy(name)  # nothing that we wrote


def _letters(digest: bytes, length: int) -> str:
    return _base64url(hashlib.shake_256(digest).digest(length))[:length]


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
