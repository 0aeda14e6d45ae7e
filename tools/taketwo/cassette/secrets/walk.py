"""
Every place of a message that has a name, and what its values are: the one walk that finds secrets by name.

A body is what it really is: JSON, a form, parts, lines of JSON, server-sent events, XML, HTML, a GraphQL
query with its arguments, YAML, a dotenv file, and each of them inside a text of another.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from operator import is_
from urllib.parse import unquote, unquote_plus

from taketwo.cassette.body.codec import body_to_bytes, is_form
from taketwo.cassette.body.gist import Gist
from taketwo.cassette.body.json_text import replace_values
from taketwo.cassette.content import FileContent
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Event,
    EventsBody,
    FormBody,
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
from taketwo.cassette.secrets.encodings import BEGINS_OF_PACKED, documents_in, inside, write_as
from taketwo.cassette.secrets.large import is_large_text, parts_of_text, unpacked_parts
from taketwo.cassette.secrets.names import Kind
from taketwo.cassette.secrets.readings import unpacked
from taketwo.cassette.secrets.rules import IsKnown, NameRules, knows_nothing
from taketwo.cassette.secrets.signed import secret_members, secret_names, signed_queries
from taketwo.cassette.secrets.tokens import may_hold_tokens
from taketwo.cassette.secrets.values import looks_like_credential, looks_random

Hide = Callable[[str, str], str]
"""What is put in the place of a secret, by the name of its place and its value."""

_COOKIES = frozenset({"cookie", "set-cookie"})
_PROTOCOLS = "sec-websocket-protocol"
_FORM_PAIR = re.compile(r"(?:^|(?<=&))([^=&\s]+)=([^&\s]*)")
_URL_PAIR = re.compile(r"(?<=[?&#;])([^=&#;\s<>\"']+)=([^&#\s\"'<>\\]*)")
_USER_INFO = re.compile(r"(?<=://)([^/@:?#\s\"'<>]*)(?::([^/@\s\"'<>]+))?(?=@)")
_LINE = re.compile(r"(?m)^(?:data: ?)?([{\[].*[}\]])\r?$")
_ELEMENT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)(?:\s[^<>]*)?>([^<>\s][^<>]*)(?=</)")
_TAG = re.compile(r"<(?:input|meta|param|option|button|property|entry|add)\b[^<>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w.:-]+)\s*=\s*(["'])(.*?)\2""", re.DOTALL)
_ASSIGNMENT = re.compile(
    r"""(?<![\w$<])(["']?)([A-Za-z_][\w.-]{1,60})\1\s*(?::=|=>|[:=])\s*(["'])((?:(?!\3)[^\n<>\\]){3,2000})\3"""
)
_UNQUOTED = re.compile(
    r"(?m)^[ \t]*(?:-[ \t]+)?(?:export[ \t]+)?([A-Za-z_][\w.-]{1,60})[ \t]*[:=][ \t]*"
    r"([^\s#'\"{}\[\],&*|>][^\s]*)[ \t\r]*$"
)
# What is in each text that may be a document, an address or an assignment with a secret in it; several texts
# are looked at in lines. An address by itself is none: its scheme is the name of no secret.
_WEB = ("http", "https")
_MAY_NAME = re.compile(
    r"(?m)[={\[<]|:\s*[\"']|://[^/\n]*@|^(?:[eWP%][A-Za-z0-9+/_%-]{11}|%(?:7[Bb]|5[Bb]|3[Cc]))"
    r"|^(?!https?:)[ \t]*(?:-[ \t]+)?(?:export[ \t]+)?[A-Za-z_][\w.-]{1,60}[ \t]*:[ \t]*[^\s]+[ \t\r]*$"
).search
# "Server=db;User Id=ada;Password=…" and "host=db user=ada password=…".
_CONNECTION = re.compile(
    r"(?i)(?:^|[;\s])(?:server|host|hostaddr|hostname|data ?source|addr(?:ess)?|driver|endpoint|"
    r"account ?(?:name|endpoint)|uid|user(?: ?(?:id|name))?|login|dbname|database(?: ?name)?|"
    r"initial catalog)[ \t]*="
)
_SETTING = re.compile(
    r"""(?:^|(?<=;))([ \t]*([A-Za-z][\w .-]{0,60}?)[ \t]*=[ \t]*)([^;\s<>"'](?:(?!&[\w.-]+=)[^;<>"'\n])*)"""
)
_SPACED = re.compile(r"""((?:^|(?<=\s))([A-Za-z_][\w.-]{0,60})=)([^;\s<>"'&][^\s<>"']*)""")
_NAMES = ("name", "key", "field", "header", "property", "Name", "Key")
_VALUES = ("value", "content", "Value")
_IS_NAME, _IS_VALUE = frozenset(_NAMES), frozenset(_VALUES)
_OF_A_MODEL = frozenset({"logprob", "top_logprobs"})
_THOUGHTS = ("thinking", "reasoning", "signature_delta")
_OF_THOUGHTS = re.compile(r"(?i)(?:reasoning|thinking|thought)[^.]*(?:\.extras)?$")
# Schemes that sign one request: nobody can use such a signature again.
SIGNATURES = frozenset({"aws4-hmac-sha256", "aws4-ecdsa-p256-sha256", "digest", "hawk", "oauth", "signature"})
_STAND_IN = re.compile(r"<secret:([^<>\s:]+)")
_SHORTEST = 6  # what is shorter holds nothing with a name
_MOST_KEPT = 4096  # sets of names, of which a large document may have another one for each object, and texts
_MOST_SIGNS = 4 * 1024 * 1024  # of these texts


