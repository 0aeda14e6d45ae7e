"""
A folder of cassettes: how its files are called, and which ones there are.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

SUFFIX = ".yaml"
PENDING = ".yaml.new"
SUFFIXES = (SUFFIX, ".yml", ".json", ".har")
"""What the names of cassettes end in; new ones are YAML."""

STAGING_DIR = ".taketwo"
"""The folder beside the cassettes where takes wait until their tests have passed."""

_YAML = (SUFFIX, ".yml")
_BEGIN = 4096  # bytes
_JSON_CASSETTE = rb'\A\s*\{(?:[^{}\[\]]*,)?\s*"(?:(?:http_)?interactions"\s*:\s*\[|log"\s*:\s*\{)'
# Texts, which are compiled when a name is first made: every run imports this, and most make none.
_UNSAFE = r"[<>?%*:|\"'/\\\x00-\x1f\ud800-\udfff]"
_MARKED = r"-[0-9a-f]{8}\Z"
# Windows takes these for devices, whatever follows a dot, and drops a dot or a space at the end.
_RESERVED = r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|\Z)|.*[. ]\Z|\Z"
_REPLACED_BY_PYTEST_RECORDING = r"""[<>?%*:|"'/\\]"""
_LONGEST_OF_PYTEST_RECORDING = 255
_LONGEST_DEVICE = 4  # of those that are words
_LONGEST = 200  # bytes; file systems allow 255, and a pending recording adds to the name


@lru_cache(maxsize=10_000)  # asked when a test is collected, and again when it runs
def file_name(test: str) -> str:
    """
    The name of a test's cassette without its suffix; two tests never share one.

    What a file name cannot hold becomes ``-``, and a hash of the whole keeps such names apart, also from
    those that end like one by chance.
    """
    # Most names are words, and no file system has anything against those.
    if _LONGEST_DEVICE < len(test) <= _LONGEST and test.isascii() and test.isidentifier():
        return test
    safe = re.sub(_UNSAFE, "-", test)
    if safe != test or re.search(_MARKED, test) or re.match(_RESERVED, test):
        return _marked(safe, test)
    return short_name(test)


def short_name(name: str) -> str:
    """
    *name*, if a file can have it; one that is too long is cut, and made unique by a hash.
    """
    return name if len(name.encode("utf-8", "surrogatepass")) <= _LONGEST else _marked(name, name)


def _marked(safe: str, test: str) -> str:
    mark = hashlib.sha256(test.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    short = safe.encode("utf-8", "replace")[: _LONGEST - 9].decode("utf-8", "ignore")
    return f"{short}-{mark}"


def name_in_pytest_recording(test: str, suffix: str = SUFFIX) -> str:
    """
    What pytest-recording calls the cassette of the test with that id, with its *suffix*.
    """
    plain = re.sub(_REPLACED_BY_PYTEST_RECORDING, "-", raw_name(test))
    if len(plain) + len(suffix) > _LONGEST_OF_PYTEST_RECORDING:
        mark = hashlib.md5(plain.encode(), usedforsecurity=False).hexdigest()
        plain = f"{plain[: _LONGEST_OF_PYTEST_RECORDING - len(suffix) - len(mark) - 3]}...{mark}"
    return f"{plain}{suffix}"


def raw_name(test: str) -> str:
    """
    The name of the test with that id, behind that of its class.
    """
    head, bracket, parameters = test.partition("[")
    _, *classes, name = head.split("::")
    return f"{classes[-1] + '.' if classes else ''}{name}{bracket}{parameters}"


def failed_recording(path: Path, test: str) -> Path:
    """
    Where a refresh finds what *test* had recorded when it failed; *path* is where its recording would be.
    """
    digest = hashlib.sha256(test.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return path.with_name(f"{path.stem}.failed-{digest}{SUFFIX}")


def find_cassettes(folder: Path) -> Iterator[Path]:
    """
    Every accepted cassette below *folder*, in the order of their paths: also those of VCR.py, whatever they
    end in.
    """
    return map(Path, cassettes_as_texts(folder))


def cassettes_as_texts(folder: Path) -> Iterator[str]:
    """
    The same as texts: at the end of a run each cassette is looked at, and a path takes 5 µs to be made.
    """
    locks = os.path.join(folder, "contracts", "")  # noqa: PTH118 - a text
    return (
        path
        for path in _ending(folder, SUFFIXES)
        if (path.endswith(_YAML) or is_json_cassette(Path(path)))
        and not (path.startswith(locks) and os.sep not in path[len(locks) :])
    )


def is_json_cassette(path: Path) -> bool:
    """
    Whether the JSON file at *path* begins as a cassette does, or a HAR file.
    """
    try:
        with path.open("rb") as file:
            begin = file.read(_BEGIN)
    except OSError:
        return False
    return re.search(_JSON_CASSETTE, begin) is not None


def find_pending(folder: Path) -> Iterator[Path]:
    """
    Every pending file below *folder*, takes and locks alike, in the order of their paths.
    """
    return map(Path, _ending(folder, ".new"))


def _ending(folder: Path, suffix: str | tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for home, folders, names in os.walk(folder):
        if STAGING_DIR in folders:
            folders.remove(STAGING_DIR)
        found += [f"{home}{os.sep}{name}" for name in names if name.endswith(suffix)]
    return sorted(found, key=_parts)  # as paths are sorted


def _parts(path: str) -> list[str]:
    return path.split(os.sep)  # noqa: PTH206 - a path takes 5 µs to be made
