"""
One WebSocket connection, read from its bytes: for clients that tell of no frames.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress

from websockets.exceptions import InvalidHeader, ProtocolError
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import DATA_OPCODES, Close, Frame, Opcode
from websockets.headers import parse_extension
from websockets.streams import StreamReader

from taketwo.cassette.model import Closer
from taketwo.playback.conversations.recorder import ConversationRecorder, Ending

_DEFLATE = "permessage-deflate"
_WIDEST = 15


class FrameListener:
    """
    Has a recorder know what goes over one connection after its handshake.

    *extensions* is the header of the answer to the handshake that names them. A client that does not wait for
    the answer to its close hangs up: whether that has come by then is chance. With *hands_over* nobody tells
    when the client takes a message, and it does when that comes.
    """

    def __init__(
        self,
        recorder: ConversationRecorder,
        extensions: str = "",
        *,
        waits: bool = True,
        hands_over: bool = False,
    ) -> None:
        self._recorder = recorder
        self._hands_over = hands_over
        self._needed = set(Closer) if waits else {Closer.CLIENT}
        self._incoming = _Messages(_Frames(masked=False, deflate=_deflate(extensions, sender="server")))
        self._outgoing = _Messages(_Frames(masked=True, deflate=_deflate(extensions, sender="client")))
        self._closes: dict[Closer, Close] = {}
        self._is_gone = self._is_cut = self._client_closes = False
        recorder.ending = self._ending

    def received(self, data: bytes) -> None:
        for frame, message in self._incoming.read(data):
            if message is not None:
                sizes = tuple(map(len, message))
                self._recorder.arrived(b"".join(message), is_binary=self._incoming.is_binary, fragments=sizes)
                if self._hands_over:
                    self._recorder.handed_over()
            elif frame.opcode is Opcode.CLOSE:
                self._close(frame, Closer.SERVICE)

    def sent(self, data: bytes) -> None:
        for frame, message in self._outgoing.read(data):
            if message is not None:
                self._recorder.sent(b"".join(message), is_binary=self._outgoing.is_binary)
            elif frame.opcode is Opcode.CLOSE:
                self._close(frame, Closer.CLIENT)

    def closing(self) -> None:
        """
        Note that the client begins to close. One that waits before it sends its close frame may read that of
        the service until then, which came too late to be the reason.
        """
        self._client_closes = self._client_closes or Closer.SERVICE not in self._closes

    def gone(self) -> None:
        """
        Note that the connection is closed, be it with a word or without.
        """
        self._is_gone = True

    def cut(self) -> None:
        """
        Note that nothing more can be read: with no word of a close before it, the connection was lost, and
        what the client says when it closes its end goes nowhere.
        """
        self._is_cut = self._is_cut or not (self._is_gone or self._closes)

    def _close(self, frame: Frame, by: Closer) -> None:
        with suppress(ProtocolError, UnicodeDecodeError):  # which the client finds out itself
            self._closes.setdefault(by, Close.parse(bytes(frame.data)))
        self._recorder.closing()

    def _ending(self) -> Ending:
        if self._is_cut:
            return Ending(lost=True)
        needed = set(Closer) if self._needed.isdisjoint(self._closes) else self._needed
        lost = self._is_gone and not needed.issubset(self._closes)
        if not self._closes:
            return Ending(lost=lost)
        by = self._first()
        close = self._closes[by]
        is_answer = by is Closer.CLIENT and Closer.SERVICE in self._needed
        answer = self._closes.get(Closer.SERVICE) if is_answer else None
        return Ending(
            code=int(close.code),
            reason=close.reason,
            by=by,
            answer=None if answer is None else int(answer.code),
            lost=lost,
        )

    def _first(self) -> Closer:
        if self._client_closes and Closer.CLIENT in self._closes:
            return Closer.CLIENT
        return next(iter(self._closes))


class _Messages:
    """
    The frames of one direction; a message is given with the last of its frames, as its pieces.
    """

    def __init__(self, frames: _Frames) -> None:
        self._frames = frames
        self._pieces: list[bytes] = []
        self.is_binary = False

    def read(self, data: bytes) -> Iterator[tuple[Frame, list[bytes] | None]]:
        for frame in self._frames.read(data):
            if frame.opcode not in DATA_OPCODES:
                yield frame, None
                continue
            if frame.opcode is not Opcode.CONT:
                self.is_binary = frame.opcode is Opcode.BINARY
            self._pieces.append(bytes(frame.data))
            if frame.fin:
                message, self._pieces = self._pieces, []
                yield frame, message


class _Frames:
    """
    The frames in a stream of bytes that comes in pieces.

    What is no frame ends them: the client finds that out itself, and closes the connection.
    """

    def __init__(self, *, masked: bool, deflate: PerMessageDeflate | None) -> None:
        self._stream = StreamReader()
        self._masked = masked
        self._extensions = [] if deflate is None else [deflate]
        self._found: list[Frame] = []
        self._is_broken = False
        self._parsing = self._parse()
        next(self._parsing)

    def read(self, data: bytes) -> list[Frame]:
        if self._is_broken:
            return []
        self._stream.feed_data(data)
        try:
            next(self._parsing)
        except ProtocolError:
            self._is_broken = True
        found, self._found = self._found, []
        return found

    def _parse(self) -> Generator[None, None, None]:
        read = self._stream.read_exact
        while True:
            frame = yield from Frame.parse(read, mask=self._masked, extensions=self._extensions)
            self._found.append(frame)


def _deflate(header: str, *, sender: str) -> PerMessageDeflate | None:
    """
    What unpacks the messages of *sender*, which is ``client`` or ``server``.
    """
    try:
        offers = dict(parse_extension(header)) if header else {}
    except InvalidHeader:
        return None
    if _DEFLATE not in offers:
        return None
    parameters = dict(offers[_DEFLATE])  # type: ignore[index]  # its keys are texts of a kind
    return PerMessageDeflate(
        remote_no_context_takeover=f"{sender}_no_context_takeover" in parameters,
        local_no_context_takeover=True,
        remote_max_window_bits=int(parameters.get(f"{sender}_max_window_bits") or _WIDEST),
        local_max_window_bits=_WIDEST,
    )
