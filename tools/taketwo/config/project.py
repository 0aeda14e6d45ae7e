"""
The whole of ``[tool.taketwo]``, and the file that has it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from taketwo.config.kinds import boolean, days, judged_values, seconds, text, texts
from taketwo.config.tables import Table
from taketwo.errors import ConfigError
from taketwo.value import Value

if TYPE_CHECKING:
    from taketwo.config.audio import AudioRule
    from taketwo.config.contract import Check, ContractConfig
    from taketwo.config.placeholders import Rule
    from taketwo.config.playback import Manner, Playback, ReplayRules
    from taketwo.config.prices import Price
    from taketwo.config.services import ServiceConfig
    from taketwo.config.store import StoreConfig
    from taketwo.config.volatile import VolatileConfig


class Config(Value):
    """
    What a project wants of the toolkit.

    * ``root`` is the folder of ``pyproject.toml``; the other folders are absolute
    * ``secrets`` names environment variables whose values never reach a cassette, beside those of the
      services and those with a name that only secrets have
    * ``redact`` says what is secret beside the usual: names of headers, parameters and members, paths,
      ``cookie:NAME`` and ``/pattern/``
    * ``keep`` says what is no secret: names, paths, ``cookie:NAME`` and ``/pattern/`` of values
    * ``dotenv`` is a file of environment variables that is read first, None to read none; a variable that
      is already set keeps its value
    * ``own_rules``: how cassettes are played and judged, None where it says nothing of that
    * ``patience``: how many seconds to wait for another process that records the same cassette
    * ``audio``: the format of raw audio that no header describes
    * ``placeholders`` find volatile values that have no known form
    * ``volatile``: what the catalogue of volatile values has more, or less, than usual
    * ``allowed_hosts`` may be reached whatever is replayed; without ``block_network``, whatever has no
      cassette reaches every host
    * ``prices`` are those of the tokens of language models
    * ``store``: where what is not in the repository is kept
    * ``max_age``: after how many days a cassette is old, 0 for never
    """

    root: Path
    cassettes: Path
    tests: Path
    services: Mapping[str, ServiceConfig]
    secrets: tuple[str, ...] = ()
    redact: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    dotenv: Path | None = None
    own_rules: ReplayRules | None = None
    patience: float = 30.0
    audio: tuple[AudioRule, ...] = ()
    placeholders: tuple[Rule, ...] = ()
    volatile: VolatileConfig | None = None
    allowed_hosts: tuple[str, ...] = ()
    block_network: bool = True
    prices: tuple[Price, ...] = ()
    store: StoreConfig | None = None
    max_age: float = 0.0

    @cached_property
    def rules(self) -> ReplayRules:
        """
        How cassettes are played and judged.
        """
        from taketwo.config.playback import ReplayRules  # noqa: PLC0415 - a run without cassettes asks for none

        return self.own_rules or ReplayRules()

    @property
    def playback(self) -> Playback:
        return self.rules.playback

    @property
    def conversations(self) -> Manner:
        return self.rules.conversations

    @property
    def contract(self) -> ContractConfig:
        return self.rules.contract

    @property
    def unused(self) -> Check:
        return self.rules.unused

    @property
    def missing(self) -> Check:
        return self.rules.missing

    @property
    def locks(self) -> Path:
        """
        The folder of the contract locks.
        """
        return self.cassettes / "contracts"


def load_config(root: Path) -> Config | None:
    """
    The configuration of the project at *root*, or None when it has no ``[tool.taketwo]``.

    :raises ConfigError: listing every mistake.
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

    :raises ConfigError: listing every mistake.
    """
    reader = Table(table, "tool.taketwo")
    config = _read(reader, root)
    reader.refuse_unknown()
    reader.refuse_mistakes("pyproject.toml cannot be used:")
    return config


def _read(table: Table, root: Path) -> Config:
    secrets: tuple[str, ...] = table.take("secrets", texts, ())
    return Config(
        root=root,
        cassettes=root / table.take("cassettes", text, "cassettes"),
        tests=root / table.take("tests", text, "tests"),
        secrets=secrets,
        dotenv=_dotenv(table, root),
        redact=table.take("redact", judged_values, ()),
        keep=table.take("keep", judged_values, ()),
        patience=table.take("patience", seconds, 30.0),
        audio=_audio(table.listed("audio")),
        allowed_hosts=table.take("allowed_hosts", texts, ()),
        block_network=table.take("block_network", boolean, default=True),
        placeholders=_placeholders(table.listed("placeholders")),
        volatile=_volatile(table),
        prices=_prices(table),
        store=_store(table),
        max_age=table.take("max_age", days, 0.0),
        services=_services(table.named("services", expected="one table for each service"), secrets),
        own_rules=_rules(table),
    )


def _services(tables: Mapping[str, Table], secrets: Sequence[str]) -> Mapping[str, ServiceConfig]:
    if not tables:
        return {}
    from taketwo.config.services import read_service  # noqa: PLC0415 - many projects have none

    return {name: read_service(name, service, secrets=secrets) for name, service in tables.items()}


def _dotenv(table: Table, root: Path) -> Path | None:
    name = table.take("dotenv", _file_or_false, ".env")
    if not name:
        return None
    file = root / name
    if not file.resolve().is_relative_to(root.resolve()):
        table.mistake_at(
            "dotenv", f"leads outside of the project, to {file.resolve()}; name a file in it, or false"
        )
        return None
    if table.has("dotenv") and not file.is_file():
        table.mistake_at("dotenv", f"names {name}, and there is no such file; false reads none")
    return file


def _file_or_false(value: object) -> str:
    """
    The name of a file; empty for none.
    """
    if value is False:
        return ""
    if isinstance(value, str) and value:
        return value
    raise ValueError("the path of a file in the project, or false")


def _audio(tables: Sequence[Table]) -> tuple[AudioRule, ...]:
    if not tables:
        return ()
    from taketwo.config.audio import (  # noqa: PLC0415 - every test run reads this, few have any
        read_audio_rule,
    )

    return tuple(read_audio_rule(table) for table in tables)


def _placeholders(tables: Sequence[Table]) -> tuple[Rule, ...]:
    if not tables:
        return ()
    from taketwo.config.placeholders import read_rule  # noqa: PLC0415 - as above

    return tuple(read_rule(table) for table in tables)


def _prices(table: Table) -> tuple[Price, ...]:
    tables = table.named("prices", expected="one table for each model")
    if not tables:
        return ()
    from taketwo.config.prices import read_prices  # noqa: PLC0415 - as above

    return read_prices(tables)


def _volatile(table: Table) -> VolatileConfig | None:
    inside = table.table("volatile")
    if not table.has("volatile"):
        return None
    from taketwo.config.volatile import read_volatile  # noqa: PLC0415 - as above

    return read_volatile(inside)


def _rules(table: Table) -> ReplayRules | None:
    """
    Last, since whatever is left may be one of them.
    """
    if not table.has_more:
        return None
    from taketwo.config.playback import read_rules  # noqa: PLC0415 - as above

    return read_rules(table)


def _store(table: Table) -> StoreConfig | None:
    inside = table.table("store")
    if not table.has("store"):
        return None
    from taketwo.config.store import read_store  # noqa: PLC0415 - as above

    return read_store(inside)
