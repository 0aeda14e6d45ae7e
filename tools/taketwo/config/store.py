"""
``[tool.taketwo.store]``: where recordings are kept that are not in the repository.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlsplit

from taketwo.config.kinds import kind_of, table
from taketwo.config.tables import Table

LARGER_THAN = 100_000
"""Bytes of the largest file that stays in the repository, where the project does not say it."""

Option = str | int | bool

_WHERE = "the store's own client reads them from the environment"
_NO_OPTIONS: Mapping[str, Option] = MappingProxyType({})
_LARGEST = 2**40
_URL = re.compile(r"[a-z][a-z0-9+.-]*://.+", re.IGNORECASE)
_SECRET = re.compile(r"(?:^|_)(?:key|password|passwd|secret|token|credentials?|sas)(?:$|_)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreConfig:
    """
    * ``url`` is one of fsspec: ``s3://bucket/folder``, ``file:///mnt/recordings``
    * ``larger_than``: files of more bytes are kept there
    * ``options`` are those of fsspec's file system, without credentials
    """

    url: str
    larger_than: int = LARGER_THAN
    options: Mapping[str, Option] = field(default_factory=dict)


def read_store(inside: Table) -> StoreConfig:
    url = inside.take("url", _url, "")
    if not inside.has_key("url"):
        inside.mistake("needs a url, such as s3://bucket/recordings")
    return StoreConfig(
        url=url,
        larger_than=inside.take("larger_than", _size, LARGER_THAN),
        options=inside.take("options", _options, _NO_OPTIONS),
    )


def _url(value: object) -> str:
    if not isinstance(value, str) or not _URL.fullmatch(value):
        raise ValueError("a URL such as s3://bucket/recordings or file:///mnt/recordings", kind_of(value))
    try:
        parts = urlsplit(value)
    except ValueError:
        raise ValueError("a URL such as s3://bucket/recordings", "one that cannot be read") from None
    if parts.password is not None or parts.query:
        raise ValueError(f"a URL without credentials; {_WHERE}", "one with a password or a query")
    return value.rstrip("/")


def _size(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST:
        return value
    raise ValueError("a number of bytes, 0 for every file", kind_of(value))


def _options(value: object) -> Mapping[str, Option]:
    found = table(value)
    options = {name: one for name, one in found.items() if isinstance(one, str | int | bool)}
    if len(options) != len(found):
        raise ValueError("a table of strings, numbers and booleans")
    secret = next((name for name in options if _SECRET.search(name)), None)
    if secret is not None:
        raise ValueError(f"options without credentials; {_WHERE}", f"the option {secret}")
    return MappingProxyType(options)
