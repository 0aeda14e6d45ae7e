"""What an action cannot do without."""

from __future__ import annotations

from bot.errors import InvalidValueError


def require_text(**values: str | None) -> None:
    """
    Refuse text without anything in it, by the name of the argument; None is text that was not given.
    """
    for name, value in values.items():
        if value is not None and not value.strip():
            raise InvalidValueError(f"{name} is empty")


def given(**values: object) -> dict[str, object]:
    """
    Those of the values that are there.
    """
    return {name: value for name, value in values.items() if value is not None}
