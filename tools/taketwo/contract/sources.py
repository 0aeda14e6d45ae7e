"""
Contracts that a service does not show itself: in a file, at an address, among the data of a package.

How a document is downloaded is the caller's: this module gets a function and knows no HTTP client.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract
from taketwo.errors import ContractError

if TYPE_CHECKING:
    from taketwo.config.services import ContractSource

#: Gets the document at an address: its status and its body.
Download: TypeAlias = Callable[[str], tuple[int, bytes]]

_OK: Final = 200
_DIGITS: Final = 12


def read_source(
    source: ContractSource, *, service: str, kind: Kind, root: Path, download: Download | None = None
) -> Contract:
    """
    The contract of *service* in a *source*; a relative file is one of the project in *root*.

    :raises ContractError: when there is none, or another one than the source promises.
    """
    try:
        text = _content(source, root, download)
        return Contract.parse(text, service=service, kind=kind)
    except ContractError as error:
        raise ContractError(f"cannot read the {kind} contract of {service}: {source}: {error}") from None


def _content(source: ContractSource, root: Path, download: Download | None) -> bytes:
    if source.url:
        if download is None:
            raise ContractError("nothing is downloaded here\ngive a file")
        return _downloaded(source, download)
    return _read(_in_package(source) if source.package else root / source.file)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ContractError(f"{path} cannot be read: {error.strerror}\ncorrect the path") from None


def _in_package(source: ContractSource) -> Path:
    """
    A file of an installed package, by the name that is imported or the one that is installed; no code of it
    runs.
    """
    name = source.package
    spec = importlib.util.find_spec(name) if name.isidentifier() else None
    folders = [Path(folder) for folder in (spec and spec.submodule_search_locations) or ()]
    try:
        folders.append(Path(str(importlib.metadata.distribution(name).locate_file(""))))
    except importlib.metadata.PackageNotFoundError:
        if not folders:
            raise ContractError(f"package {name} is not installed\ninstall it: pip install {name}") from None
    found = [folder / source.path for folder in folders]
    return next((path for path in found if path.is_file()), found[0])


def _downloaded(source: ContractSource, download: Download) -> bytes:
    status, body = download(source.url)
    if status != _OK:
        raise ContractError(f"status {status}\ncorrect the address")
    found = hashlib.sha256(body).hexdigest()
    if source.sha256 and found != source.sha256.lower():
        raise ContractError(
            f"its sha256 is {found}, expected {source.sha256[:_DIGITS]}…: another document than before\n"
            "look at what changed, then put the new sha256 into pyproject.toml"
        )
    return body
