"""
One cassette from its opening to its end: what it plays, what it records, and where that is written.
"""

from __future__ import annotations

import atexit
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

from taketwo.api.options import mode_of
from taketwo.api.project import Project, project_at
from taketwo.cassette.cache.packs import save_packs
from taketwo.cassette.model import DEFAULT_TIME, Cassette, Exchange, LiveConversation
from taketwo.cassette.record import make_cassette_after
from taketwo.cassette.stabilize import stabilize, with_accepted_time
from taketwo.cassette.store.locks import Claim
from taketwo.cassette.store.names import SUFFIX
from taketwo.cassette.store.read import is_vcrpy_file, read_cassette
from taketwo.cassette.store.script_id import script_id
from taketwo.cassette.store.staging import StagingDir, promote
from taketwo.cassette.text.writer import dump_cassette, write_cassette
from taketwo.cassette.vcrpy.write import vcrpy_json
from taketwo.cassette.volatile.detect import Detector
from taketwo.cassette.volatile.generate import seed_of
from taketwo.config.playback import Playback, Unplayed, manner_of_test, playback_of_test
from taketwo.errors import (
    CassetteError,
    CassetteFormatError,
    CassetteNotFound,
    ConfigError,
    NoMatch,
    RecordingRefused,
)
from taketwo.intercept.cassette import OpenCassette, new_active, opened
from taketwo.network.allowed import Allowed, hosts_left_alone
from taketwo.network.children import Children, watched
from taketwo.network.guard import Closed, network, resolve
from taketwo.playback.active import Activation, ActiveCassette
from taketwo.playback.conversations.router import ConversationRouter
from taketwo.playback.conversations.routing import RoutedConversations
from taketwo.playback.existing import existing_in
from taketwo.playback.frozen import frozen, moment_to_freeze
from taketwo.playback.messages import never_played
from taketwo.playback.modes import Mode
from taketwo.playback.option_names import check_options_of_block
from taketwo.playback.player import play
from taketwo.playback.recorder import Recorder

_JSON = "json"
_OWN = {"record_mode", "cassette_library_dir", "block_network", "serializer"}
"""The options that are read here; the others are those of ``vcr_config``."""


