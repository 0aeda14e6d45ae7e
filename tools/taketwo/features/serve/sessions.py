"""
One client's replay: the players of its cassettes, what they answered and what was left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.model import JsonValue, LiveRequest, LiveResponse
from taketwo.cassette.secrets.redact import Redactor
from taketwo.config.audio import AudioRule
from taketwo.config.playback import Manner, Order, Playback, Unplayed
from taketwo.errors import CassetteNotFound, NoMatch
from taketwo.features.serve.addresses import Addresses, named_origins, socket_url
from taketwo.features.serve.catalog import Served
from taketwo.playback.conversations.player import ConversationPlayer
from taketwo.playback.conversations.router import ConversationRouter
from taketwo.playback.player import Player, incoming_request, play

_MOST_LISTED = 12
_AGAIN = (
    "to play recordings more than once: taketwo serve --repeats; "
    "to play them from the beginning for each client: POST /__taketwo/sessions"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """
    How cassettes are replayed: what the configuration of the project and the command say.
    """

    redactor: Redactor
    reveal: Mapping[str, str]
    bases: Mapping[str, str] = field(default_factory=dict)
    audio: Sequence[AudioRule] = ()
    playback: Playback = field(default_factory=Playback)
    manner: Manner = field(default_factory=Manner)


@dataclass(frozen=True, slots=True)
class Play:
    """
    One cassette of one session.
    """

    served: Served
    player: Player
    conversations: ConversationRouter

    @property
    def played(self) -> int:
        return len(self.player.plays) + len(self.conversations.opened)

    @property
    def unplayed(self) -> list[str]:
        """
        What was never asked for, a line each.
        """
        lines = self.player.lines(self.player.unplayed_numbers)
        count = self.conversations.unplayed
        what = "a WebSocket conversation" if count == 1 else f"{count} WebSocket conversations"
        return [*lines, *([f"{what} not opened, or not played to the end"] if count else [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """
    What a session came to: how much was played, what was not, by cassette, and what found no answer.
    """

    session: str
    test: str
    played: int
    unplayed: Mapping[str, Sequence[str]]
    untouched: int
    unmatched: Sequence[str]
    fails_unplayed: bool

    @property
    def is_clean(self) -> bool:
        return not self.unmatched and not (self.fails_unplayed and (self.unplayed or self.untouched))

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "session": self.session,
            "test": self.test,
            "played": self.played,
            "unplayed": {name: list(lines) for name, lines in self.unplayed.items()},
            "untouched_cassettes": self.untouched,
            "unmatched": list(self.unmatched),
            "passed": self.is_clean,
        }

    def lines(self) -> Iterator[str]:
        left = sum(map(len, self.unplayed.values()))
        about = f" ({self.test})" if self.test else ""
        yield (
            f"session {self.session}{about}: {self.played} played, {left} not played, "
            f"{len(self.unmatched)} without an answer"
        )
        for name, lines in self.unplayed.items():
            yield f"  {name} holds more than was asked for:"
            yield from (f"    - {line}" for line in lines[:_MOST_LISTED])
            if len(lines) > _MOST_LISTED:
                yield f"    - and {len(lines) - _MOST_LISTED} more"
        if self.untouched:
            more = "cassette was" if self.untouched == 1 else "cassettes were"
            yield f"  {self.untouched} further {more} not asked for anything"


class Session:
    """
    *served*, replayed for one client; *addresses* are those by which it reaches them.
    """

    def __init__(
        self, name: str, served: Sequence[Served], rules: Rules, addresses: Addresses, *, test: str = ""
    ) -> None:
        self.name = name
        self.test = test
        self.addresses = addresses
        self.origins = tuple(dict.fromkeys(origin for one in served for origin in one.origins))
        self._rules = rules
        self._unknown: list[str] = []
        self._bases = {self.base(origin): origin for origin in self.origins}
        self.plays = [self._play(one) for one in served]

    def base(self, origin: str) -> str:
        """
        The base URL under which the client reaches *origin*.
        """
        return self.addresses.base(origin, self.name, self.origins)

    def answer(
        self, request: LiveRequest, host: str, *, waits: bool = False
    ) -> tuple[LiveResponse | None, str]:
        """
        What was recorded for *request*, whose ``url`` is a path, and the origin it was recorded from.

        With *waits* the client has not sent its body yet, and is to send it when there is no answer.

        :raises NoMatch: with the message of the cassette that is nearest.
        """
        asked = self._asked(request, host)
        for one, origin in asked:
            wanted = _at(request, origin)
            find = one.player.find_refusal if waits else one.player.find
            number = find(incoming_request(wanted))
            if number is not None:
                return one.player.response(number), origin
        if waits:
            return None, ""
        raise self._refusal(request, host, asked)

    def converse(self, path: str, host: str) -> ConversationPlayer:
        """
        The recorded conversation that a WebSocket to *path* opens.

        :raises NoMatch: when there is none.
        """
        asked = [(one, socket_url(origin, path)) for one in self.plays for origin in self._named(one, host)]
        for one, url in asked:
            found = one.conversations.find(url)
            if found is not None:
                return found
        if not asked:
            raise self._no_host(host, f"GET {path}")
        speaking = [pair for pair in asked if pair[0].served.cassette.conversations] or asked
        one, url = speaking[0]
        raise one.conversations.refuse(url)

    def rewind(self) -> None:
        """
        Play everything from the beginning again.
        """
        self._unknown.clear()
        for one in self.plays:
            one.player.rewind()
            one.player.unmatched.clear()
            one.conversations.rewind()

    def report(self) -> Report:
        touched = [one for one in self.plays if one.played or len(self.plays) == 1]
        hide = self._rules.redactor.text
        unmatched = [*self._unknown, *(line for one in self.plays for line in one.player.unmatched)]
        return Report(
            session=self.name,
            test=self.test,
            played=sum(one.played for one in self.plays),
            unplayed={one.served.name: [*map(hide, one.unplayed)] for one in touched if one.unplayed},
            untouched=len(self.plays) - len(touched),
            unmatched=[*map(hide, unmatched)],
            fails_unplayed=self._rules.playback.unplayed is Unplayed.FAIL,
        )

    def _play(self, served: Served) -> Play:
        rules = self._rules
        player = play(
            served.cassette,
            name=served.name,
            test=self.test or served.test,
            redactor=rules.redactor,
            reveal=rules.reveal,
            bases=BaseUrls({**self._bases, **rules.bases}),
            playback=rules.playback.with_changed(pace=rules.manner.pace),
            audio=rules.audio,
        )
        return Play(served, player, ConversationRouter(player, None, rules.manner))

    def _asked(self, request: LiveRequest, host: str) -> list[tuple[Play, str]]:
        """
        Who may have the answer, and from which origin: the likeliest cassettes first.
        """
        asked = [(one, origin) for one in self.plays for origin in self._named(one, host)]
        if len(asked) > 1:
            asked.sort(key=lambda pair: not pair[0].served.is_likely(request.method, request.url))
        return asked

    def _named(self, one: Play, host: str) -> Sequence[str]:
        return named_origins(one.served.origins, host) if host else one.served.origins

    def _refusal(
        self, request: LiveRequest, host: str, asked: Sequence[tuple[Play, str]]
    ) -> NoMatch | CassetteNotFound:
        if not asked:
            return self._no_host(host, f"{request.method} {request.url.partition('?')[0]}")
        wanted = [(one.player, _at(request, origin)) for one, origin in asked]
        distances = [player.nearness(one) for player, one in wanted]
        player, nearest = wanted[distances.index(min(distances))]
        refusal = player.refuse(nearest)
        is_used_up = not any(min(distances)) and self._rules.playback.order is Order.ANY
        return type(refusal)(f"{refusal}\n{_AGAIN}") if is_used_up else refusal

    def _no_host(self, host: str, line: str) -> NoMatch:
        message = (
            f"no cassette of this session holds anything from {host}, and the client sent {line}\n"
            f"there are recordings from {', '.join(self.origins)}"
        )
        self._unknown.append(message)
        return NoMatch(message)


def _at(request: LiveRequest, origin: str) -> LiveRequest:
    return LiveRequest(
        method=request.method, url=f"{origin}{request.url}", headers=request.headers, body=request.body
    )
