"""Email addresses: what is one, and whose it is."""

from __future__ import annotations

import re

from bot.actions.conditions import field_contains
from bot.errors import InvalidValueError
from bot.mesh import Content, Mesh

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def require_email(text: str) -> str:
    """
    The address as it is stored: without capitals, which no mailbox tells apart, and spaces around it.
    """
    email = text.strip().lower()
    if not _EMAIL.fullmatch(email):
        raise InvalidValueError(f"this is no email address: {text!r}")
    return email


async def row_by_email(mesh: Mesh, content_type: str, email: str) -> Content | None:
    """
    A row with this address, however its capitals were written.
    """
    # Mesh can only say that an address contains another one: ann@x.test is also found in joann@x.test.
    async for row in mesh.rows(content_type, where=field_contains("email", email)):
        if str(row.get("email")).strip().lower() == email:
            return row
    return None
