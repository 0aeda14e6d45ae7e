"""
What the environment and the file ``.env`` say, and how a value that cannot be used is reported.

A reader that finds a mistake adds a sentence to *problems*, so that a user learns of all of them at once.
"""

from __future__ import annotations

import ipaddress
import json
import math
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

from dotenv import dotenv_values

from bot.errors import SettingsError

DOTENV = Path(".env")


def read_values(environ: Mapping[str, str] | None, dotenv: Path) -> dict[str, str]:
    """
    The process's environment, or *environ*, over the file *dotenv*; without the spaces around each value.

    A variable that is set to nothing still hides the file's. Nothing is remembered between calls.
    """
    given = os.environ if environ is None else environ
    return {name: (value or "").strip() for name, value in {**_from_file(dotenv), **given}.items()}


def read_url(
    name: str, values: Mapping[str, str], problems: list[str], *, schemes: Collection[str] = ("http", "https")
) -> str:
    """
    An address without the slash at its end; empty when there is none, or none that can be used.
    """
    given = values.get(name, "")
    if not given or (problem := _url_problem(given, schemes)) is None:
        return given.rstrip("/")
    problems.append(f"{name} {problem}")
    return ""


def read_secret(name: str, values: Mapping[str, str], problems: list[str]) -> str:
    given = values.get(name, "")
    if not (given.isascii() and given.isprintable()):
        problems.append(f"{name} cannot be sent as a header: it holds something other than printable ASCII")
    return given


def read_seconds(
    name: str, values: Mapping[str, str], problems: list[str], *, default: float = 10.0
) -> float:
    given = values.get(name)
    if not given:
        return default
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        problems.append(f"{name} must be a number of seconds above 0, not {given!r}")
    return seconds


def is_local(url: str) -> bool:
    """
    Whether *url* is of this machine.
    """
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def settings_error(problems: Iterable[str], secrets: Iterable[str | None]) -> SettingsError:
    """
    The error that tells every mistake, and no secret.
    """
    hidden = list(secrets)
    return SettingsError(tuple(mask(problem, hidden) for problem in problems))


def mask(text: str, secrets: Iterable[str | None]) -> str:
    """
    *text* without the secrets, however it spells them.
    """
    spellings = {spelling for secret in secrets if secret for spelling in _spellings(secret)}
    # The longest first: one secret may be the beginning of the other.
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, "***")
    return text


def _from_file(dotenv: Path) -> dict[str, str | None]:
    try:
        return dotenv_values(dotenv)
    except (OSError, UnicodeDecodeError) as error:
        # The chain would carry the file's bytes, secrets included.
        raise SettingsError((f"{dotenv} cannot be read: {type(error).__name__}",)) from None


def _url_problem(given: str, schemes: Collection[str]) -> str | None:
    try:
        parts = urlsplit(given)
        usable = parts.scheme in schemes and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if "@" in given:
        return "must not hold a user name or password"
    if not usable or not given.isascii() or not given.isprintable() or any(c in given for c in " ?#"):
        kinds = " or ".join(f"{scheme}://" for scheme in schemes)
        return f"must be a plain {kinds} address, not {given!r}"
    return None


def _spellings(secret: str) -> tuple[str, ...]:
    return (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1])