class Harmless(dict["str | tuple[str, ...] | Pairs", bool]):
    """
    Of texts, sets of names, and headers, whether none of them shows a secret; no more are kept than help.
    """

    def __init__(self) -> None:
        super().__init__()
        self._signs = 0

    def note(self, key: str | tuple[str, ...] | Pairs, *, is_harmless: bool) -> bool:
        if len(self) >= _MOST_KEPT or self._signs > _MOST_SIGNS:
            self.clear()
            self._signs = 0
        self._signs += len(key)
        self[key] = is_harmless
        return is_harmless


class NameWalk:
    """
    Calls *hide* for each secret that *rules* know by its name, and puts what it gives in the place.

    *is_known* tells whether a text holds the value of a known secret, which is found by that. *harmless* is
    what walks by the same rules have found out about texts, names and headers.
    """

    def __init__(
        self,
        rules: NameRules,
        hide: Hide,
        *,
        is_known: IsKnown = knows_nothing,
        harmless: Harmless | None = None,
    ) -> None:
        self._rules = rules
        self._replace = hide
        self._is_known = is_known
        self._harmless = Harmless() if harmless is None else harmless
        self.count = 0
        """How many secrets were found so far."""

    def finds_nothing(self, message: StoredRequest | StoredResponse, gist: Gist) -> bool:
        """
        Whether *message*, which has that *gist*, has no secret by a name or by the form of a token: then none
        of its values has to be looked at. It may be found to have one that it has not.
        """
        if not gist.whole or not self._are_harmless(gist.names) or not self._hold_nothing(message.headers):
            return False
        known = self._harmless
        new = [text for text in gist.texts if text not in known]
        if may_hold_tokens("\n".join([gist.head, *new])):
            return False
        before = self.count
        if isinstance(message, StoredRequest):
            self._url(message.url)
        if new and (_MAY_NAME("\n".join(new)) or not self._are_harmless(_WEB)):
            for text in new:
                self._string(text)
        if self.count != before:
            return False
        for text in new:
            known.note(text, is_harmless=True)
        return True

    def message(self, message: StoredRequest | StoredResponse) -> StoredRequest | StoredResponse:
        return self.request(message) if isinstance(message, StoredRequest) else self.response(message)

    def request(self, request: StoredRequest) -> StoredRequest:
        url, query = self._url(request.url), self._pairs(request.query)
        headers, body = self.headers(request.headers), self.body(request.body, request.headers)
        if (url, query, headers) == (request.url, request.query, request.headers) and body is request.body:
            return request
        return replace(request, url=url, query=query, headers=headers, body=body)

    def response(self, response: StoredResponse) -> StoredResponse:
        headers, body = self.headers(response.headers), self.body(response.body, response.headers)
        if headers == response.headers and body is response.body:
            return response
        return replace(response, headers=headers, body=body)

    def headers(self, headers: Pairs) -> Pairs:
        return tuple((name, self.header(name, value)) for name, value in headers)

    def header(self, name: str, value: str) -> str:
        low = name.lower()
        if low in _COOKIES and "=" in value:
            return self._cookies(low, value)
        if low == _PROTOCOLS:
            return ",".join(map(self._protocol, value.split(",")))
        kind = self._rules.kind(name)
        if kind is Kind.HARMLESS:
            return self._string(value) if "=" in value or "://" in value else self._packed(value)
        scheme, space, rest = value.partition(" ")
        if space and low.endswith("authorization"):
            return f"{scheme} {self._credentials(name, scheme, rest)}"
        return self._hide(name, value) if self._hides(name, value) else self._string(value)

    def body(self, body: Body, headers: Pairs) -> Body:  # noqa: PLR0911 - one for each kind
        match body:
            case JsonBody(value, style):
                named = self._json(value, "")
                return body if named is value else JsonBody(named, style)
            case TextBody(text):
                named_text = self._text(text, _media_type(headers))
                return body if named_text == text else TextBody(named_text)
            case FormBody(fields, spelling):
                named_fields = self._pairs(fields)
                return body if named_fields == fields else FormBody(named_fields, spelling)
            case EventsBody():
                return replace(body, events=tuple(map(self._event, body.events)))
            case MultipartBody():
                signed = secret_members(filter(None, map(name_of, body.parts)))
                parts = tuple(self._part(part, signed) for part in body.parts)
                return body if all(map(is_, parts, body.parts)) else replace(body, parts=parts)
            case BinaryBody():
                self._look_into(body, headers)
                return body
            case _:
                return body

    def _hide(self, name: str, value: str, path: str = "") -> str:
        """
        What is put in the place of a secret: the value itself where the project keeps it.
        """
        if self._rules.excepts(name, value, path):
            return value
        self.count += 1
        return self._replace(name, value)

    def text(self, text: str, media_type: str) -> str:
        """
        A part of a text that is too large to be read as a whole.
        """
        return self._text(text, media_type)

    def _hides(self, name: str, value: str, path: str = "") -> bool:
        return self._rules.hides(name, value, path, is_known=self._is_known)

    def _event(self, event: Event) -> Event:
        data = self.body(event.data, ())
        return Event(
            fields=tuple((name, self._text(text, "")) for name, text in event.fields),
            data=data if isinstance(data, JsonBody) else None,
        )

    def _look_into(self, body: BinaryBody, headers: Pairs) -> None:
        """
        Have the secrets known that are in a large text, or in a compressed body, which is refused for them.
        """
        if is_large_text(body):
            for part in parts_of_text(body.content):
                self._text(part, _media_type(headers))
            return
        if isinstance(body.content, FileContent):
            for inside in unpacked_parts(body.content):
                self._text(inside.decode("utf-8", "replace"), _media_type(headers))
            return
        for inner in unpacked(body.content):
            with suppress(UnicodeDecodeError):
                self._text(inner.decode(), _media_type(headers))

    def _credentials(self, name: str, scheme: str, value: str) -> str:
        if scheme.lower() == "basic" and not value.startswith("<"):
            with suppress(binascii.Error, UnicodeDecodeError):
                user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
                if colon and password and '"' not in user:  # JSON holds colons too
                    self._hide("password", password)
                elif colon and looks_like_credential(user):
                    self._hide("user", user)
        return self._hide(name, value)

    def _protocol(self, value: str) -> str:
        plain = value.strip()
        tail = plain.rpartition(".")[2] if plain.count(".") > 2 and not plain.startswith("ey") else plain  # noqa: PLR2004
        if looks_random(tail) and not self._rules.keeps(tail):
            return value.replace(tail, self._hide(_PROTOCOLS, tail))
        return value

    def _cookies(self, header: str, value: str) -> str:
        parts = value.split(";")
        count = 1 if header == "set-cookie" else len(parts)
        return ";".join([*map(self._cookie, parts[:count]), *parts[count:]])

    def _cookie(self, part: str) -> str:
        name, equals, value = part.partition("=")
        plain = value.strip('"')
        if not equals or not self._rules.hides_cookie(name.strip(), unquote(plain), is_known=self._is_known):
            return part
        return f"{name}={value.replace(plain, self._hide(name.strip(), plain))}"

    def _pairs(self, pairs: Pairs) -> Pairs:
        signed = secret_names(name for name, _ in pairs)
        return tuple((name, self._signed(name, value, signed)) for name, value in pairs)

    def _signed(self, name: str, value: str, signed: Container[str]) -> str:
        """
        A value beside others of a request; *signed* are names that are those of secrets there.
        """
        return self._hide(name, value) if name.lower() in signed and value else self._named(name, value)

    def _named(self, name: str, value: str, path: str = "") -> str:
        if "=" in value and name.lower() in _COOKIES and not self._rules.excepts(name, value, path):
            return self._cookies(name.lower(), value)
        return self._hide(name, value, path) if self._hides(name, value, path) else self._string(value)

    def _part(self, part: Part, signed: Container[str]) -> Part:
        name = name_of(part)
        text = (
            ""
            if isinstance(part.body, BinaryBody | None)
            else body_to_bytes(part.body).decode("utf-8", "replace")
        )
        if name is not None and text and (name.lower() in signed or self._hides(name, text)):
            return replace(part, body=TextBody(self._hide(name, text)))
        headers, body = self.headers(part.headers), self.body(part.body, part_headers(part))
        same = body is part.body and headers == part.headers
        return part if same else replace(part, headers=headers, body=body)

    def _json(self, value: JsonValue, path: str) -> JsonValue:
        # The plain kinds are distinguished quickly, and what is only like them takes long.
        if isinstance(value, str):
            return self._string(value)
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, (dict, Mapping)):
            members = self._harmless_members if self._are_harmless(tuple(value)) else self._members
            changed = members(value, path)
            return value if all(map(is_, changed.values(), value.values())) else changed
        items = [self._json(item, path) for item in value]
        return value if all(map(is_, items, value)) else items

    def _are_harmless(self, names: tuple[str, ...]) -> bool:
        """
        Whether no member of an object is a secret by its name.

        Most objects of a recording have one of a few sets of names: to look these up takes a third of the
        time that it takes to judge each name again.
        """
        known = self._harmless.get(names)
        return self._harmless.note(names, is_harmless=self._judge(names)) if known is None else known

    def _hold_nothing(self, headers: Pairs) -> bool:
        """
        Whether no secret is in *headers*; many messages have the same ones.
        """
        known = self._harmless.get(headers)
        if known is None:
            before = self.count
            self.headers(headers)
            values = "\n".join([value for _, value in headers])
            is_harmless = self.count == before and not may_hold_tokens(values)
            known = self._harmless.note(headers, is_harmless=is_harmless)
        return known

    def _judge(self, names: tuple[str, ...]) -> bool:
        is_paired = not _IS_VALUE.isdisjoint(names) and not _IS_NAME.isdisjoint(names)
        if is_paired or secret_names(names) or may_hold_tokens("\n".join(names)):
            return False
        if any(path.endswith(f".{name}") for path in self._rules.listed_paths for name in names):
            return False
        return all(self._rules.kind(name) is Kind.HARMLESS for name in names)

    def _harmless_members(self, value: Mapping[str, JsonValue], path: str) -> dict[str, JsonValue]:
        # The commonest come without a call.
        return {
            key: item
            if item is None or isinstance(item, (bool, int, float))
            else self._string(item)
            if isinstance(item, str)
            else self._json(item, f"{path}.{key}")
            for key, item in value.items()
        }

    def _members(self, value: Mapping[str, JsonValue], path: str) -> dict[str, JsonValue]:
        kind, lists = self._rules.kind, self._rules.lists
        of_a_model, signed = _of_a_model(value, path), secret_members(value)
        members = {
            key: self._json(item, f"{path}.{key}")
            if (kind(key) is Kind.HARMLESS and not lists(f"{path}.{key}")) or key == of_a_model
            else self._member(key, item, f"{path}.{key}")
            for key, item in value.items()
        }
        for key in value:
            if key.lower() in signed and isinstance(plain := value[key], str) and plain:
                members[key] = self._hide(key, plain, f"{path}.{key}")
        return self._paired(members, path)

    def _paired(self, members: dict[str, JsonValue], path: str) -> dict[str, JsonValue]:
        """
        *members* of an object that itself says the name of its value: ``{"name": "password", "value": …}``.
        """
        for value_key in _VALUES:
            value = members.get(value_key)
            name = next((name for key in _NAMES if isinstance(name := members.get(key), str)), None)
            if isinstance(value, str) and name is not None and self._hides(name, value, path):
                return {**members, value_key: self._hide(name, value)}
        return members

    def _member(self, name: str, value: JsonValue, path: str) -> JsonValue:
        if isinstance(value, str):
            return self._named(name, value, path)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (int, float)):
            is_listed = self._rules.kind(name) is Kind.LISTED or self._rules.lists(path)
            is_secret = is_listed and not self._rules.keeps(str(value), path)
            return self._hide(name, str(value)) if is_secret else value
        if isinstance(value, Mapping):
            members = {key: self._below(name, key, item, f"{path}.{key}") for key, item in value.items()}
            return value if all(map(is_, members.values(), value.values())) else members
        items = [self._member(name, item, path) for item in value]
        return value if all(map(is_, items, value)) else items

    def _below(self, name: str, key: str, value: JsonValue, path: str) -> JsonValue:
        """
        A member of an object that is itself under the name of a secret.
        """
        kind = self._rules.kind(name)
        if self._rules.kind(key) is not Kind.HARMLESS and kind is not Kind.LISTED:
            return self._member(key, value, path)
        if isinstance(value, str) and kind is not Kind.LISTED:
            if looks_random(value) and not self._rules.keeps(value, path):
                return self._hide(name, value)
            return self._string(value)
        return self._member(name, value, path)

    def _string(self, text: str) -> str:
        """
        A text that may be a document, an address or a line of assignments by itself.
        """
        if len(text) < _SHORTEST:
            return text
        return self._text(text, "") if _holds_names(text) else self._packed(text)

    def _packed(self, text: str) -> str:
        """
        A document of JSON or XML in base64, or escaped.
        """
        for coding, document in documents_in(text) if text[:1] in BEGINS_OF_PACKED else ():
            named = self._text(document, "")
            first = _STAND_IN.search(named)
            if named != document:
                return f"<secret:{first[1]}:{inside(coding, named)}>" if first else write_as(coding, named)
        return text

    def _text(self, text: str, media_type: str) -> str:
        packed = self._packed(text)
        if packed is not text:
            return packed
        begin = text.lstrip()[:1]
        if begin and begin in "{[" and _parsed(text)[0]:
            return self._json_text(text)
        if is_form(media_type):
            return _FORM_PAIR.sub(self._form_pair, text)
        if "{" in text or "[" in text:
            text = _LINE.sub(self._json_line, text)
        text = self._url(self._connection(text))
        if "<" in text:
            text = _TAG.sub(self._tag, _ELEMENT.sub(self._element, text))
        if "=" in text or ":" in text:
            if '"' in text or "'" in text:
                text = _ASSIGNMENT.sub(self._assigned, text)
            text = _UNQUOTED.sub(self._unquoted, text)
        return text

    def _json_text(self, text: str) -> str:
        """
        JSON that is kept as text: the same values of it are secrets as of JSON that is kept as structure.
        """
        parsed = _parsed(text)[1]
        with suppress(RecursionError, _AnotherValue):
            return _with_values(text, parsed, self._json(parsed, ""))
        return replace_values(text, self._wants, self._value_in_text)

    def _wants(self, name: str) -> bool:
        return self._rules.kind(name) is not Kind.HARMLESS

    def _value_in_text(self, name: str | None, value: str, is_text: bool) -> str:  # noqa: FBT001 - a callback
        if name is None or not is_text:
            is_listed = name is not None and self._rules.kind(name) is Kind.LISTED
            return self._hide(str(name), value) if is_listed else self._string(value) if is_text else value
        return self._named(name, value)

    def _json_line(self, found: re.Match[str]) -> str:
        if not _parsed(found[1])[0]:
            return found[0]
        return found[0].replace(found[1], self._json_text(found[1]))

    def _connection(self, text: str) -> str:
        """
        The settings of a connection, of which the password ends before the next.
        """
        if "=" not in text or not _CONNECTION.search(text):
            return text
        return (_SETTING if ";" in text else _SPACED).sub(self._setting, text)

    def _setting(self, found: re.Match[str]) -> str:
        name, value = found[2], found[3].rstrip()
        if self._rules.kind(name) is not Kind.SECRET or not self._hides(name, value):
            return found[0]
        return f"{found[1]}{self._hide(name, value)}{found[3][len(value) :]}"

    def _url(self, text: str) -> str:
        if "@" in text and "://" in text:
            text = _USER_INFO.sub(self._user_info, text)
        if "=" not in text:
            return text
        parts, end = [], 0
        for start, stop, signed in signed_queries(text):
            query = _URL_PAIR.sub(partial(self._signed_pair, signed), text[start:stop])
            parts += [text[end:start], query]
            end = stop
        return _URL_PAIR.sub(self._url_pair, "".join([*parts, text[end:]]))

    def _signed_pair(self, signed: Container[str], pair: re.Match[str]) -> str:
        name, value = unquote_plus(pair[1].removeprefix("amp;")), unquote_plus(pair[2])
        is_secret = name.lower() in signed and bool(value)
        return f"{pair[1]}={self._hide(name, value)}" if is_secret else pair[0]

    def _user_info(self, found: re.Match[str]) -> str:
        user, password = found[1], found[2]
        if password:
            shown = password if self._is_hidden(password) else self._hide("password", unquote(password))
            return f"{user}:{shown}"
        if looks_like_credential(unquote(user)) and not self._rules.keeps(unquote(user)):
            return self._hide("user", unquote(user))
        return found[0]

    def _url_pair(self, pair: re.Match[str]) -> str:
        return self._pair(pair, pair[1].removeprefix("amp;"))

    def _form_pair(self, pair: re.Match[str]) -> str:
        return self._pair(pair, pair[1])

    def _pair(self, pair: re.Match[str], name: str) -> str:
        name, value = unquote_plus(name), unquote_plus(pair[2])
        return f"{pair[1]}={self._hide(name, value)}" if self._hides(name, value) else pair[0]

    def _element(self, found: re.Match[str]) -> str:
        value = html.unescape(found[2])
        if not self._hides(found[1], value):
            return found[0]
        return f"{found[0][: -len(found[2])]}{self._hide(found[1], value)}"

    def _tag(self, found: re.Match[str]) -> str:
        """
        An element that says a name and its value: ``<input name="csrf_token" value="…">``.
        """
        attributes = {name.lower(): (value, start) for name, value, start in _attributes(found[0])}
        name = next((attributes[key][0] for key in ("name", "key", "id") if key in attributes), "")
        for key in ("value", "content"):
            if name and key in attributes:
                value, start = attributes[key]
                plain = html.unescape(value)
                if self._hides(name, plain):
                    tag = found[0]
                    return f"{tag[:start]}{self._hide(name, plain)}{tag[start + len(value) :]}"
        return found[0]

    def _assigned(self, found: re.Match[str]) -> str:
        if not self._hides(found[2], found[4]):
            return found[0]
        return f"{found[0][: -len(found[4]) - 1]}{self._hide(found[2], found[4])}{found[3]}"

    def _unquoted(self, found: re.Match[str]) -> str:
        name, value = found[1], found[2]
        if self._is_hidden(value) or not self._hides(name, value):
            return found[0]
        start = found.start(2) - found.start()
        return f"{found[0][:start]}{self._hide(name, value)}{found[0][start + len(value) :]}"

    def _is_hidden(self, value: str) -> bool:
        return value.startswith("<secret:")


