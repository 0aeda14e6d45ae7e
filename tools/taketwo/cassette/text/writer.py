"""
The text of a cassette, written line by line.

Messages are written as :func:`taketwo.cassette.text.messages.request_lines` and its like show them.
"""

from __future__ import annotations

from collections.abc import Mapping

from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.body.limits import MAX_BYTES, ROOM
from taketwo.cassette.content import Content, sha256_of
from taketwo.cassette.model import (
    Body,
    Cassette,
    Ending,
    Interaction,
    JsonBody,
    JsonStyle,
    JsonValue,
    Pairs,
)
from taketwo.cassette.text.bodies import body_lines, pair_lines
from taketwo.cassette.text.body_files import NO_FILES, BodyFiles, largest_bodies
from taketwo.cassette.text.format import version_of
from taketwo.cassette.text.messages import response_end, response_start
from taketwo.cassette.text.websocket import conversation_lines
from taketwo.cassette.text.yaml_writer import Lines
from taketwo.errors import RecordingRefused

# Longer lists of headers seldom come twice.
_MOST_KNOWN = 20


def write_cassette(cassette: Cassette) -> tuple[str, dict[str, Content]]:
    """
    The text of *cassette*, and by their names the files that it refers to: large binary bodies, and the
    largest others where the text could not be read again with them.

    :raises RecordingRefused: when it is too large all the same.
    """
    text, files = dump_cassette(cassette), attachments(cassette)
    excess = _size(text) - ROOM
    if excess <= 0:
        return text, files
    kept = largest_bodies(cassette, excess)
    text = _dump(cassette, kept)
    if _size(text) > MAX_BYTES:
        raise RecordingRefused(
            f"the recording of {cassette.test} takes {_size(text) >> 20} MiB of text, and a cassette may "
            f"have {MAX_BYTES >> 20} MiB\nmake several tests of it, or leave out what it need not send"
        )
    return text, {**files, **{one.name: one.content for one in kept.values()}}


def dump_cassette(cassette: Cassette) -> str:
    """
    The text of *cassette*: a head, then every interaction in the order in which it was issued.

    Large binary bodies are not in it: they are the files of :func:`attachments`.
    """
    return _dump(cassette, NO_FILES)


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _dump(cassette: Cassette, files: BodyFiles) -> str:
    lines = Lines()
    lines.mapping({"taketwo": version_of(cassette)}, "", "")
    if not cassette.parts:
        _add_part(lines, cassette, "", "", files)
    else:
        lines.add("parts:")
    for part in cassette.parts:
        _add_part(lines, part, "- ", "  ", files)
    return lines.text()


def _add_part(lines: Lines, cassette: Cassette, head: str, pad: str, files: BodyFiles) -> None:
    holds: dict[str, JsonValue] = {"interactions": len(cassette.interactions)}
    if cassette.conversations:
        holds["conversations"] = len(cassette.conversations)
    head_lines: dict[str, JsonValue] = {
        "test": cassette.test,
        "services": dict(sorted(cassette.services.items())),
        "seed": cassette.seed,
        "time": cassette.time,
        **({"counters": cassette.counters} if cassette.counters else {}),
        **({"ended": _dump_ending(cassette.ended)} if cassette.ended else {}),
        "holds": holds,
    }
    lines.mapping(head_lines, head, pad)
    lines.add(f"{pad}interactions:" if cassette.interactions else f"{pad}interactions: []")
    writer = _Interactions(lines, pad, files)
    for interaction in cassette.interactions:
        writer.add(interaction)
    if cassette.conversations:
        talks: list[JsonValue] = [conversation_lines(talk, files) for talk in cassette.conversations]
        lines.mapping({"conversations": talks}, pad, pad)
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
    Adds interactions to *lines*, as items of the list at *pad*; some of their bodies are in *files*.
    """

    def __init__(self, lines: Lines, pad: str, files: BodyFiles) -> None:
        self._lines = lines
        self._files = files
        self._pad = pad
        self._inner = f"{pad}    "
        self._known: dict[Pairs, str] = {}

    def add(self, interaction: Interaction) -> None:
        lines, pad, inner = self._lines, self._pad, self._inner
        request, response = interaction.request, interaction.response
        lines.add(f"{pad}- request:")
        lines.texts((("method", request.method), ("url", request.url)), inner)
        if request.query:
            lines.mapping(pair_lines("query", request.query), inner, inner)
        self._add_headers(request.headers)
        self._add_body(request.body, request.headers)
        lines.add(f"{pad}  response:")
        if response.version or response.reason or response.lowercase_names:
            lines.mapping(response_start(response), inner, inner)
        else:
            lines.add(f"{inner}status: {response.status}")  # most have nothing else
        self._add_headers(response.headers)
        self._add_body(response.body, response.headers)
        if response.chunks or response.ended:
            lines.mapping(response_end(response), inner, inner)

    def _add_headers(self, headers: Pairs) -> None:
        """
        Nearly every message has the same ones, so their lines are made once: that halves the time.
        """
        if not headers:
            return
        known = self._known.get(headers)
        if known is None:
            lines = Lines(self._lines.scalars)
            lines.mapping(pair_lines("headers", headers), self._inner, self._inner)
            known = lines.text()[:-1]
            if len(headers) <= _MOST_KNOWN:
                self._known[headers] = known
        self._lines.add(known)

    def _add_body(self, body: Body, headers: Pairs) -> None:
        if self._files and (kept := self._files.get(id(body))) is not None:
            self._lines.mapping(kept.lines, self._inner, self._inner)
        elif isinstance(body, JsonBody) and body.style is JsonStyle.COMPACT:
            self._lines.member("json", body.value, self._inner)
        elif body is not None:
            self._lines.mapping(body_lines(body, headers), self._inner, self._inner)
