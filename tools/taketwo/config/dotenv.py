"""
The project's ``.env``: environment variables that are read before anything else.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path

from dotenv import dotenv_values

from taketwo.errors import ConfigError


def read_dotenv(file: Path, environment: MutableMapping[str, str]) -> list[str]:
    """
    Set in *environment* what *file* says and the environment does not; the result names these variables.

    :raises ConfigError: when the file cannot be read; the message quotes nothing of it.
    """
    try:
        values = dotenv_values(file, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{file} cannot be read: {reason}") from None
    new = {name: value for name, value in values.items() if value is not None and name not in environment}
    environment.update(new)
    return list(new)
