"""
What the server is told from outside, read once.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chorus_tts.errors import StartupError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_KEY: Final = "test-key"
LONGEST_TEXT: Final = 5000


class Engines(Enum):
    """
    Which engines are loaded.

    * SMALL: the small English voice alone, whatever else is installed
    * KOKORO: Kokoro alone; without its weights the server does not start
    * AUTO: the small voice, and Kokoro where its weights are installed or named
    """

    SMALL = "small"
    KOKORO = "kokoro"
    AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class KokoroFiles:
    """
    Files of the full model that are used instead of the installed packages.
    """

    model: Path | None = None
    voices: Path | None = None

    @property
    def named(self) -> bool:
        return self.model is not None or self.voices is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    host: str = "127.0.0.1"
    port: int = 8000
    engines: Engines = Engines.AUTO
    threads: int = 1
    longest_text: int = LONGEST_TEXT
    body_timeout: float = 30.0
    log_level: str = "info"
    kokoro: KokoroFiles = KokoroFiles()
    keys: frozenset[str] = field(default=frozenset({DEFAULT_KEY}), repr=False)


def keys_from(environment: Mapping[str, str]) -> frozenset[str]:
    """
    The keys that open the door, separated by commas.
    """
    named = environment.get("API_KEYS") or DEFAULT_KEY
    return frozenset(key for part in named.split(",") if (key := part.strip()))


def kokoro_from(environment: Mapping[str, str]) -> KokoroFiles:
    return KokoroFiles(
        model=_existing(environment, "KOKORO_MODEL_PATH"), voices=_existing(environment, "KOKORO_VOICES_PATH")
    )


def processors() -> int:
    """
    How many threads may run at once, where the system tells.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _existing(environment: Mapping[str, str], name: str) -> Path | None:
    value = environment.get(name)
    if not value:
        return None
    path = Path(value).expanduser()
    if not path.exists():
        raise StartupError(f"{name} names {value}, which does not exist; correct it, or unset it")
    return path
