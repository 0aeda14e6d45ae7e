"""
Locks on the disk: what is written, what is left alone, what a failure leaves behind.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract, Contracts
from taketwo.contract.locks import PENDING, discard_locks, read_locks, write_locks
from taketwo.errors import ContractError


def contracts(*, sdl: str = "type Query { a: Int }", definitions: str = "{}") -> Contracts:
    return Contracts(
        service="mesh",
        documents=(
            Contract.parse(sdl, service="mesh", kind=Kind.GRAPHQL),
            Contract.parse(definitions, service="mesh", kind=Kind.DEFINITIONS),
        ),
    )


def content_of(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


@contextmanager
def full_disk(*, after: int) -> Iterator[None]:
    """
    No file of this process can grow beyond *after* bytes.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (after, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_lock_is_the_canonical_text(tmp_path: Path) -> None:
    written = write_locks(tmp_path / "contracts", contracts())

    assert [path.name for path in written] == ["mesh.definitions.json", "mesh.graphql"]
    assert content_of(tmp_path / "contracts") == {
        "mesh.definitions.json": "{}\n",
        "mesh.graphql": "type Query {\n  a: Int\n}\n",
    }


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    write_locks(tmp_path, contracts())

    assert read_locks(tmp_path, "mesh") == contracts()


def test_writing_what_was_read_changes_nothing(tmp_path: Path) -> None:
    write_locks(tmp_path, contracts())
    before = [(path.stat().st_ino, path.stat().st_mtime_ns) for path in sorted(tmp_path.iterdir())]

    assert write_locks(tmp_path, read_locks(tmp_path, "mesh")) == ()
    after = [(path.stat().st_ino, path.stat().st_mtime_ns) for path in sorted(tmp_path.iterdir())]
    assert after == before


def test_only_the_file_that_changed_is_written(tmp_path: Path) -> None:
    write_locks(tmp_path, contracts())

    written = write_locks(tmp_path, contracts(definitions='{"Notes": {}}'))

    assert written == (tmp_path / "mesh.definitions.json",)


def test_the_lock_of_a_contract_that_is_gone_is_deleted(tmp_path: Path) -> None:
    write_locks(tmp_path, contracts())
    left = Contracts(service="mesh", documents=contracts().documents[:1])

    write_locks(tmp_path, left)

    assert read_locks(tmp_path, "mesh") == left


def test_the_locks_of_another_service_are_left_alone(tmp_path: Path) -> None:
    write_locks(tmp_path, contracts())

    write_locks(tmp_path, Contracts(service="chorus"))

    assert read_locks(tmp_path, "mesh") == contracts()


def test_without_locks_there_are_no_contracts(tmp_path: Path) -> None:
    assert read_locks(tmp_path / "nowhere", "mesh") == Contracts(service="mesh")


def test_a_pending_lock_waits_beside_the_accepted_one(tmp_path: Path) -> None:
    write_locks(tmp_path, contracts())
    changed = contracts(sdl="type Query { b: Int }")

    written = write_locks(tmp_path, changed, suffix=PENDING)

    assert [path.name for path in written] == ["mesh.definitions.json.new", "mesh.graphql.new"]
    assert read_locks(tmp_path, "mesh") == contracts()
    assert read_locks(tmp_path, "mesh", suffix=PENDING) == changed


def test_pending_locks_can_be_discarded(tmp_path: Path) -> None:
    write_locks(tmp_path, contracts())
    accepted = content_of(tmp_path)
    write_locks(tmp_path, contracts(sdl="type Query { b: Int }"), suffix=PENDING)

    discard_locks(tmp_path, "mesh", suffix=PENDING)

    assert content_of(tmp_path) == accepted


@pytest.mark.parametrize("content", [b"", b"type Query {", b"\xff\xfe"])
def test_a_damaged_lock_is_refused_with_its_path_and_what_to_type(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mesh.graphql"
    path.write_bytes(content)

    with pytest.raises(ContractError) as caught:
        read_locks(tmp_path, "mesh")

    first, second = str(caught.value).splitlines()[0], str(caught.value).splitlines()[-1]
    assert first.startswith(f"the lock {path} cannot be read: this is not ")
    assert second == (f"restore it (git checkout -- {path}), or delete it and write it anew: taketwo refresh")


def test_a_full_disk_leaves_every_old_lock_and_no_rest(tmp_path: Path) -> None:
    write_locks(tmp_path, contracts())
    before = content_of(tmp_path)
    bigger = contracts(
        sdl="type Query { b: Int }",
        definitions='{"Notes": {"properties": {"title": {"type": "string", "maxLength": 1}}}}',
    )

    with full_disk(after=60), pytest.raises(ContractError, match=r"cannot be written: .*File too large"):
        write_locks(tmp_path, bigger)

    assert content_of(tmp_path) == before
