"""
What counts as left over, or as having got out.
"""

from __future__ import annotations

import pytest

from tests.live.leaks import leaks_reported, secrets_printed, unspeakable

TOOLS = ("create_note", "list_notes")


@pytest.mark.parametrize(
    "line",
    [
        "bot.py:3: ResourceWarning: unclosed <socket.socket fd=7>",
        "RuntimeWarning: coroutine 'Mesh.close' was never awaited",
        "ERROR asyncio: Task was destroyed but it is pending!",
        "ERROR asyncio: Unclosed client session",
        "ERROR asyncio: Task exception was never retrieved",
        "nanobind: leaked 3 instances!",
        "resource_tracker: There appear to be 1 leaked semaphore objects to clean up at shutdown",
        "WARNING pipecat: Dangling tasks detected: ['voice']",
    ],
)
def test_reports_of_leaks_are_found(line: str) -> None:
    assert leaks_reported(["INFO bot: hello", line, "INFO bot: closed"]) == [line]


def test_a_secret_that_is_printed_is_counted() -> None:
    lines = ["GET /rooms", "authorization: Bearer abc"]

    assert secrets_printed(lines, ["abc", "xyz", ""]) == 1


@pytest.mark.parametrize(
    "message",
    [
        "I call create_note now.",
        '{"title": "Milk"}',
        "Here it is: **milk**.",
        "<b>Milk</b>",
        "Look at https://example.org",
        "# Notes",
        "Two things:\n- milk\n- bread",
        "Use `milk`.",
    ],
)
def test_what_cannot_be_spoken_is_found(message: str) -> None:
    assert unspeakable(["I created the note Shopping.", message], TOOLS) == [message]


def test_plain_sentences_can_be_spoken() -> None:
    assert unspeakable(["It's 5 - 3 = 2, well-known.", "I wrote a note: buy milk!"], ()) == []