def _of_a_model(value: Mapping[str, JsonValue], path: str) -> str:
    """
    The member of an object of a language model that is no secret, whatever it looks like: a token that it
    wrote, or the signature of its thoughts, which it wants back unchanged.
    """
    if not _OF_A_MODEL.isdisjoint(value):
        return "token"
    if "signature" not in value:
        return ""
    kind = value.get("type")
    is_thought = "thinking" in value or (isinstance(kind, str) and kind.startswith(_THOUGHTS))
    return "signature" if is_thought or _OF_THOUGHTS.search(path) else ""


def _parsed(text: str) -> tuple[bool, JsonValue]:
    """
    Whether *text* is JSON, and its value; of bytes, JSON reads UTF-16 too, which a text is not.
    """
    try:
        return True, json.loads(text)
    except (ValueError, RecursionError):
        return False, None


class _AnotherValue(Exception):  # noqa: N818 - no error
    """
    A text has values that its JSON has not: of a name that is there twice only the last counts.
    """


def _with_values(text: str, old: JsonValue, new: JsonValue) -> str:
    """
    *text*, which says *old* in JSON, with the values of *new* in the places of those that differ.
    """
    values = zip(_leaves(old), _leaves(new), strict=True)

    def replaced(_: str | None, value: str, is_text: bool) -> str:  # noqa: FBT001 - a callback
        before, after = next(values, (None, None))
        if before is None or is_text is not isinstance(before, str) or (is_text and before != value):
            raise _AnotherValue
        return str(after) if before is not after else value

    found = replace_values(text, lambda _: False, replaced)
    if next(values, None) is not None:
        raise _AnotherValue
    return found


def _leaves(value: JsonValue) -> Iterator[str | float]:
    left = [value]
    while left:
        last = left.pop()
        if isinstance(last, Mapping):
            left += reversed([*last.values()])
        elif isinstance(last, str | int | float):
            if last != "" and not isinstance(last, bool):
                yield last
        elif last is not None:
            left += reversed(last)


def _attributes(tag: str) -> Sequence[tuple[str, str, int]]:
    return [(found[1], found[3], found.start(3)) for found in _ATTRIBUTE.finditer(tag)]


def _holds_names(text: str) -> bool:
    return "=" in text or ":" in text or "</" in text


def _media_type(headers: Pairs) -> str:
    found = (value for name, value in headers if name.lower() == "content-type")
    return next(found, "").partition(";")[0].strip().lower()
