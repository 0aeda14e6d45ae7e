"""
Calls of language models: shown as conversations, compared word by word, counted.
"""

# ruff: noqa: E501 - JSON as it is

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from taketwo.cassette.body.codec import read_body
from taketwo.cassette.model import Cassette, Interaction, JsonBody, StoredRequest, StoredResponse
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.config.prices import Price
from taketwo.features.chat.dialogue import Call, Tokens, Turn
from taketwo.features.chat.ledger import ledger_of, ledger_text
from taketwo.features.chat.read import dialogue_of
from taketwo.features.chat.render import changed_words, dialogue_parts, is_only_text
from taketwo.features.chat.words import word_changes
from tests.toolkit.conftest import Project

JSON = (("content-type", "application/json"),)
STREAM = (("content-type", "text/event-stream"),)
TEST = "tests/test_chat.py::test_chat"


def called(path: str, asked: Any, answer: Any) -> Interaction:  # noqa: ANN401 - JSON
    """
    An interaction; an *answer* that is a list is a stream of events.
    """
    if isinstance(answer, list):
        text = "".join(f"data: {one if isinstance(one, str) else json.dumps(one)}\n\n" for one in answer)
        body, _ = read_body(text.encode(), "text/event-stream")
        headers = STREAM
    else:
        body, headers = JsonBody(answer), JSON
    return Interaction(
        StoredRequest(method="POST", url=f"http://api.test{path}", headers=JSON, body=JsonBody(asked)),
        StoredResponse(status=200, headers=headers, body=body),
    )


def cassette(*items: Interaction) -> Cassette:
    return Cassette(test=TEST, interactions=items)


ADD = {"name": "add", "arguments": '{"a": 1}'}
CHAT = {
    "model": "gpt-x",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "1 + 2?"}],
}
MESSAGES = {
    "model": "claude-x",
    "max_tokens": 9,
    "system": "Be brief.",
    "messages": [{"role": "user", "content": "1 + 2?"}],
}
RESPONSES = {"model": "gpt-x", "instructions": "Be brief.", "input": "1 + 2?"}
GEMINI = {
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "contents": [{"role": "user", "parts": [{"text": "1 + 2?"}]}],
}
ASKED = (Turn(role="system", text="Be brief."), Turn(role="user", text="1 + 2?"))

CALLS: Mapping[str, Interaction] = {
    "chat": called(
        "/v1/chat/completions",
        CHAT,
        {
            "choices": [{"message": {"role": "assistant", "content": "It is 3.", "tool_calls": [{"id": "call_1", "function": ADD}]}}],
            "usage": {"prompt_tokens": 5, "completion_tokens": 7},
        },
    ),
    "chat stream": called(
        "/v1/chat/completions",
        CHAT,
        [
            {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "It "}}]},
            {"choices": [{"index": 0, "delta": {"content": "is 3."}}]},
            {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "id": "call_1", "function": {"name": "add", "arguments": ""}}]}}]},
            {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": '{"a":'}}]}}]},
            {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": " 1}"}}]}}]},
            {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 7}},
            "[DONE]",
        ],
    ),
    "messages": called(
        "/v1/messages",
        MESSAGES,
        {
            "content": [{"type": "text", "text": "It is 3."}, {"type": "tool_use", "id": "call_1", "name": "add", "input": {"a": 1}}],
            "usage": {"input_tokens": 5, "output_tokens": 7},
        },
    ),
    "messages stream": called(
        "/v1/messages",
        MESSAGES,
        [
            {"type": "message_start", "message": {"usage": {"input_tokens": 5, "output_tokens": 1}}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "It is "}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "3."}},
            {"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "id": "call_1", "name": "add"}},
            {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": '{"a"'}},
            {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": ": 1}"}},
            {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 7}},
        ],
    ),
    "gemini": called(
        "/v1beta/models/gemini-x:generateContent",
        GEMINI,
        {
            "candidates": [{"content": {"role": "model", "parts": [{"text": "It is 3."}, {"functionCall": {"name": "add", "args": {"a": 1}, "id": "call_1"}}]}}],
            "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 7},
        },
    ),
}  # fmt: skip
RESPONSE_OUTPUT = [
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "It is 3."}]},
    {"type": "function_call", "call_id": "call_1", **ADD},
]
USAGE = {"input_tokens": 5, "output_tokens": 7}


@pytest.mark.parametrize("name", CALLS)
def test_each_dialect_is_read_whole_and_streamed(name: str) -> None:
    found = dialogue_of(CALLS[name])

    assert found is not None
    assert found.asked == ASKED
    assert [(turn.text, turn.calls) for turn in found.answered] == [
        ("It is 3.", (Call("add", {"a": 1}, "call_1"),))
    ]
    assert found.tokens == Tokens(5, 7)


@pytest.mark.parametrize(
    "answer",
    [
        {"output": RESPONSE_OUTPUT, "usage": USAGE},
        [
            {"type": "response.created", "response": {"output": []}},
            {"type": "response.completed", "response": {"output": RESPONSE_OUTPUT, "usage": USAGE}},
        ],
    ],
)
def test_responses_are_read_whole_and_streamed(answer: Any) -> None:  # noqa: ANN401 - JSON
    found = dialogue_of(called("/v1/responses", RESPONSES, answer))

    assert found is not None
    assert found.asked == ASKED
    assert found.answered == (
        Turn(role="assistant", text="It is 3."),
        Turn(role="assistant", calls=(Call("add", {"a": 1}, "call_1"),)),
    )
    assert found.tokens == Tokens(5, 7)


