"""
Secrets: where they are, in which encodings, and what replaces them.

A secret becomes ``<secret:NAME>``, where NAME is the environment variable, header, query parameter or JSON
member that held it. It is found by the name of its place, by a form that only tokens have, and by its value,
in every encoding that :mod:`taketwo.cassette.secrets.readings` undoes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from operator import is_
from typing import TypeVar

from taketwo.cassette.body.codec import without_changed
from taketwo.cassette.body.gist import Gist, gist_of
from taketwo.cassette.body.limits import LARGEST_TEXT
from taketwo.cassette.content import Content, FileContent
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Event,
    EventsBody,
    Interaction,
    JsonBody,
    JsonValue,
    MultipartBody,
    Pairs,
    StoredRequest,
    StoredResponse,
)
from taketwo.cassette.secrets.encodings import INSIDE, encoding_of
from taketwo.cassette.secrets.known import Found, KnownValues, Named
from taketwo.cassette.secrets.large import is_large_text, overlapping_parts, parts_of_text, unpacked_parts
from taketwo.cassette.secrets.names import Kind, plain
from taketwo.cassette.secrets.rules import LISTED, NameRules
from taketwo.cassette.secrets.stand_ins import form_of, form_of_number, free_names, without_form
from taketwo.cassette.secrets.tokens import may_hold_tokens, tokens_in
from taketwo.cassette.secrets.values import is_word
from taketwo.cassette.secrets.walk import Harmless, Hide, NameWalk
from taketwo.cassette.visit import (
    map_body,
    map_request,
    map_response,
    plain_texts,
    request_texts,
    response_texts,
)

_Message = TypeVar("_Message", StoredRequest, StoredResponse)
_Messages = dict[int, StoredRequest | StoredResponse]
"""Messages by their identity."""

_SECRET_VARIABLE = re.compile(
    r"(?:SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|PRIVATE_?KEY|SIGNING_?KEY|CREDENTIALS?)(?:_|$)"
)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_BEGIN = "<secret:"
# What is found in a text is found in one that is joined of several; a space keeps them apart, since what is
# packed may go on in the next line.
_BETWEEN = " \n"
_SHORTEST_VARIABLE = 8  # a shorter value of a variable that nobody listed is as often a flag or a name


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
    beside the usual ones, and *keep* says what is none: names, paths, cookies and patterns of values.
    """

    def __init__(
        self,
        secrets: Mapping[str, str] | Iterable[Named],
        names: Iterable[str] = (),
        keep: Iterable[str] = (),
    ) -> None:
        rules = NameRules.of(names, keep)
        named = secrets.items() if isinstance(secrets, Mapping) else secrets
        values = {value: name for name, value in sorted(named, reverse=True) if value}
        kept = [value for value, name in values.items() if rules.excepts(name, value)]
        for value in kept:
            del values[value]
        self._use(KnownValues(values), rules, {}, frozenset(values))

    def _use(
        self, known: KnownValues, rules: NameRules, numbers: Mapping[str, str], given: frozenset[str]
    ) -> None:
        self._given = given
        self._known = known
        self._rules = rules
        self._added = numbers
        self._nameless: _Messages = {}
        self._without: _Messages | None = None
        self._harmless = Harmless()

    def _with(
        self,
        *,
        known: KnownValues | None = None,
        rules: NameRules | None = None,
        numbers: Mapping[str, str] | None = None,
    ) -> Redactor:
        other = Redactor.__new__(Redactor)
        added = self._added if numbers is None else numbers
        use = other._use  # noqa: SLF001 - one of its own
        use(known or self._known, rules or self._rules, added, self._given)
        if rules is None:
            other._harmless = self._harmless  # noqa: SLF001 - likewise
            if self._without is not None:
                other._remember(self._nameless)  # noqa: SLF001 - likewise
        return other

    def _remember(self, nameless: _Messages) -> None:
        """
        Keep in mind, for one recording, which messages have been looked at, and hold nothing: *nameless* no
        secret by name, others no value that is known.
        """
        self._nameless = nameless
        self._without = {}

    def knowing(self, more: Iterable[Named]) -> Redactor:
        """
        The same, for further secrets; a value that is known already, in whatever encoding, keeps its name.
        """
        added: dict[str, str] = {}
        for name, value in more:
            # One that is known in another encoding is no further secret: its name would depend on whether
            # a request comes before or after the one whose header gives it away.
            if value and value not in self._known and value not in added and not self._is_known(value):
                added[value] = name
        return self._with(known=self._known.with_more(added)) if added else self

    def apart(
        self,
        found: Sequence[Named],
        numbers: Mapping[str, str],
        order: Callable[[str], str] | None = None,
    ) -> list[Named]:
        """
        *found* with another name for each value that a service issued, so that a replay plays as many.

        *numbers* are added to some of them anyway. *order* tells of each value when it was issued, where the
        order of *found* is chance.
        """
        taken = {name for name, _ in self._known}
        names = dict.fromkeys((value for _, value in found), "")
        issued = [(name, value) for name, value in found if ":" in name]
        for name, value in issued:
            if value in numbers:
                names[value] = name
                taken.add(_with_number(name, numbers[value]))
        others = [(name, value) for name, value in issued if value not in numbers]
        ranked = others if order is None else sorted(others, key=lambda one: order(one[1]))
        names |= free_names(ranked, taken)
        return [(names[value] or name, value) for name, value in found]

    def with_stored(self, names: Iterable[str], requests: Iterable[StoredRequest] = ()) -> Redactor:
        """
        The same, for which every text is a secret that is under one of *names*, as a cassette has it, but for
        what its *requests* have there as it is.
        """
        rules = self._rules.with_stored(names)
        found: list[Named] = []

        def note(name: str, value: str) -> str:
            if not value.startswith(_BEGIN):
                found.append((name, value))
            return value

        walk = NameWalk(rules, note)
        for request in requests:
            walk.request(request)
        return self._with(rules=rules.with_plain(found))

    def with_numbers(self, numbers: Mapping[str, str]) -> Redactor:
        """
        The same, which adds *numbers* to the names of secrets, by their values; one may be a name in whole.
        """
        return self._with(numbers=numbers) if numbers else self

    def variable_of(self, value: str) -> str | None:
        """
        The name of the secret that has a *value*, if it is known.
        """
        name = self._known.name_of(value)
        return None if name is None else name.partition(":")[0]

    def hides_header(self, name: str, value: str) -> bool:
        """
        Whether there is a secret in a header, by its name.
        """
        return self._walk.header(name, value) != value

    def _is_known(self, value: str) -> bool:
        found = self._known.find(value)
        return len(found) == 1 and found[0].start == 0 and not value[found[0].stop :].strip("=")

    def text(self, text: str) -> str:
        """
        *text* without the values of secrets, whatever encoding they are in.
        """
        return self._replace(text, self._known.find(text))

    def path(self, text: str) -> str:
        """
        The same of the id of a test or of a path, in which a secret that is a word is nothing but that word.
        """
        return self._replace(text, [one for one in self._known.find(text) if not is_word(one.value)])

    def request(self, request: StoredRequest) -> StoredRequest:
        if is_large_text(request.body):
            rest = self.request(replace(request, body=None))
            return replace(rest, body=self._without_secrets(request.body, request.headers))
        named = request if id(request) in self._nameless else self._walk.request(request)
        if not self._may_be_in(named):
            return (
                request if named is request else _with_body(named, without_changed(request.body, named.body))
            )
        redacted = map_request(replace(named, url="", body=None), self.text)
        redacted = replace(redacted, url=self._url(named.url), body=self._values_in(named.body, self.text))
        return _with_body(redacted, without_changed(request.body, redacted.body))

    def response(self, response: StoredResponse) -> StoredResponse:
        if is_large_text(response.body):
            rest = self.response(replace(response, body=None))
            return replace(rest, body=self._without_secrets(response.body, response.headers))
        named = response if id(response) in self._nameless else self._walk_of_answers.response(response)
        if not self._may_be_in(named):
            return (
                response
                if named is response
                else _with_body(named, without_changed(response.body, named.body))
            )
        redacted = map_response(replace(named, body=None), self._text_of_answer)
        redacted = replace(redacted, body=self._values_in(named.body, self._text_of_answer))
        return _with_body(redacted, without_changed(response.body, redacted.body))

    def found_by_name(self, messages: Iterable[StoredRequest | StoredResponse]) -> list[Named]:
        """
        The secrets whose place or form gives them away, so that their echoes elsewhere are found by value.

        The name of one that a service issued says its form too.
        """
        messages = list(messages)
        return self.having_read(messages, map(gist_of, messages))[1]

    def having_read(
        self, messages: Iterable[StoredRequest | StoredResponse], gists: Iterable[Gist]
    ) -> tuple[Redactor, list[Named]]:
        """
        What :meth:`found_by_name` finds in *messages*, which have those *gists*, and the same redactor, which
        does not look for names again where there were none, only for values.
        """
        found: dict[str, str] = {}
        nameless: _Messages = {}
        of_request, of_answer = (partial(self._noted, found, is_answer=flag) for flag in (False, True))
        walk = self._walk_with(of_request)
        walk_of_answers = self._walk_with(of_answer)
        glance = self._walk_with(_unchanged)  # a walk of its own: it comes to secrets in another order
        for message, gist in zip(messages, gists, strict=True):
            is_answer = isinstance(message, StoredResponse)
            of_its_kind, note = (walk_of_answers, of_answer) if is_answer else (walk, of_request)
            before = of_its_kind.count
            if self._rules.listed_values or not glance.finds_nothing(message, gist):
                of_its_kind.message(message)
                self._note_tokens(plain_texts(message), note)
            if of_its_kind.count == before:
                nameless[id(message)] = message
        other = self._with()
        other._remember(nameless)  # noqa: SLF001 - one of its own
        return other, [(name, value) for value, name in found.items()]

    def sent_in(self, request: StoredRequest) -> dict[str, str]:
        """
        What is secret by its name in *request*, short words too, by the name that is stored for it.
        """
        sent: dict[str, str] = {}

        def note(name: str, value: str) -> str:
            if not value.startswith(_BEGIN):
                sent.setdefault(_safe(self._numbered(name, value)), value)
            return value

        self._walk_with(note).request(request)
        self._note_tokens(plain_texts(request), note)
        return sent

    def leaks(self, interactions: Sequence[Interaction], names: Sequence[str]) -> list[str]:
        """
        The places where a secret is left, by the name of the secret; never its value.

        *names* are what the interactions are called.
        """
        if not self._known:
            return []
        places = (
            (f"{name}, {place}", text, content)
            for name, interaction in zip(names, interactions, strict=True)
            for place, text, content in self._suspicious(interaction)
        )
        return [
            f"{without_form(found[0].name)} in {place}"
            for place, text, content in places
            if (
                found := [
                    one for one in self._known.find(text, content=content) if not self._may_stay(one, place)
                ]
            )
        ]

    def _suspicious(self, interaction: Interaction) -> Iterator[tuple[str, str, bytes | None]]:
        """
        The places of *interaction* in which a secret may be: most have no text that could hold one.
        """
        if self._may_be_in(interaction.request):
            yield "request method", interaction.request.method, None
            yield from (
                (f"request {place}", text, None) for place, text in request_texts(interaction.request)
            )
        if self._may_be_in(interaction.response):
            found = response_texts(interaction.response)
            yield from ((f"response {place}", text, None) for place, text in found)
        yield from _binary_places(interaction, self._known.readable)

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """
        Where secrets begin and end in *text*, each with what is put in its place.
        """
        return [(one.start, one.stop, self._stand_in_of(text, one)) for one in self._known.find(text)]

    def hides(self, text: str, content: bytes) -> bool:
        """
        Whether a secret is in *text*, in whatever encoding, or in *content*, which the text says in base64.
        """
        return self._known.is_in(text) or self._known.is_in(_decoded(content), content=content)

    def blanked(self, content: bytes) -> bytes:
        """
        *content*, as long as it is, with asterisks over each secret in it.
        """
        text = _decoded(content)
        parts, end = [], 0
        for found in self._known.find(text, content=content):
            hidden = len(_encoded(text[found.start : found.stop]))
            parts += [_encoded(text[end : found.start]), b"*" * hidden]
            end = found.stop
        return b"".join([*parts, _encoded(text[end:])]) if parts else content

    def _without_secrets(self, body: Body, headers: Pairs) -> Body:
        """
        *body*, a text in a file, which nothing is filled into, with asterisks over the secrets in it.
        """
        media_type = next((value for name, value in headers if name == "content-type"), "")
        walk = self._walk_with(_asterisks)
        content = body.content if isinstance(body, BinaryBody) else b""
        found = (
            self._blanked_text(walk.text(part, media_type)).encode("utf-8") for part in parts_of_text(content)
        )
        blanked = content.rewritten(found) if isinstance(content, FileContent) else b"".join(found)
        return body if blanked == content else BinaryBody(blanked, is_text=True)

    def _blanked_text(self, text: str) -> str:
        parts, end = [], 0
        for found in self._known.find(text):
            parts += [text[end : found.start], "*" * (found.stop - found.start)]
            end = found.stop
        return "".join([*parts, text[end:]])

    def is_secret(self, name: str) -> bool:
        """
        Whether a *name* says that its value may be a secret.
        """
        return self._rules.kind(name) is not Kind.HARMLESS

    def _walk_with(self, hide: Hide) -> NameWalk:
        return NameWalk(self._rules, hide, is_known=self._known.is_in, harmless=self._harmless)

    @cached_property
    def _walk(self) -> NameWalk:
        return self._walk_with(self._replaced)

    @cached_property
    def _walk_of_answers(self) -> NameWalk:
        return self._walk_with(self._replaced_in_answer)

    @cached_property
    def _has_numbers(self) -> bool:
        return any(_NUMBER.fullmatch(value) for _, value in self._known)

    def _replaced(self, name: str, value: str) -> str:
        return value if value.startswith(_BEGIN) else _stand_in(self._numbered(name, value))

    def _numbered(self, name: str, value: str) -> str:
        return _with_number(name, self._added.get(value, ""))

    def _replaced_in_answer(self, name: str, value: str) -> str:
        """
        What a service issued, or has from the environment, has one name wherever it is: a replay plays one
        value for it.
        """
        known = self._known.name_of(value) or ""
        return self._replaced(known if ":" in known or value in self._given else name, value)

    def _noted(self, found: dict[str, str], name: str, value: str, *, is_answer: bool) -> str:
        if len(value) >= _SHORTEST_VARIABLE and not value.isalpha() and not value.startswith(_BEGIN):
            form = form_of(value) if is_answer and value not in self._known else ""
            found.setdefault(value, f"{_safe(name)}:{form}" if form else _safe(name))
        return value

    def _note_tokens(self, texts: Sequence[str], note: Hide) -> None:
        # Most messages have none, and one look at all of their texts shows it.
        for text in texts if may_hold_tokens("\n".join(texts)) else ():
            for rule, value in tokens_in(text):
                if not self._rules.keeps(value) and plain(rule) not in self._rules.kept:
                    note(rule, value)
        for text in texts if self._rules.listed_values else ():
            for value, _ in self._rules.values_listed_in(text):
                note(LISTED, value)

    def _may_be_in(self, message: StoredRequest | StoredResponse) -> bool:
        """
        Whether a known value may be in a text of *message*, or in a number.
        """
        if not self._known or (self._without and id(message) in self._without):
            return False
        if self._known.is_in(_BETWEEN.join(plain_texts(message, whole=True))):
            return True
        if self._without is not None:
            self._without[id(message)] = message
        return False

    def _text_of_answer(self, text: str) -> str:
        return self._replace(text, self._known.find(text), with_form=True)

    def _replace(self, text: str, found: Sequence[Found], *, with_form: bool = False) -> str:
        if not found:
            return text
        parts, end = [], 0
        for one in found:
            parts += [text[end : one.start], self._stand_in_of(text, one, with_form=with_form)]
            end = one.stop
        return "".join([*parts, text[end:]])

    def _stand_in_of(self, text: str, found: Found, *, with_form: bool = False) -> str:
        name = found.name if with_form else found.name.partition(":")[0]
        numbered = self._numbered(name, found.value)
        redacted = self._text_of_answer if with_form else None
        encoding = encoding_of(text[found.start : found.stop], found.value, redacted=redacted)
        # In a text that is kept, the secret says its form itself.
        return _stand_in(numbered.partition(":")[0] if encoding.startswith(INSIDE) else numbered, encoding)

    def _url(self, url: str) -> str:
        """
        A host is found by its name: a secret that is a word is no part of it.
        """
        host = _HOST.match(url)
        end = host.end() if host else 0
        return self.path(url[:end]) + self.text(url[end:])

    def _values_in(self, body: Body, change: Callable[[str], str]) -> Body:
        if isinstance(body, JsonBody):
            value = self._numbers(body.value) if self._has_numbers else body.value
            return map_body(JsonBody(value, body.style), self.path, values=change)
        if isinstance(body, EventsBody):
            return replace(body, events=tuple(self._values_in_event(event, change) for event in body.events))
        return map_body(body, change)

    def _values_in_event(self, event: Event, change: Callable[[str], str]) -> Event:
        data = self._values_in(event.data, change)
        return Event(
            fields=tuple((name, change(text)) for name, text in event.fields),
            data=data if isinstance(data, JsonBody) else None,
        )

    def _numbers(self, value: JsonValue) -> JsonValue:
        """
        *value* with stand-ins for the numbers that are secrets.
        """
        if isinstance(value, Mapping):
            members = {key: self._numbers(item) for key, item in value.items()}
            return value if all(map(is_, members.values(), value.values())) else members
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._number(value)
        if isinstance(value, str) or not isinstance(value, Sequence):
            return value
        items = [self._numbers(item) for item in value]
        return value if all(map(is_, items, value)) else items

    def _number(self, value: float) -> JsonValue:
        name = self.variable_of(str(value))
        if name is None:
            return value
        digits = str(value)
        return f"<secret:{_safe(name)}:{form_of_number(digits)}>" if digits.isdecimal() else _stand_in(name)

    def _may_stay(self, found: Found, place: str) -> bool:
        """
        Whether a secret that is a word is where it is nothing but that word: a host, a name.
        """
        return (
            is_word(found.value)
            and place.endswith(("request url", "request headers", "request method", "response headers"))
        ) or (is_word(found.value) and " (key " in place)


