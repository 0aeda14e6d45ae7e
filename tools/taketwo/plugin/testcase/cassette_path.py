"""
The file of a test's cassette: where it is written, and where an older one of VCR.py may lie.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from taketwo.cassette.model import Cassette
from taketwo.cassette.store.names import SUFFIX, short_name
from taketwo.cassette.store.read import is_vcrpy_file, owners_of, read_cassette, read_text
from taketwo.config.project import Config
from taketwo.plugin.testcase.default_path import cassette_folder, default_name, raw_name, within

# How pytest-recording makes file names of test names, and where it puts the files.
_REPLACED_BY_PYTEST_RECORDING = r"""[<>?%*:|"'/\\]"""
_LONGEST_OF_PYTEST_RECORDING = 255
_FOLDER_OF_PYTEST_RECORDING = "cassettes"
_JSON = ".json"

Translate = Callable[[str], str]
"""Makes a cassette of VCR.py, as it writes them by itself, of one in another form."""

_NOTHING: Mapping[str, Translate] = {}


class CassettePath:
    """
    * ``path``: where the cassette is written, and looked for first
    * *older* gives where pytest-recording would have one of VCR.py; few tests have to ask
    * ``further``: cassettes that are played too, and never written
    * *foreign*: how to read those of *older* that a serializer of the project wrote, by the suffix
    """

    __slots__ = ("_foreign", "_found", "_is_looked_for", "_older", "further", "path")

    def __init__(
        self,
        path: Path,
        *,
        older: Callable[[], Sequence[Path]] = tuple,
        further: tuple[Path, ...] = (),
        foreign: Mapping[str, Translate] = _NOTHING,
    ) -> None:
        self.path = path
        self.further = further
        self._older = older
        self._foreign = foreign
        self._found: Path | None = None
        self._is_looked_for = False

    @property
    def found(self) -> Path | None:
        """
        The cassette that there was when it was first looked for.
        """
        if not self._is_looked_for:
            self._found = self.path if self.path.is_file() else self._found_there()
            self._is_looked_for = True
        return self._found

    def read(self) -> Cassette | None:
        """
        The cassette that there is.

        :raises CassetteFormatError: naming file, place and reason.
        """
        cassette = read_cassette(self.path)
        if cassette is not None:
            self._found, self._is_looked_for = self.path, True
            return cassette
        return self._read_there()

    def _read_there(self) -> Cassette | None:
        path = self._found_there()
        self._found, self._is_looked_for = path, True
        if path is None:
            return None
        translate = self._foreign.get(path.suffix)
        if translate is None:
            return read_cassette(path)
        from taketwo.cassette.vcrpy.read import load_vcrpy  # noqa: PLC0415 - it imports PyYAML

        return load_vcrpy(translate(read_text(path) or ""), name=str(path))

    def _found_there(self) -> Path | None:
        return next((path for path in self._older() if self._is_theirs(path)), None)

    def _is_theirs(self, path: Path) -> bool:
        if path.suffix in self._foreign:
            return path.is_file()
        # What was converted names no test, and keeps the name that it had.
        return is_vcrpy_file(path) or owners_of(path) == ("",)


def cassette_path(
    item: pytest.Item,
    config: Config,
    *,
    folder: Path,
    name: str,
    serializer: str = "yaml",
    translate: Translate | None = None,
    further: Sequence[str] = (),
) -> CassettePath:
    """
    The place of a test's cassette of that *name* in *folder*.

    Further ones are paths in it, or absolute; what *serializer* wrote is read by *translate*.
    """
    suffix = _JSON if serializer == "json" else SUFFIX
    home, _, last = name.removesuffix(suffix).removesuffix(SUFFIX).rpartition("/")

    def older() -> list[Path]:
        folders = [folder]
        if folder == cassette_folder(item.path, config):
            folders.append(item.path.parent / _FOLDER_OF_PYTEST_RECORDING / item.path.stem)
        found = (base / old for base in folders for old in _names_in_pytest_recording(item, name, serializer))
        return [one for one in dict.fromkeys(found) if one != path]

    path = within(folder, home) / f"{short_name(last)}{suffix}"
    if suffix == _JSON and not path.is_file() and owners_of(path.with_suffix(SUFFIX)):
        path = path.with_suffix(SUFFIX)  # which an earlier release wrote
    return CassettePath(
        path,
        older=older,
        further=tuple(_named(folder / one) for one in dict.fromkeys(further)),
        foreign={f".{serializer}": translate} if translate else _NOTHING,
    )


def _names_in_pytest_recording(item: pytest.Item, name: str, serializer: str) -> Iterator[str]:
    raw = raw_name(item) if name == default_name(item) else name
    plain = re.sub(_REPLACED_BY_PYTEST_RECORDING, "-", raw) if name == default_name(item) else name
    for kind in dict.fromkeys((serializer, "yaml", "json")):
        counted = kind if kind == serializer != "yaml" else SUFFIX  # its length is what they count
        if len(plain) + len(counted) > _LONGEST_OF_PYTEST_RECORDING:
            mark = hashlib.md5(plain.encode(), usedforsecurity=False).hexdigest()
            plain = f"{plain[: _LONGEST_OF_PYTEST_RECORDING - len(counted) - len(mark) - 3]}...{mark}"
        yield plain if plain.endswith(f".{kind}") else f"{plain}.{kind}"


def _named(path: Path) -> Path:
    return (
        path
        if path.suffix and path.is_file()
        else path.with_name(f"{path.name.removesuffix(SUFFIX)}{SUFFIX}")
    )