def test_results_of_tools_are_turns_of_their_own() -> None:
    said = [
        {"role": "user", "content": [{"type": "text", "text": "and"}, {"type": "image", "source": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_1", "content": "3"}]},
    ]
    found = dialogue_of(called("/v1/messages", {**MESSAGES, "messages": said}, {"content": []}))

    assert found is not None
    assert found.asked[1:] == (
        Turn(role="user", text="and", others=("image",)),
        Turn(role="tool call_1", text="3"),
    )


@pytest.mark.parametrize("path", ["/v1/messages", "/messages", "/v1/responses", "/chat/completions"])
def test_what_only_has_such_an_address_is_no_call(path: str) -> None:
    assert dialogue_of(called(path, {"text": "hi"}, {"id": 1})) is None


def test_a_call_is_shown_as_a_conversation() -> None:
    parts = dialogue_parts(CALLS["chat stream"])

    assert parts is not None
    assert [[line.text for line in lines] for lines in parts] == [
        ["(chat completion of gpt-x)", "system: Be brief.", "user: 1 + 2?"],
        ["assistant: It is 3.", '  -> add({"a": 1})  call_1', "(5 tokens in, 7 out)"],
    ]


def test_texts_are_compared_word_by_word() -> None:
    before = (
        "The capital of France is Paris, as everybody knows who has ever been to the city itself by train."
    )

    assert word_changes(before, before.replace("Paris,", "Lyon,")) == (
        "The capital of France is [-Paris,-] {+Lyon,+} as everybody knows who has ever …"
    )
    assert word_changes("a b", "a b c") == "a b {+c+}"
    assert word_changes("a b c", "b c") == "[-a-] b c"


def other_words(name: str) -> Cassette:
    text = dump_cassette(cassette(CALLS[name])).replace("is 3.", "is three.")
    return load_cassette(text, name="a.yaml", attached=None)


@pytest.mark.parametrize("name", ["chat", "chat stream", "messages"])
def test_other_words_of_a_model_are_only_free_text(name: str) -> None:
    before, after = cassette(CALLS[name]), other_words(name)

    assert is_only_text(before, after)
    assert [line.text for line in changed_words(before, after)] == [
        "  interaction 1, in words",
        "    answer, assistant: It is [-3.-] {+three.+}",
    ]


def test_another_call_of_a_tool_is_more_than_free_text() -> None:
    before = cassette(CALLS["messages"])
    after = cassette(
        called("/v1/messages", MESSAGES, {"content": [{"type": "text", "text": "It is three."}]})
    )

    assert not is_only_text(before, after)


def test_tokens_are_counted_and_cost_what_the_project_says() -> None:
    prices = (Price("gpt-*", 2.0, 10.0),)

    ledger = ledger_of([cassette(CALLS["chat"], CALLS["messages"]), cassette(CALLS["gemini"])], prices)

    assert (ledger.calls, ledger.tokens) == (3, Tokens(15, 21))
    assert ledger.cost == pytest.approx((5 * 2 + 7 * 10) / 1_000_000)
    assert ledger_text(ledger) == "3 calls of models, 15 tokens in, 21 out, at 0.0001"


@pytest.fixture
def kept(project: Project) -> Project:
    project.write("pyproject.toml", '[tool.taketwo.prices."gpt-*"]\ninput = 1_000_000\noutput = 2_000_000\n')
    project.write("cassettes/test_chat/test_chat.yaml", dump_cassette(cassette(CALLS["chat"])))
    project.write("cassettes/test_chat/test_chat.yaml.new", dump_cassette(other_words("chat")))
    project.write("tests/test_chat.py", "import pytest\n\n@pytest.mark.vcr\ndef test_chat():\n    pass\n")
    return project


def test_the_commands_show_list_and_compare_calls(kept: Project) -> None:
    path = "cassettes/test_chat/test_chat.yaml"

    shown, raw, described, tokens, compared = (
        kept.told("-m", "taketwo", *arguments)
        for arguments in (
            ["show", path],
            ["show", path, "--raw"],
            ["show", path, "--json"],
            ["list", "--tokens"],
            ["diff", path],
        )
    )

    assert 'assistant: It is 3.\n  -> add({"a": 1})  call_1\n(5 tokens in, 7 out)\n' in shown.output
    assert '"prompt_tokens": 5' in raw.output
    assert json.loads(described.output)[0]["interactions"][0]["dialogue"]["tokens"] == {
        "input": 5,
        "output": 7,
    }
    assert tokens.output == (
        f"{path}: 1 call of a model, 5 tokens in, 7 out, at 19.0000\n"
        "in all: 1 call of a model, 5 tokens in, 7 out, at 19.0000\n"
    )
    assert "answer, assistant: It is [-3.-] {+three.+}" in compared.output
    assert compared.output.endswith(
        "only free text differs: roles, tool calls and everything else are the same\n"
    )


def test_a_refresh_beyond_the_budget_records_nothing(kept: Project) -> None:
    refused = kept.told("-m", "taketwo", "refresh", "--all", "--budget", "11")
    allowed = kept.told("-m", "taketwo", "refresh", "--all", "--check", "--explain", "--budget", "12")

    assert refused.code == 3
    assert (
        "recording this again takes about 12 tokens of language models, and the budget is 11"
        in refused.errors
    )
    assert "by the accepted recordings: 1 call of a model, 5 tokens in, 7 out" in allowed.errors
    assert allowed.code != 3
