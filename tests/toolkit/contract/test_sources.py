"""
Contracts that a service does not show itself: in a file, at an address, in a package.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from taketwo.config.services import ContractSource
from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract
from taketwo.contract.sources import read_source
from taketwo.errors import ContractError

DOCUMENT = b"openapi: 3.1.0\npaths: {}\n"
SHA256 = hashlib.sha256(DOCUMENT).hexdigest()


def answering(status: int = 200, body: bytes = DOCUMENT) -> Callable[[str], tuple[int, bytes]]:
    def download(url: str) -> tuple[int, bytes]:
        assert url == "https://shop.test/openapi.yaml"
        return status, body

    return download


def no_download(url: str) -> tuple[int, bytes]:
    raise AssertionError(url)


def read(
    source: ContractSource, root: Path, download: Callable[[str], tuple[int, bytes]] = no_download
) -> Contract:
    return read_source(source, service="shop", kind=Kind.OPENAPI, root=root, download=download)


def test_a_file_is_one_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_bytes(DOCUMENT)

    assert read(ContractSource(file="openapi.yaml"), tmp_path).document() == {"openapi": "3.1.0", "paths": {}}


def test_a_package_is_named_as_it_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "shop_client_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('nothing of it runs')")
    (package / "openapi.json").write_bytes(b'{"openapi": "3.1.0"}')
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    contract = read(ContractSource(package="shop_client_of_a_test", path="openapi.json"), tmp_path / "none")

    assert contract.document() == {"openapi": "3.1.0"}


def test_a_package_is_named_as_it_is_installed(tmp_path: Path) -> None:
    source = ContractSource(package="graphql-core", path="graphql/no.json")

    with pytest.raises(ContractError, match=r"graphql/no\.json cannot be read: No such file"):
        read(source, tmp_path)


def test_a_document_may_be_pinned(tmp_path: Path) -> None:
    pinned = ContractSource(url="https://shop.test/openapi.yaml", sha256=SHA256.upper())

    assert read(pinned, tmp_path, answering()).document() == {"openapi": "3.1.0", "paths": {}}


@pytest.mark.parametrize(
    ("source", "download", "message"),
    [
        (
            ContractSource(url="https://shop.test/openapi.yaml", sha256="0" * 64),
            answering(),
            (
                f"https://shop.test/openapi.yaml: its sha256 is {SHA256}, expected 000000000000…: "
                "another document than before"
            ),
        ),
        (
            ContractSource(url="https://shop.test/openapi.yaml"),
            answering(404, b"no"),
            "https://shop.test/openapi.yaml: status 404",
        ),
        (
            ContractSource(url="https://shop.test/openapi.yaml"),
            answering(200, b"<html>"),
            "https://shop.test/openapi.yaml: the document is not a JSON object",
        ),
        (
            ContractSource(package="no-such-package-of-ours", path="openapi.json"),
            no_download,
            (
                "openapi.json of package no-such-package-of-ours: "
                "package no-such-package-of-ours is not installed"
            ),
        ),
    ],
)
def test_a_source_without_the_contract_says_what_is_wrong(
    tmp_path: Path, source: ContractSource, download: Callable[[str], tuple[int, bytes]], message: str
) -> None:
    with pytest.raises(ContractError) as caught:
        read(source, tmp_path, download)

    assert str(caught.value).partition("\n")[0] == f"cannot read the openapi contract of shop: {message}"
