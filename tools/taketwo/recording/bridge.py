"""
The one module that knows vcrpy: it intercepts HTTP in every library that vcrpy does.

vcrpy asks a cassette object what to do with each request. Ours passes the questions on to a recorder or a
player, and leaves alone what vcrpy does badly: finding requests, threads, writing files.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol, cast

from vcr import VCR
from vcr.cassette import Cassette as VcrCassette
from vcr.cassette import CassetteContextDecorator
from vcr.matchers import requests_match
from vcr.record_mode import RecordMode
from vcr.request import Request as VcrRequest

from taketwo.cassette import LiveRequest, LiveResponse, Pairs
from taketwo.recording.session import Player, Recorder

VcrOptions = Mapping[str, Any]


class OpenCassette(Protocol):
    """
    What a test gets from the fixture ``vcr``: the part of vcrpy's cassette that tests look at.
    """

    @property
    def play_count(self) -> int: ...
    @property
    def all_played(self) -> bool: ...
    @property
    def requests(self) -> list[Any]: ...
    @property
    def responses(self) -> list[Any]: ...
    def __len__(self) -> int: ...


def new_vcr(*, library: str, mode: str) -> VCR:
    """
    The object that ``pytest_recording_configure`` hands to a project's own hooks.
    """
    return VCR(path_transformer=VCR.ensure_suffix(".yaml"), cassette_library_dir=library, record_mode=mode)


def intercept(
    vcr: VCR, path: str, options: VcrOptions, *, player: Player, recorder: Recorder | None
) -> AbstractContextManager[OpenCassette]:
    """
    While the context is open, every request goes to *player*, and from there to *recorder* if there is one.

    *options* are those of ``vcr_config`` and of the marker.
    """
    known = {
        key: value
        for key, value in options.items()
        if key not in {"record_mode", "allowed_hosts", "pace", "patience"}
    }
    merged = vcr.get_merged_config(path=path, **known)
    merged["record_mode"] = RecordMode.NONE if recorder is None else RecordMode.NEW_EPISODES
    merged["by_user"] = "match_on" in options
    loader = _Loader(player, recorder)
    return cast(
        "AbstractContextManager[OpenCassette]", CassetteContextDecorator(loader, lambda: dict(merged))
    )


class _Loader:
    """
    Stands where vcrpy wants a cassette class, and makes cassettes that know their session.
    """

    def __init__(self, player: Player, recorder: Recorder | None) -> None:
        self._player = player
        self._recorder = recorder

    def load(self, *, by_user: bool, **options: Any) -> _Bridge:  # noqa: ANN401 - whatever vcrpy's are
        bridge = _Bridge(player=self._player, recorder=self._recorder, by_user=by_user, **options)
        bridge.load_recorded()
        return bridge


class _Bridge(VcrCassette):  # type: ignore[misc]  # vcrpy ships no types
    """
    A vcrpy cassette whose decisions are made by a player and a recorder.
    """

    def __init__(
        self,
        *,
        player: Player,
        recorder: Recorder | None,
        by_user: bool,
        **options: Any,  # noqa: ANN401 - whatever vcrpy's are
    ) -> None:
        super().__init__(**options)
        self._player = player
        self._recorder = recorder
        self._matches_by_user = by_user
        # By identity: vcrpy asks about one request object more than once. The object is kept, so that its
        # identity is not given to another one.
        self._claims: dict[int, tuple[VcrRequest, int]] = {}
        self._tickets: dict[int, tuple[VcrRequest, int]] = {}
        self._taken: set[int] = set()
        self._lock = threading.RLock()

    def load_recorded(self) -> None:
        count = len(self._player.cassette.interactions) if self._player.cassette else 0
        for number in range(count):
            request = self._player.replay.live_request(number)
            response = self._player.replay.response(number)
            self.data.append((_vcr_request(request), _vcr_response(response)))
        self.rewound = True

    def can_play_response_for(self, request: VcrRequest) -> bool:
        filtered = self.filter_request(request)
        if not filtered:
            return False
        with self._lock:
            if id(request) in self._claims:
                return True
            number = self._find(filtered)
            if number is not None:
                self._claims[id(request)] = (request, number)
                return True
            if self._recorder is None:
                raise self._player.refuse(_live_request(filtered))
            self._tickets.setdefault(id(request), (request, self._recorder.issue()))
            return False

    def play_response(self, request: VcrRequest) -> Any:  # noqa: ANN401 - vcrpy's responses are dictionaries
        with self._lock:
            _, number = self._claims.pop(id(request))
            self.play_counts[number] += 1
            return self.data[number][1]

    def append(self, request: VcrRequest, response: Any) -> None:  # noqa: ANN401 - see above
        with self._lock:
            before = len(self.data)
            super().append(request, response)
            _, ticket = self._tickets.pop(id(request), (request, 0))
            if self._recorder is None:
                return
            if len(self.data) == before:
                self._recorder.drop(ticket)
                return
            recorded, answer = self.data[-1]
            number = ticket or self._recorder.issue()
            self._recorder.answer(number, _live_request(recorded), _live_response(answer))

    def _find(self, request: VcrRequest) -> int | None:
        if not self._matches_by_user:
            return self._player.take(_live_request(request))
        for number, (recorded, _) in enumerate(self.data):
            is_free = number not in self._taken or self.allow_playback_repeats
            if is_free and requests_match(request, recorded, self._match_on):
                self._taken.add(number)
                return number
        return None

    def _save(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - vcrpy's signature
        """
        Nothing: a take is written when its test has passed, and not by vcrpy.
        """


def _live_request(request: VcrRequest) -> LiveRequest:
    body = request.body_bytes if hasattr(request, "body_bytes") else request.body
    return LiveRequest(
        method=request.method,
        url=request.uri,
        headers=tuple((str(name), _text(value)) for name, value in request.headers.items()),
        body=_bytes(body),
    )


def _live_response(response: Mapping[str, Any]) -> LiveResponse:
    return LiveResponse(
        status=int(response["status"]["code"]),
        reason=_text(response["status"].get("message") or ""),
        headers=tuple(_header_pairs(response["headers"])),
        body=_bytes(response["body"].get("string")),
    )


def _header_pairs(headers: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, values in headers.items():
        for value in values if isinstance(values, list | tuple) else [values]:
            yield str(name), _text(value)


def _vcr_request(request: LiveRequest) -> VcrRequest:
    return VcrRequest(request.method, request.url, request.body or None, dict(request.headers))


def _vcr_response(response: LiveResponse) -> dict[str, Any]:
    return {
        "status": {"code": response.status, "message": response.reason},
        "headers": _grouped(response.headers),
        "body": {"string": response.body},
    }


def _grouped(pairs: Pairs) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8")
    return value if isinstance(value, bytes) else bytes(value) if isinstance(value, bytearray) else b""
