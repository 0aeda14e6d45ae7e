r"""
Long base64 inside JSON, and audio in binary frames, as files beside the cassette.

``<file:NAME>`` stands for the base64 of a file, and ``<pcm:NAME>`` for that of the samples in a WAV file;
``<pcm:NAME:0-800>`` for the first 800 of them: the pieces of one stream are one file, which can be played. A
text of the service that looks like that is kept apart by a backslash: ``<\pcm:NAME>``.

What is streamed over HTTP line by line, such as server-sent events, is text and stays as long as it is, its
base64 inline: the sizes of its chunks are those of what is stored. Who streams much audio sends it raw.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from taketwo.cassette.audio.wav import (
    RAW_KINDS,
    samples_of,
    sound_by_rule,
    sound_of_members,
    sound_of_opening,
    wav_of,
)
from taketwo.cassette.body.attachments import LARGEST_INLINE
from taketwo.cassette.body.gist import Gist
from taketwo.cassette.content import Content, sha256_of, whole
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Cassette,
    Conversation,
    Direction,
    FormBody,
    Frame,
    Interaction,
    JsonBody,
    JsonValue,
    MultipartBody,
    Pairs,
    Sound,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.visit import body_texts, map_pairs, plain_body_texts
from taketwo.config.audio import AudioRule

_REFERENCE = re.compile(r"<(\\*)(pcm|file):([0-9a-f]{16}\.[a-z0-9]{1,5})(?::(\d{1,12})-(\d{1,12}))?>")
_SHORTEST = LARGEST_INLINE * 4 // 3
# And not a long number in hex, which has digits; silence has none.
_BASE64 = re.compile(r"(?!(?=[a-fA-F]*[0-9])[0-9a-fA-F]+\Z)[A-Za-z0-9+/]+={0,2}\Z")
_MARK = 16
_KINDS = (
    (b"\x89PNG", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF8", ".gif"),
    (b"%PDF", ".pdf"),
    (b"OggS", ".ogg"),
    (b"fLaC", ".flac"),
    (b"ID3", ".mp3"),
    (b"PK\x03\x04", ".zip"),
    (b"\x1f\x8b", ".gz"),
)

Hides = Callable[[str, bytes], bool]
"""Whether a secret is in a text, or in what it says in base64: then it stays where it is found."""
PlaceInJson = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Clip:
    """
    What one text of a body, or a whole binary frame, holds.
    """

    content: bytes
    sound: Sound | None

    @property
    def count(self) -> int:
        return len(self.content) // self.sound.frame if self.sound else 0


@dataclass(slots=True)
class Embedder:
    """
    Takes what belongs into files out of bodies; ``files`` are those by their names.
    """

    hides: Hides
    rules: Sequence[AudioRule] = ()
    files: dict[str, bytes] = field(default_factory=dict)

    def interaction(self, item: Interaction, *, is_cut: bool = False) -> Interaction:
        """
        An interaction; of a response that *is_cut* into pieces, the body stays as long as it is, unless it is
        a document of JSON, of which no pieces are kept.
        """
        asked = item.request
        wanted = sound_of_opening(asked.query, asked.headers)
        if wanted is None and isinstance(asked.body, JsonBody) and isinstance(asked.body.value, Mapping):
            wanted = sound_of_members(asked.body.value)
        response = item.response
        ruled = sound_by_rule(self.rules, asked.url, response.headers)
        sound = sound_of_opening((), response.headers) or wanted or ruled
        body = _sounding(response.body, sound, response.headers, is_told=ruled is not None)
        if not is_cut or isinstance(body, JsonBody):
            body = self.body(body, sound)
        return Interaction(
            self.request(asked), response if body is response.body else replace(response, body=body)
        )

    def request(self, request: StoredRequest) -> StoredRequest:
        ruled = sound_by_rule(self.rules, request.url, request.headers)
        sound = sound_of_opening(request.query, request.headers) or ruled
        body = self.body(_sounding(request.body, sound, request.headers, is_told=ruled is not None), sound)
        return request if body is request.body else replace(request, body=body)

    def body(self, body: Body, sound: Sound | None, *, is_binary: bool = False) -> Body:
        """
        A body by itself; *sound* is what its raw audio is, where it does not say so itself.
        """
        texts = plain_body_texts(body) if isinstance(body, JsonBody) else None
        if texts is not None and not _is_worth_a_look(texts):
            return body
        if isinstance(body, MultipartBody):
            parts = (replace(part, body=self.body(part.body, sound)) for part in body.parts)
            return replace(body, parts=tuple(parts))
        clips = dict(self._clips(body, sound, is_binary=is_binary))
        if texts is not None and not clips and "<" not in "".join(texts):
            return body  # the very same one, which has been looked through for secrets
        return _written(body, {place: self._reference(clip) for place, clip in clips.items()})

    def conversation(self, talk: Conversation) -> Conversation:
        """
        What is received piece by piece becomes one file, up to the first frame that has no such piece.
        """
        sound = self.sound_of(talk)
        frames = list(talk.frames)
        for number, frame in enumerate(frames):
            if frame.direction is Direction.SEND:
                frames[number] = replace(frame, body=self.body(frame.body, sound, is_binary=frame.is_binary))
        received = [n for n, frame in enumerate(frames) if frame.direction is Direction.RECEIVE]
        for number, body in zip(received, self._joined([frames[n] for n in received], sound), strict=True):
            frames[number] = replace(frames[number], body=body)
        return replace(talk, frames=tuple(frames))

    def sound_of(self, talk: Conversation) -> Sound | None:
        """
        The format of the raw audio in frames of *talk*, as far as its opening gives it.
        """
        return (
            sound_of_opening(talk.request.query, talk.request.headers)
            or sound_of_opening((), talk.response.headers)
            or sound_by_rule(self.rules, talk.request.url, ())
        )

    def _joined(self, frames: Sequence[Frame], sound: Sound | None) -> Iterator[Body]:
        found = [dict(self._clips(frame.body, sound, is_binary=frame.is_binary)) for frame in frames]
        references: list[dict[PlaceInJson, str]] = [{} for _ in frames]
        for places in _runs(found):
            clips = [found[number][place] for number, place in places]
            for (number, place), reference in zip(places, self._references(clips), strict=True):
                references[number][place] = reference
        for frame, known in zip(frames, references, strict=True):
            yield _written(frame.body, known)

    def _references(self, clips: Sequence[_Clip]) -> Iterator[str]:
        sound = clips[0].sound
        if len(clips) == 1 or sound is None:
            yield from map(self._reference, clips)
            return
        name = self._keep(wav_of(b"".join(clip.content for clip in clips), sound), ".wav")
        start = 0
        for clip in clips:
            yield f"<pcm:{name}:{start}-{start + clip.count}>"
            start += clip.count

    def _reference(self, clip: _Clip) -> str:
        if clip.sound is not None:
            return f"<pcm:{self._keep(wav_of(clip.content, clip.sound), '.wav')}>"
        return f"<file:{self._keep(clip.content, _suffix(clip.content))}>"

    def _keep(self, content: bytes, suffix: str) -> str:
        name = sha256_of(content)[:_MARK] + suffix
        self.files[name] = content
        return name

    def _clips(
        self, body: Body, sound: Sound | None, *, is_binary: bool
    ) -> Iterator[tuple[PlaceInJson, _Clip]]:
        if isinstance(body, JsonBody):
            yield from self._in_json(body.value, (), {}, sound)
        elif isinstance(body, BinaryBody) and is_binary:
            content = whole(body.content)
            if self._is_clip(content, sound):
                yield (), _Clip(content, sound)

    def _is_clip(self, content: bytes, sound: Sound | None) -> bool:
        """
        Whether a binary frame is raw audio, long enough for a file.
        """
        is_long = sound is not None and len(content) > LARGEST_INLINE and _is_samples(content, sound)
        return is_long and not self.hides("", content)

    def _in_json(
        self, value: JsonValue, place: PlaceInJson, beside: Mapping[str, JsonValue], sound: Sound | None
    ) -> Iterator[tuple[PlaceInJson, _Clip]]:
        if isinstance(value, str):
            content = _decoded(value)
            if content is not None and not self.hides(value, content):
                its_sound = sound_of_members(beside) or sound
                yield (
                    place,
                    _Clip(content, its_sound if its_sound and _is_samples(content, its_sound) else None),
                )
        elif isinstance(value, Mapping):
            for key, item in value.items():
                yield from self._in_json(item, (*place, key), value, sound)
        elif isinstance(value, Sequence):
            for number, item in enumerate(value):
                yield from self._in_json(item, (*place, str(number)), beside, sound)


def _sounding(body: Body, sound: Sound | None, headers: Pairs, *, is_told: bool) -> Body:
    """
    A body of HTTP that is raw audio, as such: its type says that it may be, or *is_told* by a rule.
    """
    if not isinstance(body, BinaryBody) or sound is None or not _is_samples(body.content, sound):
        return body
    known = {name.lower(): value.lower() for name, value in headers}
    kind = known.get("content-type", "application/octet-stream").partition(";")[0].strip()
    is_told = is_told or kind == "application/octet-stream" or kind in RAW_KINDS
    return body if not is_told or "content-encoding" in known else BinaryBody(body.content, sound)


def expanded(body: Body, files: Mapping[str, bytes]) -> Body:
    """
    *body* with what its references stand for.
    """
    if isinstance(body, TextBody):
        found = _REFERENCE.fullmatch(body.text)
        if found and not found[1] and found[2] == "pcm":
            return BinaryBody(_content(found, files))
        return TextBody(_filled(body.text, files)) if "<" in body.text else body
    if isinstance(body, JsonBody):
        return JsonBody(_mapped(body.value, (), lambda _place, text: _filled(text, files)), body.style)
    if isinstance(body, FormBody):
        return FormBody(map_pairs(body.fields, lambda text: _filled(text, files)), body.spelling)
    if isinstance(body, MultipartBody):
        parts = (replace(part, body=expanded(part.body, files)) for part in body.parts)
        return replace(body, parts=tuple(parts))
    return body


def expanded_response(response: StoredResponse, files: Mapping[str, bytes]) -> StoredResponse:
    return replace(response, body=expanded(response.body, files))


def expanded_conversation(talk: Conversation, files: Mapping[str, bytes]) -> Conversation:
    frames = (replace(frame, body=expanded(frame.body, files)) for frame in talk.frames)
    return replace(talk, frames=tuple(frames))


def with_files(cassette: Cassette, files: Mapping[str, bytes]) -> Cassette:
    """
    *cassette* with those of *files* that it refers to.
    """
    if not files:
        return cassette if not cassette.files else replace(cassette, files={})
    bodies = [body for item in cassette.interactions for body in (item.request.body, item.response.body)]
    bodies += [frame.body for talk in cassette.conversations for frame in talk.frames]
    names = {name for body in bodies for name in _names(body)}
    return replace(cassette, files={name: files[name] for name in sorted(names) if name in files})


def reference_in(text: JsonValue) -> tuple[str, int, int | None] | None:
    """
    The file that a text stands for, and from which sample to which.
    """
    found = _REFERENCE.fullmatch(text) if isinstance(text, str) else None
    if not found or found[1]:
        return None
    return found[3], int(found[4] or 0), int(found[5]) if found[5] else None


def _names(body: Body) -> Iterator[str]:
    for _, text in body_texts(body):
        yield from (found[3] for found in _REFERENCE.finditer(text) if not found[1])


def _written(body: Body, references: Mapping[PlaceInJson, str]) -> Body:
    """
    *body* with *references* in their places, and apart from them no text that looks like one.
    """
    if isinstance(body, JsonBody):
        change = lambda place, text: references.get(place) or _escaped(text)  # noqa: E731 - of two lines
        return JsonBody(_mapped(body.value, (), change), body.style)
    if isinstance(body, TextBody):
        return TextBody(_escaped(body.text))
    if isinstance(body, FormBody):
        return FormBody(map_pairs(body.fields, _escaped), body.spelling)
    return TextBody(references[()]) if () in references else body


def _escaped(text: str) -> str:
    def escaped(found: re.Match[str]) -> str:
        return f"<\\{found[0][1:]}"

    return _REFERENCE.sub(escaped, text) if "<" in text else text


def _filled(text: str, files: Mapping[str, bytes]) -> str:
    def filled(found: re.Match[str]) -> str:
        if found[1]:
            return f"<{found[0][2:]}"
        return base64.b64encode(_content(found, files)).decode() if found[3] in files else found[0]

    return _REFERENCE.sub(filled, text) if "<" in text else text


def _content(found: re.Match[str], files: Mapping[str, bytes]) -> bytes:
    content = files.get(found[3], b"")
    if found[2] == "file":
        return content
    sound, samples = samples_of(content) or (Sound(1), b"")
    if not found[5]:
        return samples
    return samples[int(found[4]) * sound.frame : int(found[5]) * sound.frame]


def _mapped(value: JsonValue, place: PlaceInJson, change: Callable[[PlaceInJson, str], str]) -> JsonValue:
    if isinstance(value, str):
        return change(place, value)
    if isinstance(value, Mapping):
        return {key: _mapped(item, (*place, key), change) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_mapped(item, (*place, str(number)), change) for number, item in enumerate(value)]
    return value


def _runs(found: Sequence[Mapping[PlaceInJson, _Clip]]) -> Iterator[list[tuple[int, PlaceInJson]]]:
    """
    The places, by frame, of clips that follow each other at one place in one sound.
    """
    for place in {place: None for clips in found for place in clips}:
        run: list[tuple[int, PlaceInJson]] = []
        for number, clips in enumerate(found):
            clip = clips.get(place)
            if run and (clip is None or clip.sound != found[run[-1][0]][place].sound):
                yield run
                run = []
            if clip is not None:
                run.append((number, place))
        if run:
            yield run


def _decoded(text: str) -> bytes | None:
    """
    What *text* says in base64, if it is long, gives the same text again, and is no text itself.
    """
    if len(text) < _SHORTEST or len(text) % 4 or not _BASE64.match(text):
        return None
    content = base64.b64decode(text)
    if base64.b64encode(content).decode() != text:
        return None
    return None if _is_readable(content) else content


def may_embed(gist: Gist) -> bool:
    """
    Whether a message with that *gist* may hold what belongs into a file, or looks like a reference to one.
    """
    return not gist.whole or gist.odd or (gist.size >= _SHORTEST and _is_worth_a_look(gist.texts))


def _is_worth_a_look(texts: Sequence[str]) -> bool:
    return "<" in "".join(texts) or max(map(len, texts), default=0) >= _SHORTEST


def _is_readable(content: bytes) -> bool:
    try:
        return content.decode("utf-8").isprintable()
    except UnicodeDecodeError:
        return False


def _is_samples(content: Content, sound: Sound) -> bool:
    return len(content) % sound.frame == 0 and _suffix(content) == ".bin"


def _suffix(content: Content) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return ".wav"
    return next((suffix for mark, suffix in _KINDS if content[: len(mark)] == mark), ".bin")