def _with_body(message: _Message, body: Body) -> _Message:
    return message if body is message.body else replace(message, body=body)


def _stand_in(name: str, encoding: str = "") -> str:
    safe = re.sub(r"[<>\s]", "-", name)
    return f"<secret:{safe}:{encoding}>" if encoding else f"<secret:{safe}>"


def _with_number(name: str, number: str) -> str:
    if not number:
        return name
    own, colon, form = name.partition(":")
    return f"{own}{number}{colon}{form}" if number.startswith("#") else number


def _safe(name: str) -> str:
    return re.sub(r"[<>\s:]", "-", name)


def _unchanged(_: str, value: str) -> str:
    return value


def _asterisks(_: str, value: str) -> str:
    return "*" * len(value)


def _decoded(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _binary_places(
    interaction: Interaction, readable: Callable[[bytes], str]
) -> Iterator[tuple[str, str, bytes | None]]:
    for side, body in (("request", interaction.request.body), ("response", interaction.response.body)):
        if isinstance(body, BinaryBody) and is_large_text(body):
            parts = overlapping_parts(body.content)
            yield from ((f"{side} body", part.decode("utf-8", "replace"), None) for part in parts)
            continue
        for place, content in _binaries(body, f"{side} body"):
            if isinstance(content, bytes) and len(content) <= LARGEST_TEXT:
                yield place, _decoded(content), content
                continue
            # As a text it takes twice its size, or four times.
            yield from ((place, readable(part), None) for part in overlapping_parts(content))
            yield from ((place, readable(part), part) for part in unpacked_parts(content))


def _binaries(body: Body, place: str) -> Iterator[tuple[str, Content]]:
    """
    What is binary in a body, each with its place.
    """
    if isinstance(body, BinaryBody):
        yield place, body.content
    elif isinstance(body, MultipartBody):
        for number, part in enumerate(body.parts, 1):
            yield from _binaries(part.body, f"{place}, part {number}")
