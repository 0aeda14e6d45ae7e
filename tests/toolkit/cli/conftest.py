"""
A project whose cassettes are written by hand, and the commands as its users type them.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from taketwo.cassette.model import (
    BinaryBody,
    Cassette,
    Interaction,
    JsonBody,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.conftest import Project, Run

MADE = "cassettes/test_notes/test_made.yaml"
PAGE = "cassettes/test_notes/test_page.yaml"

JSON = (("content-type", "application/json"),)


def made(text: str = "one") -> Cassette:
    """
    A note is written, and every note is read.
    """
    return Cassette(
        test="tests/test_notes.py::test_made",
        services={"notebook": "0123456789ab"},
        interactions=(
            Interaction(
                StoredRequest(
                    method="POST",
                    url="http://notebook.test/notes",
                    headers=(*JSON, ("x-notebook-key", "<secret:NOTEBOOK_KEY>")),
                    body=JsonBody({"text": "one"}),
                ),
                StoredResponse(status=201, headers=JSON, body=JsonBody({"id": "<uuid:1>", "text": text})),
            ),
            Interaction(
                StoredRequest(
                    method="GET",
                    url="http://notebook.test/notes",
                    query=(("after", "<time:1>"), ("q", "a b")),
                ),
                StoredResponse(status=404, reason="Nowhere"),
            ),
        ),
    )


PAGES = Cassette(
    test="tests/test_notes.py::test_page",
    interactions=(
        Interaction(
            StoredRequest(method="GET", url="http://notebook.test/page"),
            StoredResponse(
                status=200, headers=(("content-type", "text/html"),), body=TextBody("<h1>Hi\x1b[31m</h1>\n")
            ),
        ),
        Interaction(
            StoredRequest(method="GET", url="http://notebook.test/picture"),
            StoredResponse(status=200, body=BinaryBody(bytes(range(256)))),
        ),
    ),
)


@pytest.fixture
def kept(project: Project) -> Project:
    """
    Two cassettes, and beside the first one a recording that waits.
    """
    project.write(MADE, dump_cassette(made()))
    project.write(f"{MADE}.new", dump_cassette(made("two")))
    project.write(PAGE, dump_cassette(PAGES))
    return project


def taketwo(
    project: Project, *arguments: str, environment: Mapping[str, str] | None = None, folder: str = "."
) -> Run:
    """
    ``taketwo``, as one types it in a *folder* of the project.
    """
    return project.told("-m", "taketwo", *arguments, environment=environment, folder=folder)
