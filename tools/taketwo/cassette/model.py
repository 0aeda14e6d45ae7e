"""
What a cassette holds, as values.

There are two forms of everything. *Live* is what went over the wire: whole URLs and bytes.
*Stored* is what a person reviews: placeholders where the service generated a value, bodies as structure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import Enum
from typing import TypeAlias, final

from taketwo.cassette.content import Content
from taketwo.value import LazyValue

JsonValue: TypeAlias = "Mapping[str, JsonValue] | Sequence[JsonValue] | str | int | float | bool | None"
Pairs: TypeAlias = tuple[tuple[str, str], ...]

DEFAULT_TIME = "2026-01-01T00:00:00Z"

CRC32 = "x-amz-crc32"
"""The header with a checksum of the body, which a replay computes for the body that it gives."""

SENT = "sent"
"""The kind of what the client drew anew for its request: ``<sent:uuid:1>``."""

DRAWN = frozenset({SENT, "any"})
"""The kinds that stand in a request for any value."""

CLIENT = "client"
"""How a stream ended that the client closed before the service had sent all."""

WAITING = "client, waiting"
"""The same, while the client waited for more: it was cancelled, or its test ended."""


class LiveRequest(LazyValue, kw_only=True):
    """
    A request as the client sent it.
    """

    method: str
    url: str
    headers: Pairs = ()
    body: bytes = b""


class LiveResponse(LazyValue, kw_only=True):
    """
    A response as the service gave it; ``body`` is as it was on the wire, compressed or not.

    ``chunks`` are the sizes of the pieces in which a streamed body came, and ``pauses``, where they are kept,
    the milliseconds before each of them, the first one's since the head. ``ended`` tells how one ended that
    is not whole: :data:`CLIENT`, :data:`WAITING`, else the name of the client's error and its words.
    ``stays_packed`` tells of a compressed body that it reached the test as it is. ``version`` is that of
    HTTP, where it is not 1. ``keeps_names`` tells of a client that it shows the names of headers as the
    service wrote them, and ``lowercase_names`` that this wrote them in small letters, as few do.
    """

    status: int
    version: str = ""
    reason: str = ""
    headers: Pairs = ()
    body: Content = b""
    chunks: tuple[int, ...] = ()
    pauses: tuple[int, ...] = ()
    ended: str = ""
    stays_packed: bool = False
    keeps_names: bool = False
    lowercase_names: bool = False


class Exchange(LazyValue, kw_only=True):
    """
    One request and its response while a recording is being made.

    ``issued`` and ``answered`` count the events of the recording: they tell what the client could have known
    when it sent a request, also where several were under way at once. ``thread`` and ``task`` tell who sent
    it, by numbers of their own for each recording: 0 is the test's own thread, and no task. ``born`` is the
    event after which the task was made, 0 where that is not known; ``above`` are those that it comes from,
    nearest first, each with the event after which it was made. ``proxied_to`` is the origin that a request of
    another process was for, whose connections ``task`` tells apart; empty for one of this process.
    """

    request: LiveRequest
    response: LiveResponse
    issued: int
    answered: int
    thread: int = 0
    task: int = 0
    born: int = 0
    above: tuple[tuple[int, int], ...] = ()
    proxied_to: str = ""


class JsonStyle(Enum):
    """
    How a JSON text was written, so that its bytes can be made again from its structure.
    """

    COMPACT = "compact"
    SPACED = "spaced"
    COMPACT_ASCII = "compact-ascii"
    SPACED_ASCII = "spaced-ascii"
    INDENTED = "indented"
    INDENTED_ASCII = "indented-ascii"


class JsonLayout(LazyValue):
    """
    A JSON text that no style alone gives back, by what differs from ``base``.

    * ``gaps`` are the words of :mod:`taketwo.cassette.body.json_layout` for its white space
    * ``escapes`` are signs as they are written wherever they stand
    * ``spelled`` holds, by the number of a key or value, how that one is written
    """

    base: JsonStyle = JsonStyle.COMPACT
    gaps: str = ""
    escapes: str = ""
    spelled: Pairs = ()

    @property
    def value(self) -> str:
        spelled = (f"{number}: {spelling}" for number, spelling in self.spelled)
        base = "" if self.base is JsonStyle.COMPACT else self.base.value
        return " ".join(part for part in (base, self.gaps, self.escapes, *spelled) if part)


class JsonBody(LazyValue):
    """
    JSON kept as structure; writing ``value`` in ``style`` gives the very bytes back.
    """

    value: JsonValue
    style: JsonStyle | JsonLayout = JsonStyle.COMPACT


class TextBody(LazyValue):
    """
    A body that is UTF-8 text, JSON included whose bytes no structure would give back.
    """

    text: str


class Sound(LazyValue):
    """
    What raw samples of audio mean: little-endian, signed, ``width`` bytes each.
    """

    rate: int
    width: int = 2
    channels: int = 1

    @property
    def frame(self) -> int:
        """
        The bytes of one moment, over all channels.
        """
        return self.width * self.channels


class BinaryBody(LazyValue):
    """
    A body that is not text; no placeholder is ever put into it.

    One of raw samples has a ``sound``, and is kept as a WAV file that one can play. ``is_text`` tells of a
    text that is in a file because its cassette would be too large.
    """

    content: Content
    sound: Sound | None = None
    is_text: bool = field(default=False, compare=False)


class FormSpelling(LazyValue, kw_only=True):
    """
    How the fields of a form are escaped, where that is not as ``urllib.parse.urlencode`` does it.

    ``raw`` are characters that stand as they are beside the usual ones, and ``escaped`` those of the usual
    ones that do not; ``space`` and ``lower`` tell how a space and the hexadecimal digits are written.
    """

    space: str = "+"
    lower: bool = False
    raw: str = ""
    escaped: str = ""


class FormBody(LazyValue):
    """
    The fields of an ``application/x-www-form-urlencoded`` body, as they read after decoding.
    """

    fields: Pairs
    spelling: FormSpelling = FormSpelling()


class Part(LazyValue, kw_only=True):
    """
    One part of a multipart body.

    * ``fields`` are what most parts have: ``name``, ``filename`` and ``filename*`` as most clients write them
      in ``Content-Disposition: form-data``, and ``content-type``
    * ``headers`` are all others, with their names as they were written
    * ``order`` tells which of ``name``, ``content-type`` and ``headers`` comes first
    * ``encoding`` is how a body that was sent in base64 or quoted-printable was written

    Lines that those would not give back to the byte are one field, the ``head``, to the empty line. In a part
    that is ``raw`` there is no head, nor the empty line behind it.
    """

    fields: Pairs = ()
    headers: Pairs = ()
    order: tuple[str, ...] = ()
    raw: bool = False
    body: Body = None
    encoding: str = ""

    def field(self, name: str) -> str | None:
        return next((value for key, value in self.fields if key == name), None)


class MultipartBody(LazyValue, kw_only=True):
    """
    A body of the type ``multipart``, part by part.

    ``boundary`` is the one in the headers of the message. In front of the parts there may be a ``preamble``,
    and behind them an ``epilogue``; ``line`` is what ends a line. One that is not ``closed`` has no last
    boundary.
    """

    parts: tuple[Part, ...]
    boundary: str
    line: str = "\r\n"
    preamble: str = ""
    epilogue: str = "\r\n"
    closed: bool = True


def is_multipart(media_type: str) -> bool:
    """
    Whether a ``content-type`` says that the body has parts.
    """
    return media_type.lstrip()[:10].lower() == "multipart/"


DATA_OF_EVENT = "json"
"""The name of the field of an event whose value is JSON."""

RAW_EVENT = "raw"
"""The name of what stands in the place of an event that no fields would give back."""


class Event(LazyValue, kw_only=True):
    """
    One event of a stream, or one line of JSON.

    ``fields`` are in their order: ``event``, ``id``, ``retry``, ``comment`` and ``data``, or
    :data:`DATA_OF_EVENT` where the data are JSON, which is then in ``data``.
    """

    fields: Pairs
    data: JsonBody | None = None


class EventsBody(LazyValue, kw_only=True):
    """
    A stream of events: server-sent ones, or JSON ``by_line``.

    ``line`` ends a line, ``space`` stands between the name of a field and its value, and ``end`` behind the
    last event.
    """

    events: tuple[Event, ...]
    line: str = "\n"
    space: str = " "
    end: str = "\n\n"
    by_line: bool = False


Body: TypeAlias = "JsonBody | TextBody | BinaryBody | FormBody | MultipartBody | EventsBody | None"


@final
class StoredRequest(LazyValue, kw_only=True):
    """
    ``url`` ends before the query; ``query`` holds its pairs as they read after decoding.
    """

    method: str
    url: str
    query: Pairs = ()
    headers: Pairs = ()
    body: Body = None

    def is_alike(self, other: StoredRequest) -> bool:
        """
        Whether both are the same but for their headers.
        """
        return (self.method, self.url, self.query, self.body) == (
            other.method,
            other.url,
            other.query,
            other.body,
        )


@final
class StoredResponse(LazyValue, kw_only=True):
    """
    ``chunks`` are sizes in bytes of the stored body; the rest is as in :class:`LiveResponse`.
    """

    status: int
    version: str = ""
    lowercase_names: bool = False
    reason: str = ""
    headers: Pairs = ()
    body: Body = None
    chunks: tuple[int, ...] = ()
    pauses: tuple[int, ...] = ()
    ended: str = ""


class Interaction(LazyValue):
    """
    One HTTP request and its response, in stored form.
    """

    request: StoredRequest
    response: StoredResponse


class Direction(Enum):
    """
    Which way a frame goes, as the test sees it.
    """

    SEND = "send"
    RECEIVE = "receive"


class Closer(Enum):
    """
    Who sent the first close frame.
    """

    CLIENT = "client"
    SERVICE = "service"


class Close(LazyValue, kw_only=True):
    """
    The close frame that ended a conversation, ``at`` milliseconds after its opening.

    ``answer`` is the code of the service's own close frame, where the client's came first and has another.
    """

    code: int
    reason: str = ""
    by: Closer = Closer.CLIENT
    at: int = 0
    answer: int | None = None


class LiveFrame(LazyValue, kw_only=True):
    """
    A whole message as it went over the wire, ``at`` milliseconds after the opening.

    ``moment`` counts the events of the recording as those of an exchange do: of what was sent it tells when,
    of what was received, when the test was given it. ``fragments`` are the sizes of the frames that a
    received message came in, when there were several.
    """

    direction: Direction
    at: int
    content: bytes
    moment: int
    is_binary: bool = False
    fragments: tuple[int, ...] = ()


class LiveConversation(LazyValue, kw_only=True):
    """
    One WebSocket connection while a recording is being made, ``frames`` in the order of their moments.

    ``lost`` tells that it ended without the close frames of both sides, ``thread`` who opened it, as that of
    an :class:`Exchange` does.
    """

    request: LiveRequest
    response: LiveResponse
    issued: int
    answered: int
    frames: tuple[LiveFrame, ...] = ()
    close: Close | None = None
    lost: bool = False
    thread: int = 0


class Frame(LazyValue, kw_only=True):
    """
    One message of a conversation in stored form; see :class:`LiveFrame`.
    """

    direction: Direction
    at: int
    body: Body = None
    is_binary: bool = False
    fragments: tuple[int, ...] = ()


class Conversation(LazyValue, kw_only=True):
    """
    One WebSocket connection, in stored form.

    ``response`` is that of the opening: with a status other than 101 it was refused. There is no ``close``
    where the connection was lost, or still open when the test ended.
    """

    request: StoredRequest
    response: StoredResponse
    frames: tuple[Frame, ...] = ()
    close: Close | None = None
    lost: bool = False


class Outcome(Enum):
    """
    How a test ended that has a cassette although it did not pass.
    """

    SKIPPED = "skipped"
    XFAILED = "xfailed"


class Ending(LazyValue):
    """
    The end of such a test while it was recorded; ``raised`` is the type of the error that was expected of it.
    """

    outcome: Outcome
    raised: str = ""


class Cassette(LazyValue, kw_only=True):
    """
    What one test sent to the services, and what they answered.

    * ``test`` is the id of the test that recorded it
    * ``services`` holds, for each service, the hash of the contract it was recorded under
    * ``seed`` and ``time`` decide the values that a replay puts in the place of placeholders
    * ``counters`` is the number that a replay counts from, 0 where that is the usual one
    * ``ended`` tells how the test ended, where it did not pass
    * ``files`` are those beside the cassette that texts of its bodies stand for, by their names
    * ``parts`` are, where several tests share it, what each of them recorded; the rest tells of all together
    """

    test: str
    interactions: Sequence[Interaction] = ()
    conversations: Sequence[Conversation] = ()
    services: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    time: str = DEFAULT_TIME
    counters: int = 0
    ended: Ending | None = None
    parts: tuple[Cassette, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def tests(self) -> tuple[str, ...]:
        """
        The ids of the tests that recorded it; none where it is one of VCR.py.
        """
        if not self.parts:
            return (self.test,) if self.test else ()
        return tuple(part.test for part in self.parts if part.test)
