"""
Where a recording or a lock may be put when a file from elsewhere names the place.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from taketwo.cassette.store.names import SUFFIX
from taketwo.config.project import Config
from taketwo.contract.locks import lock_names


def is_place_of_recording(config: Config, name: str) -> bool:
    """
    Whether a cassette or a lock of the project can be at *name*, a path from the root of the project.

    Nothing outside of the cassettes, nothing hidden, and nothing behind a symbolic link.
    """
    path = PurePosixPath(name)
    if not path.parts or "\0" in name or path.is_absolute():
        return False
    if any(part.startswith(".") for part in path.parts):
        return False
    place = config.root / path
    if not place.parent.resolve().is_relative_to(config.cassettes.resolve()) or place.is_symlink():
        return False
    if place.parent.resolve() == config.locks.resolve():
        return place.name in {name for service in config.services for name in lock_names(service)}
    return place.suffix == SUFFIX
