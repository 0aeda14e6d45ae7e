"""Tools: the schema the LLM reads, and what it may give."""

from __future__ import annotations

import pytest

from bot.tools.tool import Arguments, ArgumentsError, Outcome, Parameter, Session, Tool


async def nothing(session: Session, args: Arguments) -> Outcome:
    raise NotImplementedError


TOOL = Tool(
    "make",
    "Make something.",
    (
        Parameter("title", "Its name.", required=True),
        Parameter("kind", "Which.", choices=("game", "app")),
        Parameter("tags", "Words.", "array"),
        Parameter("facts", "Facts.", "object"),
        Parameter("loud", "Loudly.", "boolean"),
    ),
    nothing,
)


def test_the_schema_is_json_schema_and_allows_nothing_else() -> None:
    assert TOOL.schema == {
        "name": "make",
        "description": "Make something.",
        "parameters": {
            "type": "object",
            "properties": {
                "title": {"type": "string", "description": "Its name."},
                "kind": {"type": "string", "description": "Which.", "enum": ["game", "app"]},
                "tags": {"type": "array", "description": "Words.", "items": {"type": "string"}},
                "facts": {"type": "object", "description": "Facts."},
                "loud": {"type": "boolean", "description": "Loudly."},
            },
            "required": ["title"],
            "additionalProperties": False,
        },
    }


def test_what_is_allowed_is_read() -> None:
    args = TOOL.arguments({"title": "Pong", "kind": "game", "tags": ["a"], "facts": {"b": 1}, "loud": True})

    assert (args.text("title"), args.text_or_none("kind"), args.texts_or_none("tags")) == (
        "Pong",
        "game",
        ["a"],
    )
    assert (args.mapping_or_none("facts"), args.flag("loud")) == ({"b": 1}, True)


def test_null_is_what_was_not_given() -> None:
    args = TOOL.arguments({"title": "Pong", "kind": None})

    assert (args.text_or_none("kind"), args.texts_or_none("tags"), args.mapping_or_none("facts")) == (
        None,
    ) * 3
    assert args.flag("loud") is False


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (None, "title is missing"),
        ({}, "title is missing"),
        ({"title": None}, "title is missing"),
        ({"title": ""}, "title is empty"),
        ({"title": 7}, "title must be a text"),
        ({"title": "x", "kind": "tool"}, "kind must be one of: game, app"),
        ({"title": "x", "tags": "a"}, "tags must be a list of texts"),
        ({"title": "x", "tags": [1]}, "tags must be a list of texts"),
        ({"title": "x", "facts": []}, "facts must be an object"),
        ({"title": "x", "loud": "yes"}, "loud must be true or false"),
        ({"title": "x", "colour": "red"}, "make takes no colour"),
        ({"kind": 1, "colour": "red"}, "title is missing; kind must be a text; make takes no colour"),
    ],
)
def test_what_is_not_allowed_is_named(given: dict[str, object] | None, problem: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        TOOL.arguments(given)

    assert str(caught.value) == problem
