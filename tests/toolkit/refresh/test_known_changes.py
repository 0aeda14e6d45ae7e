"""
What differs between two large contracts is found once.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from taketwo.config.contract import ContractConfig
from taketwo.contract.canonical import JsonObject
from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract, Contracts
from taketwo.refresh.known_changes import LARGE, known_changes, known_service_changes


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("TAKETWO_CACHE", str(folder))
    return folder


def contract(*paths: str, size: int = LARGE) -> Contract:
    operations: JsonObject = {path: {"get": {"responses": {"200": {"description": "ok"}}}} for path in paths}
    document: JsonObject = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1", "description": "d" * size},
        "paths": operations,
    }
    return Contract.from_document(document, service="shop", kind=Kind.OPENAPI)


def test_what_was_found_before_is_not_looked_for_again(cache: Path) -> None:
    old, new = contract("/a", "/b"), contract("/a")
    first = known_changes(old, new, ContractConfig())
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes().replace(b"was removed", b"was read from the cache"))

    second = known_changes(old, new, ContractConfig())

    assert [one.id for one in first] == [one.id for one in second] == ["operation-removed"]
    assert "was read from the cache" in second[0].message


def test_what_is_kept_is_what_was_found(cache: Path) -> None:
    old, new = contract("/a", "/b"), contract("/a", "/c")

    assert known_changes(old, new, ContractConfig()) == known_changes(old, new, ContractConfig())
    assert len([*cache.iterdir()]) == 1


def test_another_contract_is_compared_anew(cache: Path) -> None:
    known_changes(contract("/a", "/b"), contract("/a"), ContractConfig())

    (change,) = known_changes(contract("/a", "/c"), contract("/a"), ContractConfig())

    assert change.coordinate == "GET /c"
    assert len([*cache.iterdir()]) == 2


@pytest.mark.parametrize(
    "content", [b"", b"[[1]]", b'[["a", "b", "worse", "c", "openapi", "", ""]]', b"\xff"]
)
def test_a_damaged_file_is_as_if_there_were_none(cache: Path, content: bytes) -> None:
    old, new = contract("/a", "/b"), contract("/a")
    first = known_changes(old, new, ContractConfig())
    (kept,) = cache.iterdir()
    kept.write_bytes(content)

    assert known_changes(old, new, ContractConfig()) == first


def test_small_contracts_leave_nothing(cache: Path) -> None:
    known_changes(contract("/a", "/b", size=1), contract("/a", size=1), ContractConfig())

    assert not cache.exists()


def test_the_contracts_of_a_service_are_compared_once_too(cache: Path) -> None:
    old, new = (Contracts(service="shop", documents=(contract(*paths),)) for paths in (("/a", "/b"), ("/a",)))

    found = [known_service_changes(old, new, ContractConfig()) for _ in range(2)]

    assert [[one.id for one in each] for each in found] == [["operation-removed"]] * 2
    assert len([*cache.iterdir()]) == 1
