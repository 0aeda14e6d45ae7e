"""
The one module that knows vcrpy: the options of its configuration, its cassettes as tests know them.

Every client that vcrpy knows is intercepted by a module of its own here, so none of its patches is applied,
except what a project names as ``custom_patches``.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from vcr import VCR
from vcr.cassette import Cassette as VcrCassette
from vcr.matchers import requests_match
from vcr.patch import PATCHER_NAMES, CassettePatcherBuilder, validate_skip_patchers
from vcr.persisters.filesystem import FilesystemPersister
from vcr.record_mode import RecordMode
from vcr.request import Request as VcrRequest
from vcr.serialize import deserialize, serialize
from vcr.serializers import yamlserializer
from vcr.stubs import VCRConnection

from taketwo.cassette.content import FileContent, whole
from taketwo.cassette.model import LiveRequest, LiveResponse, Pairs
from taketwo.cassette.normalize import REQUEST_NOISE, with_usual_boundary, without_headers
from taketwo.errors import ConfigError
from taketwo.intercept.faulty import faulty_answer
from taketwo.playback.active import ActiveCassette, PendingExchange, current
from taketwo.playback.option_names import INSTEAD, LOCATED
from taketwo.playback.player import Player, incoming_request

VcrOptions = Mapping[str, Any]

_OF_ANSWERS = ("before_record_response", "decode_compressed_response")
"""The options that need the whole of an answer."""


def new_vcr(*, library: str, mode: str) -> VCR:
    """
    The object that ``pytest_recording_configure`` hands to a project's own hooks.
    """
    return VCR(path_transformer=VCR.ensure_suffix(".yaml"), cassette_library_dir=library, record_mode=mode)


def yaml_of(text: str, serializer: object) -> str:
    """
    A cassette as VCR.py writes it by itself, from one that a *serializer* of the project wrote.
    """
    requests, responses = deserialize(text, serializer)
    yaml: str = serialize({"requests": requests, "responses": responses}, yamlserializer)
    return yaml


class Rules:
    """
    The options of ``vcr_config`` and of the marker, and what was set on the object that hooks are given.
    """

    def __init__(self, vcr: VCR, path: str, options: VcrOptions) -> None:
        _refuse_unknown(vcr, options)
        merged = vcr.get_merged_config(path=path, **options)
        _refuse_what_has_no_effect(options, merged)
        self.custom_patches = merged["custom_patches"]
        self.skipped = frozenset(validate_skip_patchers(merged["skip_patchers"]))
        self.before_record_request = merged["before_record_request"]
        self.before_record_response = merged["before_record_response"]
        is_asked = "match_on" in options or "additional_matchers" in options
        self._match_on = merged["match_on"] if is_asked else None
        self._changes_answers = any(options.get(name) or getattr(vcr, name) for name in _OF_ANSWERS)
        self._recorded: list[VcrRequest] | None = None
        self._lock = threading.Lock()

    def request(self, request: LiveRequest) -> LiveRequest | None:
        kept = self.before_record_request(_vcr_request(request))
        return _live_request(kept) if kept else None

    def response(self, response: LiveResponse) -> LiveResponse | None:
        if isinstance(response.body, FileContent) and not self._changes_answers:
            return response
        kept = self.before_record_response(_vcr_response(response))
        if kept is None:
            return None
        changed = _live_response(kept)
        same = changed.body == response.body
        return replace(changed, chunks=response.chunks if same else (), ended=response.ended)

    def find(self, request: LiveRequest, player: Player) -> int | None:
        if self._match_on is None:
            return player.find(incoming_request(request))
        # No cassette holds what a client adds to each request by itself.
        wanted = _vcr_request(without_headers(with_usual_boundary(request), REQUEST_NOISE))
        with self._lock:
            for number, recorded in enumerate(self._requests(player)):
                is_free = number not in player.plays or player.playback.repeats
                if is_free and requests_match(wanted, recorded, self._match_on):
                    player.use(number, request)
                    return number
        return None

    def _requests(self, player: Player) -> list[VcrRequest]:
        if self._recorded is None:
            live = (player.replay.live_request(number) for number in range(player.count))
            self._recorded = [_vcr_request(request) for request in live]
        return self._recorded


def _refuse_unknown(vcr: VCR, options: VcrOptions) -> None:
    """
    :raises ConfigError: naming a matcher or a serializer that there is not, and those that there are.
    """
    matchers, serializers = options.get("match_on"), [options.get("serializer", "yaml")]
    asked = matchers if isinstance(matchers, list | tuple) else []
    for what, names, known in (
        ("matcher", asked, vcr.matchers),
        ("serializer", serializers, vcr.serializers),
    ):
        for name in names:
            if name not in known:
                raise ConfigError(
                    f"there is no {what} {name!r}; there are {', '.join(sorted(known))}, and those that "
                    f"register_{what} adds in pytest_recording_configure"
                )


def _refuse_what_has_no_effect(options: VcrOptions, merged: Mapping[str, Any]) -> None:
    """
    :raises ConfigError: naming the options of VCR.py that have no effect here, and what to do instead.
    """
    asked = {name for name in INSTEAD if (options if name in LOCATED else merged).get(name)}
    if merged["persister"] is FilesystemPersister:
        asked.discard("persister")
    if asked:
        lines = [f"  - {name}: {INSTEAD[name]}" for name in sorted(asked)]
        raise ConfigError("\n".join(["this test asks VCR.py for what has no effect with taketwo:", *lines]))


class View(VcrCassette):  # type: ignore[misc]  # vcrpy ships no types
    """
    An active cassette as vcrpy's libraries, and the tests that ask for the fixture ``vcr``, know a cassette.
    """

    def __init__(self, active: ActiveCassette, path: str) -> None:
        self._active = active
        self._loaded: list[tuple[VcrRequest, Any]] | None = None
        # By identity: vcrpy asks about one request object more than once. The object is kept, so that its
        # identity is not given to another one.
        self._claims: dict[int, tuple[VcrRequest, int]] = {}
        self._pending: dict[int, tuple[VcrRequest, PendingExchange | None]] = {}
        self._asked = threading.RLock()
        mode = RecordMode.NONE if active.recorder is None else RecordMode.NEW_EPISODES
        super().__init__(
            path,
            record_mode=mode,
            before_record_request=getattr(active.rules, "before_record_request", None),
            before_record_response=getattr(active.rules, "before_record_response", None),
            allow_playback_repeats=active.player.playback.repeats,
        )
        self.rewound = True

    @property
    def data(self) -> list[tuple[VcrRequest, Any]]:
        """
        What is recorded, and what has been recorded since; an answer that nobody has read yet has no body.
        """
        player, recorder = self._active.player, self._active.recorder
        if self._loaded is None:
            live = ((player.replay.live_request(n), player.response(n)) for n in range(player.count))
            self._loaded = [(_seen_request(request), _vcr_response(response)) for request, response in live]
        if recorder is None:
            return self._loaded
        fresh = [(one.request, one.response) for one in recorder.exchanges[recorder.earlier :]]
        seen = (
            (_seen_request(request), _vcr_response(response)) for request, response in fresh + recorder.begun
        )
        return [*self._loaded, *seen]

    @data.setter
    def data(self, value: object) -> None:
        """
        Nothing: vcrpy begins with an empty list.
        """

    @property
    def play_counts(self) -> Counter[int]:
        return Counter(self._active.player.plays)

    @play_counts.setter
    def play_counts(self, value: object) -> None:
        """
        Nothing, for the same reason.
        """

    @property
    def allow_playback_repeats(self) -> bool:
        return self._active.player.playback.repeats

    @allow_playback_repeats.setter
    def allow_playback_repeats(self, value: bool) -> None:
        player = self._active.player
        player.playback = player.playback.with_changed(repeats=bool(value))

    def rewind(self) -> None:
        """
        Have everything that is recorded played from the beginning again.
        """
        with self._asked:
            self._claims.clear()
            self._active.player.rewind()

    def can_play_response_for(self, request: VcrRequest) -> bool:
        with self._asked:
            if id(request) in self._claims:
                return True
            if id(request) in self._pending:
                return False
            wanted = incoming_request(_live_request(request))
            number = self._active.find(wanted)
            if number is not None:
                self._claims[id(request)] = (request, number)
                return True
            self._pending[id(request)] = (request, self._active.issue(wanted))
            return False

    def play_response(self, request: VcrRequest) -> Any:  # noqa: ANN401 - vcrpy's responses are dictionaries
        with self._asked:
            _, number = self._claims.pop(id(request))
        return _vcr_response(faulty_answer(self._active, number))

    def append(self, request: VcrRequest, response: Any) -> None:  # noqa: ANN401 - see above
        with self._asked:
            _, pending = self._pending.pop(id(request), (request, None))
        if pending is not None:
            pending.answer(_live_response(response))

    def filter_request(self, request: VcrRequest) -> VcrRequest | None:
        rules = self._active.rules
        kept = _live_request(request) if rules is None else rules.request(_live_request(request))
        return None if kept is None else request

    def _save(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - vcrpy's signature
        """
        Nothing: a recording is written when its test has passed, and not by vcrpy.
        """


_views: WeakKeyDictionary[ActiveCassette, View] = WeakKeyDictionary()
_making = threading.Lock()


def view_of(active: ActiveCassette, path: str = "") -> View:
    with _making:
        if active not in _views:
            _views[active] = View(active, path or active.player.name)
        return _views[active]


class _Switch:
    """
    Stands where a custom patch wants a cassette, and is the view of the active one.

    Without one, requests go where they always go.
    """

    write_protected = False
    skip_patchers = PATCHER_NAMES
    _path = ""

    def __init__(self, custom_patches: Sequence[Any]) -> None:
        self.custom_patches = custom_patches

    def can_play_response_for(self, request: VcrRequest) -> bool:
        view = _view()
        return view is not None and view.can_play_response_for(request)

    def play_response(self, request: VcrRequest) -> Any:  # noqa: ANN401 - see above
        view = _view()
        if view is None:
            raise RuntimeError(
                f"the cassette of {request.method} {request.uri} was closed while it was played"
            )
        return view.play_response(request)

    def append(self, request: VcrRequest, response: Any) -> None:  # noqa: ANN401 - see above
        view = _view()
        if view is not None:
            view.append(request, response)

    def filter_request(self, request: VcrRequest) -> VcrRequest | None:
        view = _view()
        return request if view is None else view.filter_request(request)


def _view() -> View | None:
    active = current()
    return None if active is None else view_of(active)


@contextmanager
def further_patches(triples: Iterable[Any]) -> Iterator[None]:
    """
    While open, what ``custom_patches`` name is replaced, for the active cassette.

    What stands for a connection of http.client is left out: those are intercepted as they are, whatever class
    they are of, and would be recorded twice.
    """
    custom = tuple(triple for triple in triples if not _is_connection(triple[2]))
    with ExitStack() as stack:
        for patcher in CassettePatcherBuilder(_Switch(custom)).build():
            stack.enter_context(patcher)
        yield


def _is_connection(stand_in: object) -> bool:
    return isinstance(stand_in, type) and issubclass(stand_in, VCRConnection)


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


def _seen_request(request: LiveRequest) -> VcrRequest:
    """
    A request as a test sees it: one whose body was filtered away had one, as VCR.py shows it.
    """
    seen = _vcr_request(request)
    if not request.body and any(name.lower() == "content-type" for name, _ in request.headers):
        seen.body = b""
    return seen


def _vcr_response(response: LiveResponse) -> dict[str, Any]:
    return {
        "status": {"code": response.status, "message": response.reason},
        "headers": _grouped(response.headers),
        "body": {"string": whole(response.body)},
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
