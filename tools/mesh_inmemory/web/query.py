"""
The query string, read strictly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from mesh_inmemory.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEFAULT_LIMIT: Final = 25
_NUMBER: Final = re.compile(r"\s*\+?(\d{1,10})(?:\.\d*)?\s*")
_LARGEST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Query:
    values: Mapping[str, Sequence[str]]

    @classmethod
    def read(cls, text: bytes) -> Query:
        try:
            values = parse_qs(
                text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100
            )
        except ValueError:
            raise BadRequestError("The query string is not valid UTF-8 text", code="BAD_QUERY") from None
        if any("\0" in value for listed in values.values() for value in listed):
            raise BadRequestError("The query string contains the character U+0000", code="BAD_QUERY")
        return cls(values)

    def all(self, name: str) -> Sequence[str]:
        return self.values.get(name, ())

    def first(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)

    @property
    def where(self) -> str:
        listed = self.all("where")
        if len(listed) > 1:
            raise BadRequestError("where must be a JSON object", code="BAD_WHERE")
        return listed[0] if listed else ""

    @property
    def limit(self) -> int | None:
        """
        How many rows to return; 0 asks for all.
        """
        return self._number("limit", DEFAULT_LIMIT) or None

    @property
    def offset(self) -> int:
        return self._number("offset", 0)

    def _number(self, name: str, default: int) -> int:
        text = self.first(name)
        if not text:
            return default
        found = _NUMBER.fullmatch(text)
        if found is None or int(found[1]) > _LARGEST:
            raise BadRequestError(f"{name} must be a number from 0 to {_LARGEST}", code=f"BAD_{name.upper()}")
        return int(found[1])
