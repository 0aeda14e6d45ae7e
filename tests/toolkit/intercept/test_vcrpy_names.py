"""
What tests know of VCR.py: its error, its class of cassettes, and what they do with one.
"""

from __future__ import annotations

from pathlib import Path
from urllib.request import urlopen

import pytest
import vcr.cassette
import vcr.errors

import taketwo
from taketwo.intercept.session_patches import ERRORS
from taketwo.playback import modes

CASSETTE = """\
interactions:
- request: {body: null, headers: {}, method: GET, uri: http://shop.test/a}
  response: {body: {string: hello}, headers: {}, status: {code: 200, message: OK}}
- request: {body: null, headers: {}, method: GET, uri: http://shop.test/b}
  response: {body: {string: hello}, headers: {}, status: {code: 200, message: OK}}
version: 1
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(modes, "_runs", [])
    monkeypatch.delenv("CI", raising=False)
    (tmp_path / "x.yaml").write_text(CASSETTE)
    return tmp_path


def get(url: str) -> str:
    with urlopen(url, timeout=10) as response:
        text: str = response.read().decode()
    return text


def test_who_catches_the_error_of_vcrpy_catches_ours() -> None:
    with (
        ERRORS,
        pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException, match="has no answer"),
        taketwo.use_cassette("x.yaml"),
    ):
        get("http://shop.test/c")


def test_an_error_that_vcrpy_itself_raises_has_what_it_is_given() -> None:
    error = taketwo.errors.Unanswered(cassette=1, failed_request="<GET http://a.test/>")

    assert (str(error), error.cassette, error.failed_request) == (
        "the cassette  has no answer to <GET http://a.test/>",
        1,
        "<GET http://a.test/>",
    )


def test_a_cassette_is_one_of_vcrpy_and_counts_what_is_played() -> None:
    with taketwo.use_cassette("x.yaml") as cassette:
        assert isinstance(cassette, vcr.cassette.Cassette)
        assert (cassette.play_count, cassette.all_played, len(cassette)) == (0, False, 2)
        get("http://shop.test/a")
        get("http://shop.test/b")

    assert (cassette.play_count, cassette.all_played) == (2, True)
    assert [request.uri for request in cassette.requests] == ["http://shop.test/a", "http://shop.test/b"]
    assert [response["body"]["string"] for response in cassette.responses] == [b"hello", b"hello"]


def test_a_cassette_is_played_again_when_it_is_rewound() -> None:
    with taketwo.use_cassette("x.yaml") as cassette:
        get("http://shop.test/a")
        cassette.rewind()
        assert cassette.play_count == 0
        assert get("http://shop.test/a") == "hello"


def test_answers_repeat_from_when_that_is_allowed() -> None:
    with taketwo.use_cassette("x.yaml") as cassette:
        get("http://shop.test/a")
        cassette.allow_playback_repeats = True
        assert [get("http://shop.test/a") for _ in range(3)] == ["hello"] * 3
