"""
The text of a cassette, written line by line.

What it looks like is told by :func:`taketwo.cassette.text.messages.request_lines` and its like. Here the same
is written without making mappings of everything first: who records a suite writes thousands of interactions.
"""

from __future__ import annotations

from collections.abc import Mapping

from taketwo.cassette.body.attachments import sha256_of
from taketwo.cassette.model import (
    Cassette,
    Ending,
    Interaction,
    JsonBody,
    JsonStyle,
    JsonValue,
    Pairs,
    StoredRequest,
    StoredResponse,
)
from taketwo.cassette.text.bodies import body_lines, pair_lines
from taketwo.cassette.text.format import version_of
from taketwo.cassette.text.messages import request_lines, response_lines
from taketwo.cassette.text.websocket import conversation_lines
from taketwo.cassette.text.yaml_writer import Lines

# Longer lists of headers seldom come twice.
_MOST_KNOWN = 20

_LONGEST = 100  # of names that surely fit on one line, however they are written


def dump_cassette(cassette: Cassette) -> str:
    """
    The text of *cassette*: a head, then every interaction in the order in which it was issued.

    Large binary bodies are not in it: they are the files of :func:`attachments`.
    """
    lines = Lines()
    lines.mapping({"taketwo": version_of(cassette)}, "", "")
    if not cassette.parts:
        _add_part(lines, cassette, "", "")
    else:
        lines.add("parts:")
    for part in cassette.parts:
        _add_part(lines, part, "- ", "  ")
    return lines.text()


def _add_part(lines: Lines, cassette: Cassette, head: str, pad: str) -> None:
    holds: dict[str, JsonValue] = {"interactions": len(cassette.interactions)}
    if cassette.conversations:
        holds["conversations"] = len(cassette.conversations)
    told: dict[str, JsonValue] = {
        "test": cassette.test,
        "services": dict(sorted(cassette.services.items())),
        "seed": cassette.seed,
        "time": cassette.time,
        **({"counters": cassette.counters} if cassette.counters else {}),
        **({"ended": _dump_ending(cassette.ended)} if cassette.ended else {}),
        "holds": holds,
    }
    lines.mapping(told, head, pad)
    lines.add(f"{pad}interactions:" if cassette.interactions else f"{pad}interactions: []")
    writer = _Interactions(lines, pad)
    for interaction in cassette.interactions:
        writer.add(interaction)
    if cassette.conversations:
        lines.mapping({"conversations": list(map(conversation_lines, cassette.conversations))}, pad, pad)
    if cassette.files:
        lines.mapping({"files": _dump_files(cassette.files)}, pad, pad)


def _dump_ending(ending: Ending) -> JsonValue:
    raised: dict[str, JsonValue] = {"raised": ending.raised} if ending.raised else {}
    return {"outcome": ending.outcome.value, **raised}


def _dump_files(files: Mapping[str, bytes]) -> list[JsonValue]:
    return [
        {"name": name, "size": len(content), "sha256": sha256_of(content)}
        for name, content in sorted(files.items())
    ]


class _Interactions:
    """
    Adds interactions to *lines*, as items of the list at *pad*.
    """

    def __init__(self, lines: Lines, pad: str) -> None:
        self._lines = lines
        self._pad = pad
        self._inner = f"{pad}    "
        self._known: dict[Pairs, str] = {}
        self._starts: dict[str, str] = {}
        self._answers: dict[tuple[int, Pairs], str] = {}

    def add(self, interaction: Interaction) -> None:
        lines, pad, request = self._lines, self._pad, interaction.request
        if "\n" in request.method or "\n" in request.url:
            lines.mapping({"request": request_lines(request)}, f"{pad}- ", f"{pad}  ")
        else:
            start = self._starts.get(request.method) or self._start(request.method)
            query = self._pairs("query", request.query) if request.query else ""
            lines.add(f"{start}{lines.scalars[request.url]}{query}{self._headers(request.headers)}")
            if request.body is not None:
                self._add_body(request)
        self._add_response(interaction.response)

    def _add_response(self, response: StoredResponse) -> None:
        if response.reason or response.chunks or response.ended:
            self._lines.mapping({"response": response_lines(response)}, f"{self._pad}  ", f"{self._pad}  ")
            return
        kind = (response.status, response.headers)
        self._lines.add(self._answers.get(kind) or self._answer(*kind))
        if response.body is not None:
            self._add_body(response)

    def _start(self, method: str) -> str:
        """
        The lines of a request up to its address: few differ.
        """
        method_line = f"{self._inner}method: {self._lines.scalars[method]}"
        self._starts[method] = start = f"{self._pad}- request:\n{method_line}\n{self._inner}url: "
        return start

    def _answer(self, status: int, headers: Pairs) -> str:
        """
        The lines of an answer up to its body, likewise.
        """
        told = f"{self._pad}  response:\n{self._inner}status: {status}{self._headers(headers)}"
        if len(headers) <= _MOST_KNOWN:
            self._answers[status, headers] = told
        return told

    def _add_body(self, message: StoredRequest | StoredResponse) -> None:
        body = message.body
        if isinstance(body, JsonBody) and body.style is JsonStyle.COMPACT:
            self._lines.member("json", body.value, self._inner)
        elif body is not None:
            self._lines.mapping(body_lines(body, message.headers), self._inner, self._inner)

    def _headers(self, headers: Pairs) -> str:
        """
        The same lines stand in nearly every message.
        """
        known = self._known.get(headers)
        if known is None:
            known = self._pairs("headers", headers) if headers else ""
            if len(headers) <= _MOST_KNOWN:
                self._known[headers] = known
        return known

    def _pairs(self, name: str, pairs: Pairs) -> str:
        """
        The lines of query or headers, with a line break before each.
        """
        scalars, start, items = self._lines.scalars, f"\n{self._inner}  ", []
        for key, value in pairs:
            if "\n" in value or len(key) > _LONGEST:
                return self._any_pairs(name, pairs)
            items.append(f"{start}{scalars[key]}: {scalars[value]}")
        if len(pairs) > 1 and len(dict(pairs)) < len(pairs):
            return self._any_pairs(name, pairs)
        return f"\n{self._inner}{name}:{''.join(items)}"

    def _any_pairs(self, name: str, pairs: Pairs) -> str:
        lines = Lines(self._lines.scalars)
        lines.mapping(pair_lines(name, pairs), self._inner, self._inner)
        return f"\n{lines.text()[:-1]}"
