"""The scripted model: its script, and its answers as OpenAI's client reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripted_llm.completions import Completion
from scripted_llm.script import DEFAULT_SCRIPT, Calling, Json, Saying, Script, ScriptError, read_script

if TYPE_CHECKING:
    from starlette.testclient import TestClient

LINES = """
[[line]]
when = "red button"
call = "make"
arguments = { title = "Button" }

[[line]]
when = "Button"
say = "Which button?"
"""
FUNCTIONS = frozenset({"make"})


@pytest.fixture
def script(tmp_path: Path) -> Script:
    return script_of(tmp_path, LINES)


def script_of(folder: Path, text: str) -> Script:
    file = folder / "script.toml"
    file.write_text(text, encoding="utf-8")
    return read_script(file)


def at(value: Json, *path: str | int) -> Json:
    """
    What is at *path* in a JSON value.
    """
    for step in path:
        if isinstance(step, str):
            assert isinstance(value, dict)
            value = value[step]
        else:
            assert isinstance(value, list)
            value = value[step]
    return value


def user(text: Json) -> Mapping[str, Json]:
    return {"role": "user", "content": text}


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("Please: a BUTTON, and make it red!", Calling("make", {"title": "Button"})),
        ("a button", Saying("Which button?")),
        ("a window", Saying("My script has no line for that.")),
        (
            [{"type": "text", "text": "red"}, {"type": "text", "text": "button"}, "odd"],
            Calling("make", {"title": "Button"}),
        ),
        (None, Saying("My script has no line for that.")),
    ],
)
def test_the_first_line_with_all_its_words_answers(script: Script, message: Json, answer: object) -> None:
    assert script.answer([user("a button"), user(message)], functions=FUNCTIONS) == answer


def test_a_function_that_is_not_offered_is_not_called(script: Script) -> None:
    assert script.answer([user("red button")], functions=frozenset()) == Saying("Which button?")


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ('{"success": true, "message": "I made it."}', "I made it."),
        ('{"message": ""}', '{"message": ""}'),
        ("done", "done"),
        ("[1]", "[1]"),
    ],
)
def test_the_message_of_a_result_is_said(script: Script, result: str, text: str) -> None:
    messages = [user("red button"), {"role": "tool", "content": result}]

    assert script.answer(messages, functions=FUNCTIONS) == Saying(text)


def test_without_messages_there_is_no_line(script: Script) -> None:
    assert script.answer([], functions=FUNCTIONS) == Saying("My script has no line for that.")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("line = 3", "script.toml has no [[line]]"),
        ("", "script.toml has no [[line]]"),
        ("line = [", "script.toml cannot be read: "),
        ('[[line]]\nwhen = "?"\nsay = "x"', "script.toml, line 1: `when` has no word"),
        ('[[line]]\nwhen = "a"\nthen = "x"', "script.toml, line 1: unknown key then; there are"),
        ('[[line]]\nwhen = "a"', "expected either `say`, or `call` with a table `arguments`"),
        ('[[line]]\nwhen = "a"\nsay = "x"\ncall = "y"', "expected either `say`, or `call`"),
        ('[[line]]\nwhen = "a"\ncall = "y"\narguments = 3', "expected either `say`, or `call`"),
    ],
)
def test_a_script_that_cannot_be_used_says_where(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ScriptError) as caught:
        script_of(tmp_path, text)

    assert told in str(caught.value)


def test_a_script_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r"none\.toml cannot be read"):
        read_script(tmp_path / "none.toml")


def test_the_script_that_comes_with_it_can_be_read() -> None:
    answer = read_script(DEFAULT_SCRIPT).answer(
        [user("Make a page with a red button that says hello.")], functions=frozenset({"create_html_applet"})
    )

    assert isinstance(answer, Calling)
    assert answer.arguments["title"] == "Hello button"


def events(request: Mapping[str, Json], answer: Saying | Calling) -> list[dict[str, Json]]:
    lines = list(Completion(request, answer, 7).events())
    assert lines[-1] == "data: [DONE]\n\n"
    return [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]


def test_a_text_is_streamed_by_words() -> None:
    streamed = events({"model": "m", "stream_options": {"include_usage": True}}, Saying("One two."))

    deltas = [at(each, "choices", 0, "delta") for each in streamed[:-1]]
    assert deltas == [{"role": "assistant", "content": ""}, {"content": "One"}, {"content": " two."}, {}]
    assert streamed[-1]["usage"] == {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


def test_the_arguments_of_a_call_are_streamed_in_pieces() -> None:
    arguments: dict[str, Json] = {"html": "x" * 100}

    streamed = events({}, Calling("make", arguments))

    pieces = [
        str(at(each, "choices", 0, "delta", "tool_calls", 0, "function", "arguments"))
        for each in streamed[1:-1]
    ]
    assert json.loads("".join(pieces)) == arguments
    assert len(pieces) == 4
    assert at(streamed[-1], "choices", 0, "finish_reason") == "tool_calls"


def test_equal_requests_have_equal_answers() -> None:
    one, other = (Completion({"messages": [text]}, Saying("Hm."), 7).whole() for text in ("a", "b"))

    assert one == Completion({"messages": ["a"]}, Saying("Hm."), 7).whole()
    assert one["id"] != other["id"]


def test_a_call_may_be_answered_whole() -> None:
    whole = Completion({}, Calling("make", {"a": 1}), 7).whole()

    function = at(whole, "choices", 0, "message", "tool_calls", 0, "function")
    assert function == {"name": "make", "arguments": '{"a": 1}'}


@pytest.fixture
def client(script: Script) -> TestClient:
    pytest.importorskip("starlette", reason="the extra 'record' is not installed")
    pytest.importorskip("httpx2", reason="starlette's client needs httpx2, which the extra 'dev' brings")
    from starlette.testclient import TestClient  # noqa: PLC0415 - skipped where it is not

    from scripted_llm.app import create_app  # noqa: PLC0415 - the same

    return TestClient(create_app(script, key="k3y"), headers={"Authorization": "Bearer k3y"})


def asked(text: str, **more: Json) -> dict[str, Json]:
    tool: Json = {"type": "function", "function": {"name": "make"}}
    return {"model": "m", "messages": [dict(user(text))], "tools": [tool], **more}


needs_starlette = pytest.mark.skipif(
    find_spec("starlette") is None, reason="the extra 'record' is not installed"
)


@needs_starlette
def test_the_server_answers_whole_or_as_a_stream(client: TestClient) -> None:
    whole = client.post("/v1/chat/completions", json=asked("red button"))
    streamed = client.post("/v1/chat/completions", json=asked("red button", stream=True))

    assert whole.json()["choices"][0]["finish_reason"] == "tool_calls"
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert streamed.text.endswith("data: [DONE]\n\n")


@needs_starlette
def test_without_tools_nothing_is_called(client: TestClient) -> None:
    answer = client.post("/v1/chat/completions", json={"messages": [dict(user("red button"))]})

    assert answer.json()["choices"][0]["message"]["content"] == "Which button?"


@needs_starlette
def test_it_says_that_it_is_no_model(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok", "model": "none: answers come from a script"}
    assert [each["id"] for each in client.get("/v1/models").json()["data"]] == ["scripted"]


@needs_starlette
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/models"])
def test_a_wrong_key_is_refused(client: TestClient, path: str) -> None:
    method = "GET" if path.endswith("models") else "POST"
    answer = client.request(method, path, headers={"Authorization": "Bearer other"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")


@needs_starlette
@pytest.mark.parametrize("body", ["no json", "[]", "{}", '{"messages": ["hello"]}'])
def test_a_body_without_messages_is_refused(client: TestClient, body: str) -> None:
    answer = client.post("/v1/chat/completions", content=body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_body")
