"""
Contracts that are written in YAML, read as the JSON that they stand for.

Imported where a text is no JSON, and not before: most contracts are JSON, and a replay reads locks alone.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Final

import yaml

from taketwo.contract.canonical import Json

_MOST_NODES: Final = 5_000_000
_Base: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _JsonLoader(_Base):  # type: ignore[misc,valid-type]  # the fast loader where libyaml is there
    """
    YAML 1.2 with the types of JSON: ``no`` and ``2026-01-01`` are texts, as authors of contracts mean them.
    """

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - as the base has it


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _JsonLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})\\Z"), list(_first)
    )


def parse_yaml(text: str | bytes) -> Json:
    """
    The JSON that the YAML in *text* means.

    :raises ValueError: for what is no YAML, or stands for nothing that JSON can say.
    """
    try:
        return _Plain().of(yaml.load(text, Loader=_JsonLoader))  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None
    except RecursionError:
        raise ValueError("it is nested too deep to be read") from None


class _Plain:
    """
    Copies what was read, so that an alias is a value of its own, up to a size that no person writes.
    """

    def __init__(self) -> None:
        self._nodes = 0

    def of(self, value: object) -> Json:
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise ValueError(f"it has more than {_MOST_NODES} values")
        if isinstance(value, dict):
            return {self._key(key): self.of(member) for key, member in value.items()}
        if isinstance(value, list):
            return [self.of(item) for item in value]
        if value is None or isinstance(value, str | int | float):
            return value
        raise ValueError(f"{value!r} has no equivalent in JSON")

    def _key(self, key: Hashable) -> str:
        if isinstance(key, bool) or key is None:
            return {True: "true", False: "false", None: "null"}[key]
        return str(key)
