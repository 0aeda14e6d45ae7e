"""
What code that used ``vcr.use_cassette`` finds in the cassette of a block, and in its answers.
"""

from __future__ import annotations

import http.client
import json
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
import requests
import vcr

import taketwo
from taketwo.errors import ConfigError, RecordingRefused
from tests.toolkit.api.conftest import Counter


class OwnConnection(http.client.HTTPConnection):
    """
    A connection that is made early, as those of urllib3 for HTTPS are.
    """

    def connect(self) -> None:
        super().connect()


def test_a_recording_is_looked_at_while_it_is_made(service: Counter) -> None:
    """
    Also what has been answered and not been read.
    """
    with taketwo.use_cassette("x.yaml") as cassette:
        answer = urlopen(f"{service.url}/a", timeout=60)
        seen = len(cassette), [one.path for one in cassette.requests], cassette.play_count
        head = cassette.responses[0]
        text = answer.read()
        answer.close()
        requests.get(f"{service.url}/b", timeout=60)
        paths = [one.path for one in cassette.requests]
        bodies = [one["body"]["string"] for one in cassette.responses]

    assert seen == (1, ["/a"], 0)
    assert (head["status"]["code"], head["headers"]["content-type"], head["body"]) == (
        200,
        ["text/plain"],
        {"string": b""},
    )
    assert (text, paths, bodies) == (b"hello /a", ["/a", "/b"], [b"hello /a", b"hello /b"])


@pytest.mark.parametrize("name", ["httpx", "httpx2"])
def test_a_replayed_answer_tells_how_long_it_took(service: Counter, name: str) -> None:
    library = import_module(name)

    for _ in range(2):
        with taketwo.use_cassette("x.yaml"):
            answer = library.get(f"{service.url}/a")

    assert service.asked == ["/a"]
    assert answer.elapsed.total_seconds() >= 0


def test_a_form_whose_fields_are_filtered_has_an_empty_body_and_a_get_has_none(service: Counter) -> None:
    for _ in range(2):
        with taketwo.use_cassette("x.yaml", filter_post_data_parameters=["key"]) as cassette:
            requests.post(f"{service.url}/a", data={"key": "value"}, timeout=60)
            requests.get(f"{service.url}/b", timeout=60)
            bodies = [one.body for one in cassette.requests]

    assert bodies == [b"", None]


@pytest.mark.parametrize("kind", [http.client.HTTPConnection, OwnConnection])
def test_a_connection_from_before_is_connected_without_the_network_in_a_replay(
    service: Counter, kind: type[http.client.HTTPConnection]
) -> None:
    connection = kind(urlsplit(service.url).netloc, timeout=60)

    answers = []
    for _ in range(3):
        with taketwo.use_cassette("x.yaml"):
            connection.connect()
            connection.request("GET", "/a")
            answers.append(connection.getresponse().read())
            connection.close()

    assert service.asked == ["/a"]
    assert answers == [b"hello /a"] * 3


@pytest.mark.parametrize("path", ["x", "x.json"])
def test_json_is_recorded_where_it_is_asked_for(service: Counter, folder: Path, path: str) -> None:
    for _ in range(2):
        with taketwo.use_cassette(path, serializer="json"):
            assert requests.get(f"{service.url}/a", timeout=60).text == "hello /a"

    assert service.asked == ["/a"]
    written = json.loads((folder / "x.json").read_text())
    assert written["interactions"][0]["request"]["uri"] == f"{service.url}/a"
    assert written["version"] == 1


def test_what_json_cannot_hold_is_refused(service: Counter, folder: Path) -> None:
    service.says = "\udcff\udcfe"  # two bytes that are no text

    with (
        pytest.raises(RecordingRefused, match='take serializer="json" away'),
        taketwo.use_cassette("x.json", serializer="json"),
    ):
        requests.get(f"{service.url}/a", timeout=60)

    assert not (folder / "x.json").exists()


def test_a_name_of_json_needs_the_option(folder: Path) -> None:
    with (
        pytest.raises(ConfigError, match='record JSON with serializer="json"'),
        taketwo.use_cassette("x.json"),
    ):
        pass

    assert not (folder / "x.json").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"serializer": "toml"}, "there is no serializer 'toml'; there are json and yaml"),
        (
            {"match_on": ["method", "nonsense"]},
            "there is no matcher 'nonsense'; there are body, headers,",
        ),
    ],
)
def test_what_is_not_there_is_refused_with_what_there_is(
    folder: Path, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said), taketwo.use_cassette("x.yaml", **options):
        pass

    assert not (folder / "x.yaml").exists()


def test_a_decorated_function_is_given_its_cassette_where_it_asks_for_it(service: Counter) -> None:
    @taketwo.use_cassette("x.yaml", inject_cassette=True)
    def paths(*given: Any) -> list[str]:  # noqa: ANN401 - the cassette, which has no types, and what is passed
        cassette, ending = given
        requests.get(f"{service.url}/{ending}", timeout=60)
        return [one.path for one in cassette.requests]

    assert [paths("a"), paths("a")] == [["/a"], ["/a"]]
    assert service.asked == ["/a"]


def test_a_matcher_that_is_added_compares_as_well(service: Counter) -> None:
    """
    Beside those that VCR.py compares by default, which are not the body.
    """
    with taketwo.use_cassette("x.yaml", additional_matchers=["headers"]):
        requests.post(f"{service.url}/a", data="one", headers={"x-kind": "k"}, timeout=60)

    with taketwo.use_cassette("x.yaml", additional_matchers=["headers"]):
        requests.post(f"{service.url}/a", data="two", headers={"x-kind": "k"}, timeout=60)

    assert service.asked == ["/a"]


def test_a_member_of_the_modes_of_vcrpy_is_a_mode(service: Counter) -> None:
    with taketwo.use_cassette("x.yaml", record_mode=vcr.mode.ALL):
        requests.get(f"{service.url}/a", timeout=60)

    assert service.asked == ["/a"]