class ScriptCassette:
    """
    The cassette at *path*, with *options* as in ``vcr_config``.

    Opened by :meth:`enter`; after that :meth:`save`, where nothing went wrong, and :meth:`leave` in any case.

    :raises ConfigError: when an option or the project's configuration is wrong.
    :raises CassetteFormatError: when the cassette cannot be read and would be played.
    :raises CassetteBusy: when another process records it, and does not end.
    """

    def __init__(self, path: Path, options: Mapping[str, Any], *, project: Project | None = None) -> None:
        check_options_of_block(options)
        self._path = path
        self._project = project or project_at(Path.cwd())
        self._options = options
        self._stack = ExitStack()
        self._name = self._project.relative(path)
        if (serializer := options.get("serializer", _JSON)) not in {_JSON, "yaml"}:
            raise ConfigError(f"there is no serializer {serializer!r}; there are json and yaml")
        self._owner = script_id(path)
        mode = mode_of(options, self._project.environment)
        self._is_off = mode is None
        self._playback = _playback(options, self._project.config.playback)
        self._moment = DEFAULT_TIME
        manner = manner_of_test(options, self._project.config.conversations)
        found = self._found(mode)
        self._records = mode is not None and mode.records(has_cassette=found is not None)
        self._staging: StagingDir | None = None
        claim = self._claim() if self._records else None
        with ExitStack() as undo:
            undo.callback(self._close_staging, claim)
            own = found if not self._records or mode is Mode.NEW_EPISODES else None
            if self._playback.freeze:
                self._moment = moment_to_freeze(None if own is None else own.time, records=self._records)
            self._player = play(
                own,
                name=self._name,
                test=self._owner,
                redactor=self._project.redactor,
                reveal=self._project.secrets,
                bases=self._project.bases,
                playback=self._playback.with_changed(pace=manner.pace),
                audio=self._project.config.audio,
            )
            self._recorder = self._new_recorder(own)
            self._ws_router = ConversationRouter(self._player, self._recorder, manner)
            self._active = new_active(
                str(path),
                {name: value for name, value in options.items() if name not in _OWN},
                player=self._player,
                recorder=self._recorder,
                configure=None,
            )
            self._active.what = "its block"
            self._children = Children(self._closed, refuses=not self._records)
            self._stack = undo.pop_all()

    def enter(self) -> OpenCassette:
        """
        Lead requests to the cassette from now on; *with* a replay the network is closed.
        """
        if not self._is_off:
            if self._playback.freeze:
                self._stack.enter_context(frozen(self._owner, self._moment))
            self._stack.callback(self._children.close)
            if not self._records and self._options.get("block_network", True):
                closed = self._closed()
                self._active.left_alone = closed.allowed.add
                self._stack.enter_context(network(closed))
            self._stack.enter_context(watched(self._children))
            self._stack.enter_context(RoutedConversations(lambda: self._ws_router))
            self._stack.enter_context(opened(self._active))
        return OpenCassette(self._active, str(self._path))

    def enter_for_others(self) -> tuple[ActiveCassette, ConversationRouter]:
        """
        The same for requests of other processes alone: what there is to ask and to record them with.
        """
        self._stack.enter_context(Activation(self._active))
        return self._active, self._ws_router

    @property
    def records(self) -> bool:
        return self._records

    @property
    def unmatched(self) -> Sequence[str]:
        """
        The messages for requests that found no answer so far.
        """
        return [*map(self._project.redactor.text, self._player.unmatched)]

    def save(self) -> None:
        """
        Write what was recorded in the place of the cassette, now that nothing went wrong.

        :raises NoMatch: when something found no answer, and the code hid it.
        :raises RecordingRefused: when a secret is in it, or a child process asked for what is recorded
            nowhere.
        """
        if self._is_off:
            return
        self._refuse_what_went_wrong()
        if self._recorder is None or self._staging is None:
            return
        self._recorder.finish()
        if self._exchanges or self._conversations:
            promote(self._staged(self._staging), self._path)

    def leave(self) -> None:
        """
        Let requests go where they went before.
        """
        self._stack.close()

    def _found(self, mode: Mode | None) -> Cassette | None:
        """
        The cassette that there is; one that is damaged keeps nobody from recording it again.
        """
        if mode is None:
            return None
        _keep_compiled()
        try:
            return read_cassette(self._path)
        except CassetteFormatError:
            if mode in {Mode.REWRITE, Mode.ALL}:
                return None
            raise

    def _new_recorder(self, own: Cassette | None) -> Recorder | None:
        if not self._records:
            return None
        existing = existing_in(own, self._player.replay) if own else None
        folder = None if self._staging is None else self._staging.open_folder
        return Recorder(existing, quotas=self._project.quotas, folder=folder)

    def _claim(self) -> Claim:
        if self._path.suffix == ".json" and not self._is_json:
            what = "VCR.py's" if is_vcrpy_file(self._path) else "a"
            raise ConfigError(
                f"{self._name} would replace {what} JSON cassette, and recordings are YAML; "
                f'name it {self._path.with_suffix(SUFFIX).name}, or record JSON with serializer="json"'
            )
        try:
            self._staging = StagingDir(self._path.parent, patience=self._project.config.patience)
        except OSError as error:
            raise RecordingRefused(f"nothing can be recorded at {self._name}: {error}") from None
        key = f"{self._path.resolve()} {self._owner}"
        return self._staging.claim(key, cassette=self._name, test=self._owner)

    def _close_staging(self, claim: Claim | None) -> None:
        if claim is not None:
            claim.release()
        if self._staging is not None:
            self._staging.close()

    def _closed(self) -> Closed:
        options, doing = self._options, "recorded" if self._records else "replayed"
        hosts = [
            *self._project.config.allowed_hosts,
            *options.get("allowed_hosts", ()),
            *hosts_left_alone(options),
        ]
        try:
            return Closed(Allowed(hosts, resolve), lambda: f"{self._name} is {doing}")
        except ValueError as error:
            raise ConfigError(f"allowed_hosts: {error}") from None

    def _refuse_what_went_wrong(self) -> None:
        hide = self._project.redactor.text
        if self._player.unmatched:
            problems = "\n\n".join(self._player.unmatched)
            kind = CassetteNotFound if self._player.cassette is None else NoMatch
            raise kind(hide(f"something found no answer, and the code went on:\n{problems}"))
        if self._recorder is not None and self._recorder.refused:
            raise RecordingRefused(hide(self._recorder.refused))
        asked = hide(self._children.take_asked())
        if asked and self._children.refuses:
            raise RecordingRefused(f"{asked}\nwhat a child process asks for is in no cassette")
        if self._recorder is None and self._playback.unplayed is Unplayed.FAIL:
            self._refuse_unplayed()

    def _refuse_unplayed(self) -> None:
        numbers, spoken = self._player.unplayed_numbers, self._ws_router.unplayed
        if numbers or spoken:
            lines = self._player.lines(numbers)
            raise NoMatch(never_played(lines, conversations=spoken, cassette=self._name, test=self._owner))

    @property
    def _exchanges(self) -> list[Exchange]:
        recorder = self._recorder
        if recorder is None:
            return []
        drops, plays = bool(self._options.get("drop_unused_requests")), self._player.plays
        return [
            one
            for number, one in enumerate(recorder.exchanges)
            if number >= recorder.earlier or not drops or number in plays
        ]

    @property
    def _conversations(self) -> list[LiveConversation]:
        known = self._recorder.known_conversations if self._recorder is not None else []
        return [*known, *self._ws_router.conversations]

    def _staged(self, staging: StagingDir) -> Path:
        config, own = self._project.config, self._player.cassette
        head = Cassette(test=self._owner, seed=seed_of(self._owner), time=self._moment)
        new = make_cassette_after(
            self._exchanges,
            head=head,
            # A secret of what was known may have been played as a dummy.
            redactor=self._player.replay.redactor if own else self._project.redactor,
            bases=self._project.bases,
            finder=Detector(config.placeholders),
            conversations=self._conversations,
            audio=config.audio,
        )
        accepted = self._accepted()
        cassette = with_accepted_time(accepted, stabilize(accepted, new.cassette), dump_cassette)
        if self._is_json:
            return staging.stage(self._json(cassette))
        return staging.stage(*write_cassette(cassette))

    @property
    def _is_json(self) -> bool:
        return self._options.get("serializer") == _JSON

    def _json(self, cassette: Cassette) -> str:
        """
        The recording as VCR.py writes it in JSON.

        :raises RecordingRefused: when that form cannot hold it.
        """
        leave = 'take serializer="json" away'
        if cassette.conversations:
            raise RecordingRefused(
                f"{self._name} cannot hold a WebSocket conversation: it is VCR.py's JSON\n{leave}"
            )
        try:
            return vcrpy_json(cassette)
        except CassetteError as error:
            raise RecordingRefused(f"{error}\n{leave}") from None

    def _accepted(self) -> Cassette | None:
        try:
            found = read_cassette(self._path)
        except CassetteFormatError:
            return None
        return found if found is not None and found.tests else None


def _playback(options: Mapping[str, Any], default: Playback) -> Playback:
    given = dict(options)
    if "allow_playback_repeats" in given:
        given.setdefault("repeats", bool(given["allow_playback_repeats"]))
    return playback_of_test(given, default)


@cache
def _keep_compiled() -> None:
    """
    Have the process keep what it compiles of cassettes when it ends, as a run of pytest does.
    """
    atexit.register(save_packs)
