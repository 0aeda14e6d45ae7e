"""
The reading of cassettes' YAML: safe, and with errors that name the place.

What our own writer wrote is read by :mod:`taketwo.cassette.yaml_canonical`. Anything else is
left to :mod:`taketwo.cassette.yaml_any`, which brings PyYAML with it.
"""

from __future__ import annotations

from taketwo.cassette.model import JsonValue
from taketwo.cassette.yaml_canonical import read_canonical
from taketwo.cassette.yaml_writing import dump_yaml
from taketwo.errors import CassetteFormatError

__all__ = ["MAX_BYTES", "dump_yaml", "load_yaml"]

MAX_BYTES = 64 * 1024 * 1024


def load_yaml(text: str, *, name: str) -> JsonValue:
    """
    The plain data that *text* means.

    :raises CassetteFormatError: with *name*, line and reason.
    """
    if len(text) > MAX_BYTES:
        raise CassetteFormatError(f"{name}: the file is larger than {MAX_BYTES // 1024 // 1024} MiB")
    canonical = read_canonical(text)
    if canonical is not None:
        return canonical
    from taketwo.cassette.yaml_any import read_any  # noqa: PLC0415 - slow to import, and seldom needed

    return read_any(text, name=name)
