"""Ids: what is one, who is meant by one, and those that follow from what they are for."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID, uuid5

from bot.errors import InvalidValueError

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)

# Those who have not signed in write under one id, which every bot knows.
ANONYMOUS: Final = "00000000-0000-0000-0000-000000000099"
# Written down once: another one would give every user and every share a second row.
_NAMESPACE: Final = UUID("6d1e9a0c-5c1b-4b0e-9a53-2f1f6f0c7a11")


def is_id(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def require_ids(**ids: str) -> None:
    """
    Refuse what Mesh could not take for an id, by the name of the argument.
    """
    for name, given in ids.items():
        if not is_id(given):
            raise InvalidValueError(f"{name} is not a UUID: {given!r}")


def person(user_id: str) -> str:
    """
    The id that a user's content is kept under: the user's own, or that of all who are anonymous.
    """
    if user_id == "anonymous":
        return ANONYMOUS
    require_ids(user_id=user_id)
    return user_id.lower()


def derived_id(kind: str, *of: str) -> str:
    """
    The same id for the same thing, so that two who create it at once cannot both succeed.

    Only of what is known from outside: an id that follows from one that Mesh made could not be replayed.
    """
    return str(uuid5(_NAMESPACE, "\n".join((kind, *of))))
