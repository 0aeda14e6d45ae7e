"""
The objects of a store: contents by their SHA-256, compressed with zstd, in whatever fsspec can reach.

An object is written whole or not at all, and two writers of one object write the same, so nobody waits for
another. Where a file system has no such writes, an object is written under another name, and then renamed.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from taketwo.cassette.store.outside import Stored
from taketwo.config.extras import needed_for
from taketwo.config.store import StoreConfig
from taketwo.errors import MissingPackage, StoreError

_FOLDER = "sha256"
_SUFFIX = ".zst"
_PART = ".part"
_BLOCK = 1 << 20
_READ_ONLY = {"http", "https"}
_WRITES_WHOLE = {"abfs", "abfss", "adl", "az", "gcs", "gs", "memory", "s3", "s3a"}
_AGES = ("mtime", "LastModified", "last_modified", "updated", "created")
"""Where the file systems of fsspec say when an object was written."""


class FileSystem(Protocol):
    """
    What is used of a file system of fsspec.
    """

    protocol: str | tuple[str, ...]

    def get_file(self, rpath: str, lpath: str) -> None: ...
    def put_file(self, lpath: str, rpath: str) -> None: ...
    def info(self, path: str) -> Mapping[str, Any]: ...
    def find(self, path: str, *, detail: bool) -> Mapping[str, Mapping[str, Any]]: ...
    def rm_file(self, path: str) -> None: ...
    def mv(self, path1: str, path2: str) -> None: ...
    def makedirs(self, path: str, exist_ok: bool) -> None: ...  # noqa: FBT001 - fsspec's own
    def invalidate_cache(self, path: str | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class StoreObject:
    """
    * ``sha256`` of the content; empty for what a writer that was killed left behind
    * ``size`` of the object, compressed
    * ``written``: None where the store does not say it
    """

    path: str
    sha256: str
    size: int
    written: datetime | None


class ObjectStore:
    """
    The store that *config* names.

    :raises MissingPackage: naming the package that reaches it.
    :raises StoreError: when there is no such kind of store.
    """

    def __init__(self, config: StoreConfig) -> None:
        self._url = config.url
        self._files, self._root = _open(config)
        kinds = self._files.protocol
        self._kinds = {kinds} if isinstance(kinds, str) else set(kinds)

    def refuse_read_only(self, command: str) -> None:
        if self._kinds & _READ_ONLY:
            raise StoreError(
                f"{command} cannot write to {self._url}: a store that is reached by HTTP is read-only\n"
                "name the store itself as [tool.taketwo.store] url where recordings are made"
            )

    def fetch(self, stored: Stored, target: Path) -> None:
        """
        Write the content to *target*, which is a draft: it is there in part when this fails.

        :raises StoreError: when the object is missing, or is not what its name says.
        """
        with _beside(target) as packed, self._reached():
            try:
                self._files.get_file(self._path(stored.sha256), str(packed))
            except FileNotFoundError:
                raise StoreError(f"no object {stored.sha256[:16]}… is in {self._url}") from None
            with packed.open("rb") as source, target.open("wb") as file:
                _unpack(source, file, stored, self._url)

    def put(self, stored: Stored, source: Path) -> int:
        """
        Write the content of *source*; how many bytes it takes there.

        :raises StoreError: when the file is another one by now, or the store refuses it.
        """
        with _draft() as packed:
            with source.open("rb") as file, packed.open("wb") as target:
                _pack(file, target, stored, source)
            with self._reached():
                self._write(packed, self._path(stored.sha256))
            return packed.stat().st_size

    def written(self, sha256: str) -> datetime | None:
        """
        When the object was written; None where there is none, or where the store does not say it.
        """
        with self._reached():
            try:
                return _written(self._files.info(self._path(sha256)))
            except FileNotFoundError:
                return None

    def objects(self) -> Iterator[StoreObject]:
        with self._reached():
            try:
                self._files.invalidate_cache()
                found = self._files.find(f"{self._root}/{_FOLDER}", detail=True)
            except FileNotFoundError:
                return
        for path, info in sorted(found.items()):
            folder, name = path.rsplit("/", 2)[-2:]
            sha256 = f"{folder}{name.removesuffix(_SUFFIX)}" if name.endswith(_SUFFIX) else ""
            yield StoreObject(path, sha256, int(info.get("size") or 0), _written(info))

    def delete(self, one: StoreObject) -> None:
        with self._reached(), suppress(FileNotFoundError):
            self._files.rm_file(one.path)

    def _path(self, sha256: str) -> str:
        return f"{self._root}/{_FOLDER}/{sha256[:2]}/{sha256[2:]}{_SUFFIX}"

    def _write(self, packed: Path, path: str) -> None:
        if self._kinds & _WRITES_WHOLE:
            self._files.put_file(str(packed), path)
            return
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        part = f"{path}.{uuid.uuid4().hex[:12]}{_PART}"
        self._files.put_file(str(packed), part)
        try:
            self._files.mv(part, path)
        except FileExistsError:  # another writer was there before, with the same content
            self._files.rm_file(part)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """
        Name the store where it cannot be reached, or refuses what is asked of it.
        """
        try:
            yield
        except StoreError:
            raise
        except Exception as error:  # each file system of fsspec has errors of its own
            what = f"{type(error).__name__}: {error}".strip(": ")
            raise StoreError(
                f"{self._url} cannot be used: {what}\n"
                "its address is [tool.taketwo.store] url; credentials come from the environment"
            ) from error


def _open(config: StoreConfig) -> tuple[FileSystem, str]:
    with needed_for("a store outside of the repository"):
        import fsspec.core  # noqa: PLC0415 - of an extra

        _zstd()
    try:
        files, root = fsspec.core.url_to_fs(config.url, **config.options)
    except ImportError as error:
        raise MissingPackage(f"{config.url} needs a package that is not installed: {error}") from None
    except (ValueError, TypeError) as error:
        raise StoreError(f"[tool.taketwo.store] url {config.url} cannot be used: {error}") from None
    return files, str(root).rstrip("/")


def _zstd() -> Any:  # noqa: ANN401 - one module under two names
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415 - of an extra
    else:
        from backports import zstd  # noqa: PLC0415 - of an extra
    return zstd


def _pack(source: BinaryIO, target: BinaryIO, stored: Stored, name: Path) -> None:
    digest = hashlib.sha256()
    with _zstd().ZstdFile(target, "wb") as packed:
        while block := source.read(_BLOCK):
            digest.update(block)
            packed.write(block)
    if digest.hexdigest() != stored.sha256:
        raise StoreError(f"{name} changed while it was pushed; run the same command again")


def _unpack(source: BinaryIO, target: BinaryIO, stored: Stored, url: str) -> None:
    """
    Never more than the size in the lock file is written, whatever the object unpacks to.
    """
    zstd, digest, size = _zstd(), hashlib.sha256(), 0
    try:
        with zstd.ZstdFile(source, "rb") as packed:
            while size <= stored.size and (block := packed.read(min(_BLOCK, stored.size - size + 1))):
                digest.update(block)
                size += len(block)
                target.write(block)
    except (zstd.ZstdError, EOFError):
        size = -1
    if Stored(digest.hexdigest(), size) != stored:
        raise StoreError(
            f"the object {stored.sha256[:16]}… in {url} is damaged: its content is not what store.lock names"
        )


def _written(info: Mapping[str, Any]) -> datetime | None:
    found = next((info[name] for name in _AGES if info.get(name)), None)
    if isinstance(found, datetime):
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    if isinstance(found, int | float):
        return datetime.fromtimestamp(found, UTC)
    if isinstance(found, str):
        with suppress(ValueError):
            parsed = datetime.fromisoformat(found)
            return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return None


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    path = target.with_name(f"{target.name}{_SUFFIX}")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _draft() -> Iterator[Path]:
    descriptor, name = tempfile.mkstemp(prefix="taketwo-", suffix=_SUFFIX)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
