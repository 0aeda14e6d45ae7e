"""
Secrets: where they stand, in which disguises, and what stands there instead.

A secret becomes ``<secret:NAME>``, where NAME is the environment variable, header, query parameter or JSON
member that held it. It is found by the name of its place and by its value, in every encoding below.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property, lru_cache
from operator import is_
from types import NoneType
from typing import TypeVar
from urllib.parse import unquote, unquote_plus

from taketwo.cassette.body.codec import body_to_bytes, is_form, parse_json, without_changed
from taketwo.cassette.body.json_text import replace_members
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    FormBody,
    Interaction,
    JsonBody,
    JsonValue,
    MultipartBody,
    Pairs,
    Part,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.multipart.body import name_of, part_headers
from taketwo.cassette.secrets.encodings import encoding_of
from taketwo.cassette.visit import map_request, map_response, plain_texts, request_texts, response_texts

_Message = TypeVar("_Message", StoredRequest, StoredResponse)
Named = tuple[str, str]
"""The name of a secret, and its value."""

_SECRET_NAMES = frozenset(
    {
        "accesstoken",
        "apikey",
        "apitoken",
        "appsecret",
        "authtoken",
        "authorization",
        "bearer",
        "clientsecret",
        "cookie",
        "credential",
        "credentials",
        "csrftoken",
        "idtoken",
        "passphrase",
        "passwd",
        "password",
        "privatekey",
        "proxyauthorization",
        "pwd",
        "refreshtoken",
        "secret",
        "secretkey",
        "sessiontoken",
        "setcookie",
        "signature",
        "signingkey",
        "token",
        "xamzsecuritytoken",
        "xapikey",
        "xauthtoken",
        "xcsrftoken",
        "xiapikey",
    }
)
_SECRET_HEADER = re.compile(r"secret|token|api-?key|password|credential", re.IGNORECASE)
_SECRET_VARIABLE = re.compile(
    r"(?:SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|PRIVATE_?KEY|SIGNING_?KEY|CREDENTIALS?)(?:_|$)"
)
_COOKIE_HEADERS = frozenset({"cookie", "set-cookie"})
_FORM_PAIR = re.compile(r"(?:^|(?<=&))([^=&\s]+)=([^&\s]*)")
_BREAK = r"(?:[\r\n][ \t]*|\\+[rn]|%(?:25)*0[AaDd])"  # as mail and PEM files have in long base64
_RUN = "[A-Za-z0-9+/_%-]"  # of base64, also where a URL holds it
_URL_PAIR = re.compile(r"(?<=[?&#])([^=&#\s]+)=([^&#\s\"'<>]*)")
_USER_INFO = re.compile(r"(?<=://)([^/@:]*):([^/@]+)(?=@)")

# Schemes that sign one request: to know each signature by its value would take longer with each of them
# (minutes for 40 requests of boto3), and nobody can use one again.
_SIGNATURES = frozenset(
    {"aws4-hmac-sha256", "aws4-ecdsa-p256-sha256", "digest", "hawk", "oauth", "signature"}
)

_PLAIN = (str, int, float, NoneType)
_READINGS = (("utf-8", "surrogateescape"), ("latin-1", "strict"))  # of bytes, as a text to look through
_SHORTEST_VARIABLE = 8  # a shorter value of a variable that nobody listed is as often a flag or a name
_LONG_CORE = 100  # signs of base64 tell a secret for certain, and a longer pattern takes long to make
_SHORTEST_DISGUISE = 6  # what base64 leaves of a shorter secret stands in ordinary text too


def secrets_of_environment(environment: Mapping[str, str], listed: Iterable[str]) -> dict[str, str]:
    """
    The secrets in force: the *listed* variables, and those whose name says that they are secret.
    """
    wanted = set(listed)
    return {
        name: value
        for name, value in environment.items()
        if (name in wanted and value)
        or (_SECRET_VARIABLE.search(name.upper()) and len(value) >= _SHORTEST_VARIABLE)
    }


class Redactor:
    """
    Replaces the secrets in force, and finds those that are left.

    *secrets* are values by name; *names* are headers, query parameters and JSON members that hold secrets
    beside the usual ones.
    """

    def __init__(
        self,
        secrets: Mapping[str, str] | Iterable[Named],
        names: Iterable[str] = (),
        numbers: Mapping[str, str] | None = None,
    ) -> None:
        self._numbers = numbers or {}
        named = secrets.items() if isinstance(secrets, Mapping) else secrets
        # Longest first: of two secrets that begin alike, no tail of the longer one may be left.
        self._secrets = sorted({pair for pair in named if pair[1]}, key=lambda pair: (-len(pair[1]), pair))
        self._extra = tuple(names)
        self._names = _names_with(self._extra)
        self._labels = [name for name, _ in self._secrets]
        groups = [f"({_disguises(value)})" for _, value in self._secrets]
        self._pattern = re.compile("|".join(groups)) if groups else None

    def knowing(self, more: Iterable[Named]) -> Redactor:
        """
        The same, for further secrets; a value that is known already, in whatever encoding, keeps its name.
        """
        more = tuple(more)
        if not more:
            return self
        known = {value for _, value in self._secrets}
        # One that is known in another encoding is no further secret: its name would depend on whether
        # a request comes before or after the one whose header gives it away.
        pattern = self._pattern
        added = [
            (name, value)
            for name, value in more
            if value not in known and not (pattern is not None and pattern.fullmatch(value))
        ]
        return Redactor([*added, *self._secrets], self._extra, self._numbers) if added else self

    def with_numbers(self, numbers: Mapping[str, str]) -> Redactor:
        """
        The same, which adds *numbers* to the names of secrets, by their values; one may be a name in whole.
        """
        return Redactor(self._secrets, self._extra, numbers) if numbers else self

    def variable_of(self, value: str) -> str | None:
        """
        The name of the secret that has a *value*, if it is known.
        """
        return next((name for name, known in self._secrets if known == value), None)

    def hides_header(self, name: str, value: str) -> bool:
        """
        Whether there is a secret in a header, by its name.
        """
        return self._header(name, value) != value

    def text(self, text: str) -> str:
        """
        *text* without the values of secrets, whatever encoding they stand in.
        """
        if self._pattern is None:
            return text
        return self._pattern.sub(self._named, text)

    def _named(self, found: re.Match[str]) -> str:
        name, value = self._secrets[(found.lastindex or 1) - 1]
        return _stand_in(self._numbered(name, value), encoding_of(found[0], value))

    def _numbered(self, name: str, value: str) -> str:
        number = self._numbers.get(value, "")
        return f"{name}{number}" if not number or number.startswith("#") else number

    def request(self, request: StoredRequest) -> StoredRequest:
        url, query = _USER_INFO.sub(self._user_info, request.url), self._parameters(request.query)
        headers, body = self._headers(request.headers), self._body(request.body, request.headers)
        named = request
        if (url, query, headers) != (request.url, request.query, request.headers) or body is not request.body:
            named = replace(request, url=url, query=query, headers=headers, body=body)
        redacted = map_request(named, self.text) if self._may_be_in(named) else named
        return _with_body(redacted, without_changed(request.body, redacted.body))

    def response(self, response: StoredResponse) -> StoredResponse:
        headers, body = self._headers(response.headers), self._body(response.body, response.headers)
        named = response
        if headers != response.headers or body is not response.body:
            named = replace(response, headers=headers, body=body)
        redacted = map_response(named, self.text) if self._may_be_in(named) else named
        return _with_body(redacted, without_changed(response.body, redacted.body))

    def _may_be_in(self, message: StoredRequest | StoredResponse) -> bool:
        # A pattern looks at one text, and finds in a text what it finds in one that is joined of several.
        return self._pattern is not None and bool(self._pattern.search("\n".join(plain_texts(message))))

    def found_by_name(self, messages: Iterable[StoredRequest | StoredResponse]) -> list[Named]:
        """
        The secrets whose place gives them away, so that their echoes elsewhere are found by value.
        """
        found: dict[str, str] = {}

        def note(name: str, value: str) -> str:
            if len(value) >= _SHORTEST_VARIABLE and not value.isalpha() and not value.startswith("<secret:"):
                found.setdefault(value, name)
            return _stand_in(name)

        noting = _Noting(self, note)
        for message in messages:
            noting.look_at(message)
        return [(name, value) for value, name in found.items()]

    def leaks(self, interactions: Sequence[Interaction], names: Sequence[str]) -> list[str]:
        """
        The places where a secret is left, by the name of the secret; never its value.

        *names* are what the interactions are called.
        """
        if self._pattern is None:
            return []
        found = (
            f"{self._labels[(secret.lastindex or 1) - 1]} in {name}, {place}"
            for name, interaction in zip(names, interactions, strict=True)
            for place, text in _texts(interaction)
            if (secret := self._pattern.search(text))
        )
        # A binary body is looked through in more than one way.
        return list(dict.fromkeys(found))

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """
        Where secrets begin and end in *text*, each with what stands for it.
        """
        found = self._pattern.finditer(text) if self._pattern is not None else ()
        return [(match.start(), match.end(), self._named(match)) for match in found]

    def hides(self, text: str, content: bytes) -> bool:
        """
        Whether a secret is in *text*, in whatever encoding, or in *content*, which the text says in base64.
        """
        if self._pattern is None:
            return False
        # In a text of nothing but base64 no sign can be escaped: what is left to look for are plain words.
        is_there = any(word in text for word in self._words)
        return is_there or bool(self._pattern.search(content.decode("latin-1")))

    def blanked(self, content: bytes) -> bytes:
        """
        *content*, as long as it is, with asterisks over each secret in it.
        """
        if self._pattern is None:
            return content
        for encoding, errors in _READINGS:
            text = content.decode(encoding, errors)
            for found in self._pattern.finditer(text):
                start, length = (
                    len(part.encode(encoding, errors)) for part in (text[: found.start()], found[0])
                )
                content = content[:start] + b"*" * length + content[start + length :]
        return content

    @cached_property
    def _words(self) -> frozenset[str]:
        values = [value for _, value in self._secrets]
        return frozenset(word for value in values for word in (*_encodings(value), *_cores(value)))

    def is_secret(self, name: str) -> bool:
        return _plain(name) in self._names

    def _user_info(self, found: re.Match[str]) -> str:
        return f"{found[1]}:{self._replaced('password', unquote(found[2]))}"

    def _replaced(self, name: str, value: str) -> str:
        return value if value.startswith("<secret:") else _stand_in(self._numbered(name, value))

    def _headers(self, headers: Pairs) -> Pairs:
        return tuple((name, self._header(name, value)) for name, value in headers)

    def _header(self, name: str, value: str) -> str:
        if name.lower() in _COOKIE_HEADERS:
            return self._cookies(name, value)
        if not self.is_secret(name) and not _SECRET_HEADER.search(name):
            return _URL_PAIR.sub(self._form_pair, value) if "=" in value else value
        scheme, space, rest = value.partition(" ")
        if _plain(name).endswith("authorization") and space:
            is_of_request = scheme.lower() in _SIGNATURES
            return f"{scheme} {_stand_in(name) if is_of_request else self._replaced(name, rest)}"
        return self._replaced(name, value)

    def _cookies(self, header: str, value: str) -> str:
        parts = value.split(";")
        secret = 1 if header.lower() == "set-cookie" else len(parts)
        return ";".join([*map(self._cookie, parts[:secret]), *parts[secret:]])

    def _cookie(self, part: str) -> str:
        name, equals, value = part.partition("=")
        return f"{name}={self._replaced(name.strip(), value)}" if equals and value else part

    def _parameters(self, pairs: Pairs) -> Pairs:
        return tuple(
            (name, self._replaced(name, value) if self.is_secret(name) else value) for name, value in pairs
        )

    def _body(self, body: Body, headers: Pairs) -> Body:
        match body:
            case JsonBody(value, style):
                redacted = self._json(value)
                return body if redacted is value else JsonBody(redacted, style)
            case TextBody(text) if text.lstrip()[:1] in {"{", "["} and parse_json(text.encode())[0]:
                return TextBody(replace_members(text, self.is_secret, self._replaced))
            case TextBody(text) if is_form(_media_type(headers)):
                return TextBody(_FORM_PAIR.sub(self._form_pair, text))
            case FormBody(fields, spelling):
                redacted_fields = self._parameters(fields)
                return body if redacted_fields == fields else FormBody(redacted_fields, spelling)
            case MultipartBody():
                parts = tuple(map(self._part, body.parts))
                return body if all(map(is_, parts, body.parts)) else replace(body, parts=parts)
            case _:
                return body

    def _part(self, part: Part) -> Part:
        name = name_of(part)
        if name is not None and self.is_secret(name):
            return replace(part, body=self._hidden_body(name, part.body))
        headers, body = self._headers(part.headers), self._body(part.body, part_headers(part))
        same = body is part.body and headers == part.headers
        return part if same else replace(part, headers=headers, body=body)

    def _hidden_body(self, name: str, body: Body) -> Body:
        match body:
            case None:
                return None
            case JsonBody(value, style) if isinstance(value, Mapping | list | tuple):
                return JsonBody(self._hidden(name, value), style)
            case _:
                return TextBody(self._replaced(name, body_to_bytes(body).decode("utf-8", "replace")))

    def _form_pair(self, pair: re.Match[str]) -> str:
        name, value = unquote_plus(pair[1]), unquote_plus(pair[2])
        return f"{pair[1]}={self._replaced(name, value)}" if self.is_secret(name) and value else pair[0]

    def _json(self, value: JsonValue) -> JsonValue:
        # The plain kinds are told apart at once, and what is only like them takes long.
        if value is None or isinstance(value, (str, bool)):
            return value
        if isinstance(value, (int, float)):
            written = str(value)
            redacted = self.text(written)
            return value if redacted == written else redacted
        if isinstance(value, (dict, Mapping)):
            # A number may be a secret that is known by its value.
            is_secret, unchanged = self.is_secret, str if self._pattern else _PLAIN
            members = {
                key: item if isinstance(item, unchanged) and not is_secret(key) else self._member(key, item)
                for key, item in value.items()
            }
            return value if all(map(is_, members.values(), value.values())) else members
        items = [self._json(item) for item in value]
        return value if all(map(is_, items, value)) else items

    def _member(self, name: str, value: JsonValue) -> JsonValue:
        return self._hidden(name, value) if self.is_secret(name) else self._json(value)

    def _hidden(self, name: str, value: JsonValue) -> JsonValue:
        if isinstance(value, Mapping):
            return {key: self._hidden(name, item) for key, item in value.items()}
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [self._hidden(name, item) for item in value]
        if value is None or value == "" or isinstance(value, bool):
            return value
        return self._replaced(name, str(value))


class _Noting(Redactor):
    """
    Replaces by name alone, and tells what it replaced.
    """

    def __init__(self, like: Redactor, note: Callable[[str, str], str]) -> None:
        super().__init__({}, like._extra)  # noqa: SLF001 - a redactor of the same names
        self._note = note

    def look_at(self, message: StoredRequest | StoredResponse) -> None:
        if isinstance(message, StoredRequest):
            _USER_INFO.sub(self._user_info, message.url)
            self._parameters(message.query)
        self._headers(message.headers)
        self._body(message.body, message.headers)

    def _json(self, value: JsonValue) -> JsonValue:
        if isinstance(value, (dict, Mapping)):
            is_secret = self.is_secret
            for key, item in value.items():
                if not isinstance(item, _PLAIN) or is_secret(key):
                    self._member(key, item)
        elif isinstance(value, (list, tuple)):
            for item in value:
                self._json(item)
        return value

    def _replaced(self, name: str, value: str) -> str:
        return self._note(name, value)


def _with_body(message: _Message, body: Body) -> _Message:
    return message if body is message.body else replace(message, body=body)


def _stand_in(name: str, disguise: str = "") -> str:
    safe = re.sub(r"[<>\s]", "-", name)
    return f"<secret:{safe}:{disguise}>" if disguise else f"<secret:{safe}>"


@lru_cache(maxsize=64)
def _names_with(extra: tuple[str, ...]) -> frozenset[str]:
    return _SECRET_NAMES | {_plain(name) for name in extra}


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return re.sub(r"[-_. ]", "", name).lower()


def _media_type(headers: Pairs) -> str:
    found = (value for name, value in headers if name.lower() == "content-type")
    return next(found, "").partition(";")[0].strip().lower()


def _disguises(value: str) -> str:
    """
    A pattern for every encoding in which *value* may appear.
    """
    exact = sorted(map(_loosely, set(_encodings(value))), key=len, reverse=True)
    # Inside a longer base64 text, only the characters that depend on the secret alone can be told; the
    # whole run goes, since the rest of it would give the secret's first and last bytes away. A run is
    # looked through from where it begins only, else a long one would take the square of its length.
    cores = "|".join(sorted(map(_core, set(_cores(value))), key=len, reverse=True))
    inner = [f"(?:(?<!{_RUN}){_RUN}*)?(?:{cores}){_RUN}*(?:=|%3[Dd]){{0,2}}"] if cores else []
    return "|".join([*exact, *inner])


def _core(text: str) -> str:
    """
    A pattern for *text* in base64 with line breaks; of a long one for its beginning, and whatever follows.
    """
    begin = _loosely(text[:_LONG_CORE], f"{_BREAK}*")
    return f"{begin}(?:{_RUN}|{_BREAK})*" if len(text) > _LONG_CORE else begin


def _loosely(text: str, between: str = "") -> str:
    """
    A pattern for *text* in which any sign may be escaped as in URLs, JSON or HTML, also more than once over:
    clients differ in which they escape.
    """
    return between.join(map(_sign, text))


@cache
def _sign(sign: str) -> str:
    if sign.isascii() and sign.isalnum():
        return sign
    units = sign.encode("utf-16-be", "surrogatepass").hex()
    forms = [
        _in_url(sign),
        "".join(f"{_BACKSLASHES}u{units[start : start + 4]}" for start in range(0, len(units), 4)),
        f"{_AMPERSAND}{_either('#')}(?:{ord(sign)}|x0*{ord(sign):x}){_either(';')}",
        *_OTHER_ESCAPES.get(sign, ()),
    ]
    return f"(?:(?i:{'|'.join(forms)})|{re.escape(sign)})"


def _in_url(sign: str) -> str:
    return "".join(f"%(?:25)*{byte:02x}" for byte in sign.encode("utf-8", "surrogatepass"))


def _either(sign: str) -> str:
    return f"(?:{re.escape(sign)}|{_in_url(sign)})"


# One for each text of JSON, or page of HTML, that stands inside another.
_BACKSLASHES = f"{_either(chr(92))}+"
_AMPERSAND = f"{_either('&')}(?:amp{_either(';')})*"
_OTHER_ESCAPES = {
    " ": [_either("+")],
    "/": [f"{_BACKSLASHES}{_either('/')}"],
    "\\": [_BACKSLASHES],
    "\n": [f"{_BACKSLASHES}n"],
    "\r": [f"{_BACKSLASHES}r"],
    "\t": [f"{_BACKSLASHES}t"],
    "&": [f"{_either('&')}(?:amp{_either(';')})+"],
    "<": [f"{_AMPERSAND}lt{_either(';')}"],
    ">": [f"{_AMPERSAND}gt{_either(';')}"],
    '"': [f"{_AMPERSAND}quot{_either(';')}", f"{_BACKSLASHES}{_either(chr(34))}"],
    "'": [f"{_AMPERSAND}apos{_either(';')}", f"{_BACKSLASHES}{_either(chr(39))}"],
}


def _encodings(value: str) -> Iterator[str]:
    raw = value.encode("utf-8", "surrogatepass")
    yield value
    for text in (base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()):
        yield text
        if len(text.rstrip("=")) >= _SHORTEST_DISGUISE:
            yield text.rstrip("=")
    yield raw.hex()
    yield raw.hex().upper()


def _cores(value: str) -> Iterator[str]:
    raw = value.encode("utf-8", "surrogatepass")
    for shift in range(3):
        padded = bytes(shift) + raw
        first = (shift * 8 + 5) // 6
        last = len(padded) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            core = encode(padded).decode()[first:last]
            if len(core) >= _SHORTEST_DISGUISE:
                yield core


def _texts(interaction: Interaction) -> Iterator[tuple[str, str]]:
    for place, text in request_texts(interaction.request):
        yield f"request {place}", text
    for place, text in response_texts(interaction.response):
        yield f"response {place}", text
    for side, body in (("request", interaction.request.body), ("response", interaction.response.body)):
        for place, content in _binaries(body, f"{side} body"):
            for encoding, errors in _READINGS:
                yield place, content.decode(encoding, errors)


def _binaries(body: Body, place: str) -> Iterator[tuple[str, bytes]]:
    """
    What is binary in a body, each with its place.
    """
    if isinstance(body, BinaryBody):
        yield place, body.content
    elif isinstance(body, MultipartBody):
        for number, part in enumerate(body.parts, 1):
            yield from _binaries(part.body, f"{place}, part {number}")
