"""
``[tool.taketwo]`` of a project's ``pyproject.toml``, read once into frozen values.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, TypeVar

from taketwo.audio_rules import HIGHEST_RATE, LOWEST_RATE, MOST_CHANNELS, AudioRule
from taketwo.errors import ConfigError
from taketwo.rules import PlaceholderType, Rule, check_pattern, parse_path

_NOTHING: Mapping[str, str] = MappingProxyType({})
_NO_TABLE: dict[str, object] = {}
_NO_TABLES: list[object] = []
_CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
_ADDRESS = re.compile(r"https?://[^/\s?#]+")
_SEVERITIES = {"breaking", "dangerous", "off", "safe"}
_T = TypeVar("_T")
_E = TypeVar("_E", bound=Enum)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractPaths:
    """
    Where a service shows each kind of its contract; None where it has none of the kind.

    *content* are the beginnings of paths that name a definition, ``/content/{definition}``; without any, each
    step of a path may be the name of one.
    """

    graphql: str | None = None
    openapi: str | None = None
    definitions: str | None = None
    content: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """
    What in the environment starts a service, and what keeps it from being started: ``NAME=value`` each.
    """

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceConfig:
    """
    One ``[tool.taketwo.services.<name>]``.

    * ``command`` starts it; ``{port}`` is replaced, and a first word ``python`` is the interpreter in use
    * ``health`` is polled until it answers 2xx, for at most ``startup`` seconds
    * ``reset`` is posted before each recorded test
    * ``address`` names the environment variable that points to a service which already runs
    * ``environment`` and ``secrets`` are given to the service and to the code under test alike;
      ``{url}`` is where the service listens. The values of ``secrets`` never reach a cassette
    * ``headers`` go with the requests for contract and reset; ``{NAME}`` is one of ``secrets``
    * ``url`` is the name under which recordings know the service, whatever its port is today
    * ``tests`` are the files and folders of tests (with ``*``, as in a shell) that need the service, relative
      to ``root``; without any, every test does. It is started when the first of them is recorded
    * ``autostart`` are switches, ``NAME=value`` of the environment: with one of ``on`` the service is started
      as soon as anything is recorded; with one of ``off`` it never is, and one that runs already is used
    * ``health_address`` names the environment variable that says what is polled instead of ``health``
    """

    name: str
    command: tuple[str, ...]
    health: str = "/"
    reset: str | None = None
    contract: ContractPaths = field(default_factory=ContractPaths)
    address: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    startup: float = 30.0
    url: str = ""
    tests: tuple[str, ...] = ()
    autostart: Switches = field(default_factory=Switches)
    health_address: str | None = None


class Check(Enum):
    """
    What is done about a cassette that is not as it should be.

    * ``OFF``: nobody looks
    * ``WARN``: it is told at the end of the run
    * ``FAIL``: its test fails, or the run where it has none
    """

    OFF = "off"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractConfig:
    """
    ``[tool.taketwo.contract]``: *check* is what a replay does about cassettes that contradict their locks;
    *rules* give another severity to the ids of changes, or ``off``, by patterns such as ``*-deprecation-*``.
    """

    check: Check = Check.FAIL
    rules: Mapping[str, str] = field(default_factory=dict)


class Order(Enum):
    """
    When a recorded interaction may be played.

    * ``ANY``: whenever it is asked for; equal requests get their answers in recorded order
    * ``RECORDED``: when all that were recorded before it have been played
    """

    ANY = "any"
    RECORDED = "recorded"


class Unplayed(Enum):
    """
    What becomes of a test that passes, and did not ask for all that is recorded.

    * ``ALLOW``: nothing
    * ``REPORT``: it is told at the end of the run
    * ``FAIL``: it fails
    """

    ALLOW = "allow"
    REPORT = "report"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Playback:
    """
    How strictly a cassette is played; with ``repeats`` the last answer to equal requests is given again.
    """

    order: Order = Order.ANY
    repeats: bool = False
    unplayed: Unplayed = Unplayed.REPORT


class Pace(Enum):
    """
    When a recorded frame is given to the client.

    * ``FAST``: as soon as it may be
    * ``RECORDED``: at the time at which it came when it was recorded
    """

    FAST = "fast"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """
    How conversations are replayed.

    A client that waits for what cannot come may do so for ``patience`` seconds, and as long as it thought
    when it was recorded.
    """

    pace: Pace = Pace.FAST
    patience: float = 3.0  # for the way round that a message takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """
    What a project wants of the toolkit.

    * ``root`` is the folder of ``pyproject.toml``; the other folders are absolute
    * ``secrets`` names environment variables whose values never reach a cassette, beside those of the
      services and those whose name says that they are secret
    * ``redact`` names headers, query parameters and JSON members that hold secrets, beside the usual ones
    * ``playback``: how strictly cassettes are played where a test does not say it
    * ``conversations``: how those over WebSockets are replayed where a test does not say it
    * ``patience``: the seconds that one waits for another process that records the same cassette
    * ``audio``: what raw audio is where nothing beside it tells
    * ``placeholders`` find what the services mint, beside what can be told by its looks
    * ``unused``, ``missing``: what is done about cassettes that no test uses, or that a test has not
    """

    root: Path
    cassettes: Path
    tests: Path
    services: Mapping[str, ServiceConfig]
    secrets: tuple[str, ...] = ()
    redact: tuple[str, ...] = ()
    playback: Playback = Playback()
    conversations: Manner = Manner()
    patience: float = 30.0
    audio: tuple[AudioRule, ...] = ()
    placeholders: tuple[Rule, ...] = ()
    contract: ContractConfig = field(default_factory=ContractConfig)
    unused: Check = Check.WARN
    missing: Check = Check.WARN

    @property
    def locks(self) -> Path:
        """
        The folder of the contract locks.
        """
        return self.cassettes / "contracts"


def load_config(root: Path) -> Config | None:
    """
    The configuration of the project at *root*, or None when it has no ``[tool.taketwo]``.

    :raises ConfigError: naming every mistake at once.
    """
    file = root / "pyproject.toml"
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from None
    tools = document.get("tool")
    table = tools.get("taketwo") if isinstance(tools, dict) else None
    return None if table is None else parse_config(table, root=root)


def parse_config(table: object, *, root: Path) -> Config:
    """
    The configuration that the table ``[tool.taketwo]`` describes.

    :raises ConfigError: naming every mistake at once.
    """
    reader = _Reader(table, "tool.taketwo")
    services = reader.take("services", _tables, _NO_TABLE)
    config = Config(
        root=root,
        cassettes=root / reader.take("cassettes", _string, "cassettes"),
        tests=root / reader.take("tests", _string, "tests"),
        secrets=reader.take("secrets", _strings, ()),
        redact=reader.take("redact", _strings, ()),
        playback=_playback(reader.take),
        conversations=_conversations(reader.take("conversations", _table, _NO_TABLE), reader),
        patience=reader.take("patience", _seconds, 30.0),
        audio=_audio(reader),
        unused=reader.take("unused", _check, Check.WARN),
        missing=reader.take("missing", _check, Check.WARN),
        placeholders=_rules(reader),
        services={name: _service(name, table, reader) for name, table in services.items()},
        contract=_contract(reader.take("contract", _table, _NO_TABLE), reader),
    )
    reader.finish()
    return config


def _contract(table: object, parent: _Reader) -> ContractConfig:
    reader = _Reader(table, f"{parent.where}.contract", parent.mistakes)
    config = ContractConfig(
        check=reader.take("check", _check, Check.FAIL), rules=reader.take("rules", _severities, _NOTHING)
    )
    reader.report_unknown()
    return config


def _rules(parent: _Reader) -> tuple[Rule, ...]:
    tables = parent.take("placeholders", _list_of_tables, _NO_TABLES)
    rules = [_rule(number, table, parent) for number, table in enumerate(tables, 1)]
    return tuple(rule for rule in rules if rule is not None)


def _rule(number: int, table: object, parent: _Reader) -> Rule | None:
    reader = _Reader(table, f"tool.taketwo.placeholders[{number}]", parent.mistakes)
    mistakes = len(parent.mistakes)
    kind = reader.take("type", _placeholder_type, None)
    path = reader.take("path", _placeholder_path, "")
    pattern = reader.take("pattern", _placeholder_pattern, "")
    if not reader.has("type"):
        reader.mistake(f"has no type; the types are {', '.join(each.value for each in PlaceholderType)}")
    if not reader.has("path") and not reader.has("pattern"):
        reader.mistake("has neither a path nor a pattern, so it finds nothing")
    reader.report_unknown()
    return Rule(kind, path, pattern) if kind and len(parent.mistakes) == mistakes else None


def _audio(parent: _Reader) -> tuple[AudioRule, ...]:
    tables = parent.take("audio", _list_of_audio, _NO_TABLES)
    rules = [_audio_rule(number, table, parent) for number, table in enumerate(tables, 1)]
    return tuple(rule for rule in rules if rule is not None)


def _audio_rule(number: int, table: object, parent: _Reader) -> AudioRule | None:
    reader = _Reader(table, f"tool.taketwo.audio[{number}]", parent.mistakes)
    mistakes = len(parent.mistakes)
    rule = AudioRule(
        rate=reader.take("rate", _rate, 0),
        channels=reader.take("channels", _channels, 1),
        path=reader.take("path", _path, ""),
        content_type=reader.take("content_type", _content_type, ""),
    )
    if not reader.has("rate"):
        reader.mistake("has no rate, such as 24000")
    if not reader.has("path") and not reader.has("content_type"):
        reader.mistake("has neither a path nor a content_type, so it finds nothing")
    reader.report_unknown()
    return rule if len(parent.mistakes) == mistakes else None


def _conversations(table: object, parent: _Reader) -> Manner:
    reader = _Reader(table, f"{parent.where}.conversations", parent.mistakes)
    manner = _manner(reader.take)
    reader.report_unknown()
    return manner


def manner_of_test(options: Mapping[str, object], default: Manner) -> Manner:
    """
    How a test's own options want its conversations replayed, and *default* for the rest.

    :raises ConfigError: naming every mistake at once.
    """
    return _of_test(options, lambda take: _manner(take, default))


def playback_of_test(options: Mapping[str, object], default: Playback) -> Playback:
    """
    The strictness that a test's own options ask for, and that of *default* for the rest.

    :raises ConfigError: naming every mistake at once.
    """
    return _of_test(options, lambda take: _playback(take, default))


def _of_test(options: Mapping[str, object], read: Callable[[_Take], _T]) -> _T:
    reader = _Reader(dict(options), "vcr")
    found = read(reader.take)
    if reader.mistakes:
        raise ConfigError("\n".join(["this test cannot be played as it asks:", *sorted(reader.mistakes)]))
    return found


class _Take(Protocol):
    def __call__(self, key: str, read: Callable[[object], _T], default: _T, /) -> _T: ...


def _playback(take: _Take, default: Playback = Playback()) -> Playback:
    """
    The strictness that *take* gives, key by key, and that of *default* for the rest.
    """
    return Playback(
        order=take("order", _order, default.order),
        repeats=take("repeats", _boolean, default.repeats),
        unplayed=take("unplayed", _unplayed, default.unplayed),
    )


def _manner(take: _Take, default: Manner = Manner()) -> Manner:
    return Manner(
        pace=take("pace", _pace, default.pace), patience=take("patience", _seconds, default.patience)
    )


def _service(name: str, table: object, parent: _Reader) -> ServiceConfig:
    reader = _Reader(table, f"tool.taketwo.services.{name}", parent.mistakes)
    contract = _Reader(
        reader.take("contract", _table, _NO_TABLE), f"{reader.where}.contract", parent.mistakes
    )
    switches = _Reader(
        reader.take("autostart", _table, _NO_TABLE), f"{reader.where}.autostart", parent.mistakes
    )
    config = ServiceConfig(
        name=name,
        command=reader.take("command", _strings, ()),
        health=reader.take("health", _path, "/"),
        reset=reader.take("reset", _path, None),
        contract=ContractPaths(
            graphql=contract.take("graphql", _path, None),
            openapi=contract.take("openapi", _path, None),
            definitions=contract.take("definitions", _path, None),
            content=contract.take("content", _strings, ()),
        ),
        address=reader.take("address", _string, None),
        environment=reader.take("environment", _string_table, _NOTHING),
        secrets=reader.take("secrets", _string_table, _NOTHING),
        headers=reader.take("headers", _string_table, _NOTHING),
        startup=reader.take("startup", _seconds, 30.0),
        url=reader.take("url", _address, f"http://{name}.test").rstrip("/"),
        tests=reader.take("tests", _strings, ()),
        autostart=Switches(on=switches.take("on", _switches, ()), off=switches.take("off", _switches, ())),
        health_address=reader.take("health_address", _string, None),
    )
    if not reader.has("command") and not reader.has("address"):
        reader.mistake("has neither a command that starts it nor an address of one that runs")
    contract.report_unknown()
    switches.report_unknown()
    reader.report_unknown()
    return config


class _Reader:
    """
    Takes typed values out of a table, and keeps every mistake for one report.
    """

    def __init__(self, table: object, where: str, mistakes: list[str] | None = None) -> None:
        self.where = where
        self.mistakes: list[str] = [] if mistakes is None else mistakes
        self._known: list[str] = []
        self._table: dict[str, object] = {}
        if isinstance(table, dict):
            self._table = table
        else:
            self.mistake(f"is {_kind(table)}, expected a table")

    def take(self, key: str, read: Callable[[object], _T], default: _T) -> _T:
        self._known.append(key)
        if key not in self._table:
            return default
        try:
            return read(self._table[key])
        except ValueError as error:
            self.mistakes.append(f"{self.where}.{key} is {_kind(self._table[key])}, expected {error}")
            return default

    def has(self, key: str) -> bool:
        """
        Whether there is something to take; a value of the wrong kind is reported by itself.
        """
        return self._table.get(key, []) != []

    def mistake(self, text: str) -> None:
        self.mistakes.append(f"{self.where} {text}")

    def report_unknown(self) -> None:
        for key in self._table.keys() - set(self._known):
            near = get_close_matches(key, self._known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(self._known))}"
            self.mistakes.append(f"{self.where}.{key} is not known; {hint}")

    def finish(self) -> None:
        self.report_unknown()
        if self.mistakes:
            raise ConfigError("\n".join(["pyproject.toml cannot be used:", *sorted(self.mistakes)]))


def _string(value: object) -> str:
    if isinstance(value, str) and value:
        return value
    raise ValueError("a text that is not empty")


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("true or false")


def _order(value: object) -> Order:
    return _member(value, Order)


def _pace(value: object) -> Pace:
    return _member(value, Pace)


def _unplayed(value: object) -> Unplayed:
    return _member(value, Unplayed)


def _member(value: object, members: type[_E]) -> _E:
    known = {str(member.value): member for member in members}
    if isinstance(value, str) and value in known:
        return known[value]
    raise ValueError(f"one of {', '.join(known)}, and not {value!r}")


def _path(value: object) -> str:
    if isinstance(value, str) and value.startswith("/"):
        return value
    raise ValueError("a path that starts with /")


def _rate(value: object) -> int:
    return _between(value, LOWEST_RATE, HIGHEST_RATE)


def _channels(value: object) -> int:
    return _between(value, 1, MOST_CHANNELS)


def _between(value: object, lowest: int, highest: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
        return value
    raise ValueError(f"one from {lowest} to {highest}, and not {value!r}")


def _content_type(value: object) -> str:
    if isinstance(value, str) and _CONTENT_TYPE.fullmatch(value):
        return value.lower()
    raise ValueError("a type such as audio/pcm, without parameters")


def _address(value: object) -> str:
    if isinstance(value, str) and _ADDRESS.match(value):
        return value
    raise ValueError("an address such as http://name.test")


def _seconds(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    raise ValueError("a number of seconds above 0")


def _strings(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ValueError("a list of texts")


def _switches(value: object) -> tuple[str, ...]:
    try:
        switches = _strings(value)
    except ValueError:
        switches = ("",)
    if all(name and sign for name, sign, _ in (switch.partition("=") for switch in switches)):
        return switches
    raise ValueError("a list of texts such as NAME=value")


def _table(value: object) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    raise ValueError("a table")


def _tables(value: object) -> dict[str, object]:
    table = _table(value)
    if all(isinstance(item, dict) for item in table.values()):
        return table
    raise ValueError("one table for each service")


def _list_of_tables(value: object) -> list[object]:
    return _each_a_table(value, "placeholders")


def _list_of_audio(value: object) -> list[object]:
    return _each_a_table(value, "audio")


def _each_a_table(value: object, name: str) -> list[object]:
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    raise ValueError(f"a list of tables, each [[tool.taketwo.{name}]]")


def _placeholder_type(value: object) -> PlaceholderType:
    known = {each.value: each for each in PlaceholderType}
    if isinstance(value, str) and value in known:
        return known[value]
    near = get_close_matches(str(value), known, n=1)
    raise ValueError(f"one of {', '.join(known)}" + (f"; did you mean {near[0]}?" if near else ""))


def _placeholder_path(value: object) -> str:
    return _sound(_string(value), parse_path)


def _placeholder_pattern(value: object) -> str:
    return _sound(_string(value), check_pattern)


def _sound(text: str, check: Callable[[str], object]) -> str:
    try:
        check(text)
    except ValueError as error:
        raise ValueError(f"{error}; it is {text!r}") from None
    return text


def _string_table(value: object) -> Mapping[str, str]:
    table = _table(value)
    texts = {key: item for key, item in table.items() if isinstance(item, str)}
    if len(texts) == len(table):
        return MappingProxyType(texts)
    raise ValueError("a table of texts")


def _check(value: object) -> Check:
    if isinstance(value, str) and value in {check.value for check in Check}:
        return Check(value)
    raise ValueError("off, warn or fail")


def _severities(value: object) -> Mapping[str, str]:
    table = _string_table(value)
    if set(table.values()) <= _SEVERITIES:
        return table
    raise ValueError("a table of off, safe, dangerous or breaking for each id of a change")


def _kind(value: object) -> str:
    kinds = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "a table",
    }
    return kinds.get(type(value), "a date or a time")
