"""
Where one text cannot hold a cassette, the largest bodies are in files beside it, and mean the same.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from taketwo.cassette.match import fingerprint
from taketwo.cassette.model import (
    BinaryBody,
    Cassette,
    Conversation,
    Direction,
    Frame,
    Interaction,
    JsonBody,
    JsonStyle,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.store.names import find_cassettes
from taketwo.cassette.store.read import read_cassette
from taketwo.cassette.store.staging import StagingDir, promote
from taketwo.cassette.text import writer
from taketwo.cassette.text.writer import write_cassette
from taketwo.errors import CassetteFormatError, RecordingRefused

ASKED = JsonBody({"rows": [f"row {number}" for number in range(800)], "id": "<uuid:1>"}, JsonStyle.SPACED)
SAID = JsonBody({"say": ["word"] * 1000})
SHORT = JsonBody({"say": "short"})
HEARD = TextBody("a line <uuid:1>\n" * 500)
BYTES = BinaryBody(bytes(range(256)) * 2)
OPENING = StoredRequest(method="GET", url="ws://shop.test/")
CASSETTE = Cassette(
    test="test_shop.py::test_many",
    interactions=(
        Interaction(
            StoredRequest(method="POST", url="http://shop.test/", body=ASKED), StoredResponse(status=200)
        ),
        Interaction(
            StoredRequest(method="POST", url="http://shop.test/", body=BYTES), StoredResponse(status=204)
        ),
    ),
    conversations=(
        Conversation(
            request=OPENING,
            response=StoredResponse(status=101),
            frames=(
                Frame(direction=Direction.SEND, at=1, body=SAID, is_binary=True),
                Frame(direction=Direction.SEND, at=2, body=SHORT),
                Frame(direction=Direction.RECEIVE, at=3, body=HEARD, fragments=(1000, 7000)),
            ),
        ),
    ),
)


@pytest.fixture(autouse=True)
def room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "ROOM", 3000)


def stored(cassette: Cassette, folder: Path) -> Path:
    staging = StagingDir(folder)
    promote(staging.stage(*write_cassette(cassette)), folder / "test_many.yaml")
    staging.close()
    return folder / "test_many.yaml"


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix == ".bin")


def test_requests_and_messages_in_files_mean_what_they_would_in_the_cassette(tmp_path: Path) -> None:
    """
    Placeholders, styles and fragments too; so a request is compared by value, however it is written.
    """
    path = stored(CASSETTE, tmp_path)

    cassette = read_cassette(path)

    assert cassette == CASSETTE
    assert path.stat().st_size < 3000
    assert len(files(tmp_path)) == len([ASKED, SAID, HEARD, BYTES])
    assert list(find_cassettes(tmp_path)) == [path]
    request = CASSETTE.interactions[0].request
    other = replace(request, body=JsonBody(ASKED.value, JsonStyle.COMPACT))
    assert fingerprint(cassette.interactions[0].request) == fingerprint(other)


def test_the_compiled_form_reads_them_too(tmp_path: Path) -> None:
    path = stored(CASSETTE, tmp_path)

    assert [read_cassette(path) for _ in range(3)] == [CASSETTE] * 3


def test_the_same_cassette_is_written_the_same_and_another_one_takes_its_files_away(tmp_path: Path) -> None:
    path = stored(CASSETTE, tmp_path)
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir() if one.is_file()}

    stored(read_cassette(path) or Cassette(test=""), tmp_path)

    assert {one.name: one.read_bytes() for one in tmp_path.iterdir() if one.is_file()} == before
    stored(replace(CASSETTE, interactions=(), conversations=()), tmp_path)
    assert files(tmp_path) == []


@pytest.mark.parametrize("content", [b"{}", b"", b'{"json": 1'])
def test_a_file_that_is_not_as_it_was_recorded_is_refused(tmp_path: Path, content: bytes) -> None:
    path = stored(CASSETTE, tmp_path)
    file = next(one for one in tmp_path.iterdir() if one.suffix == ".bin" and b"row 1" in one.read_bytes())

    file.write_bytes(content)

    with pytest.raises(CassetteFormatError, match="which is not as it was recorded"):
        read_cassette(path)


def test_a_pointer_of_git_lfs_is_named(tmp_path: Path) -> None:
    path = stored(CASSETTE, tmp_path)
    file = next(one for one in tmp_path.iterdir() if one.suffix == ".bin")
    file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", encoding="utf-8")

    with pytest.raises(CassetteFormatError, match=r"of which Git LFS left a pointer here; fetch it: git lfs"):
        read_cassette(path)


def test_bodies_that_refer_to_other_files_stay_in_the_text() -> None:
    """
    Nobody would find those other files needed.
    """
    refers = JsonBody({"image": "<file:0123456789abcdef.png>", "rows": ["row"] * 900})
    item = Interaction(OPENING, StoredResponse(status=200, body=refers))

    text, kept = write_cassette(Cassette(test="t", interactions=(item,)))

    assert "0123456789abcdef.png" in text
    assert kept == {}


def test_a_recording_that_is_too_large_all_the_same_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MAX_BYTES", 5000)
    item = Interaction(OPENING, StoredResponse(status=200, body=SHORT))

    with pytest.raises(RecordingRefused, match=r"the recording of t takes .* MiB of text"):
        write_cassette(Cassette(test="t", interactions=(item,) * 200))
