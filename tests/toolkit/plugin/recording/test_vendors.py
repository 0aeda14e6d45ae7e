"""
Recordings of the APIs that people record are the same each time, without any rule of the project.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toolkit.conftest import OF_PYTEST, Project

pytest.importorskip("openai")

VENDORS = Path(__file__).parents[2] / "vendors.py"
CONFIG = f"""
[tool.taketwo.services.vendors]
command = ["python", "{VENDORS}", "{{port}}"]
health = "/health"
address = "VENDORS_URL"
environment = {{ VENDORS_URL = "{{url}}" }}
{OF_PYTEST}"""

TESTS = """
import os, secrets, time, uuid

import httpx
import pytest

pytestmark = pytest.mark.vcr
KEY = "sk-of-nobody-1234567890"


def url():
    return os.environ["VENDORS_URL"]


@pytest.fixture
def openai():
    import openai

    with openai.OpenAI(api_key=KEY, base_url=url() + "/v1", max_retries=0) as client:
        yield client


@pytest.fixture
def anthropic():
    import anthropic

    with anthropic.Anthropic(api_key=KEY, base_url=url(), max_retries=0) as client:
        yield client


@pytest.fixture
def s3():
    import boto3
    from botocore.config import Config

    config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, region_name="eu-central-1")
    return boto3.client(
        "s3", endpoint_url=url(), aws_access_key_id="AKIAOFNOBODY", aws_secret_access_key=KEY, config=config
    )


def test_tool_call(openai):
    tools = [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}]
    said = [{"role": "user", "content": "1 + 2?"}]
    first = openai.chat.completions.create(model="gpt-x", messages=said, tools=tools)
    [call] = first.choices[0].message.tool_calls
    said += [first.choices[0].message.model_dump(exclude_none=True)]
    said += [{"role": "tool", "tool_call_id": call.id, "content": "3"}]
    second = openai.chat.completions.create(model="gpt-x", messages=said, tools=tools)
    assert call.id.startswith("call_") and second.id.startswith("chatcmpl-") and second.id != first.id
    assert abs(second.created - first.created) < 5


def test_stream(openai):
    said = [{"role": "user", "content": "hi"}]
    chunks = list(openai.chat.completions.create(model="gpt-x", messages=said, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hello wörld!"
    assert len({chunk.id for chunk in chunks}) == 1


def test_responses(openai):
    first = openai.responses.create(model="gpt-x", input="hi")
    second = openai.responses.create(model="gpt-x", input="and?", previous_response_id=first.id)
    assert second.previous_response_id == first.id and first.completed_at >= first.created_at


def test_file(openai):
    made = openai.files.create(file=("a.jsonl", b"{}"), purpose="batch")
    assert made.id.startswith("file-") and made.filename == "file-system.txt"


def test_raw_headers(openai):
    said = [{"role": "user", "content": "1"}]
    raw = openai.chat.completions.with_raw_response.create(model="m", messages=said)
    assert raw.headers["x-request-id"].startswith("req_") and int(raw.headers["openai-processing-ms"]) >= 0


def test_messages(anthropic):
    tools = [{"name": "add", "input_schema": {"type": "object"}}]
    said = [{"role": "user", "content": "1 + 2?"}]
    first = anthropic.messages.create(model="claude-x", max_tokens=9, messages=said, tools=tools)
    use = first.content[0]
    said += [{"role": "assistant", "content": [use.model_dump()]}]
    said += [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": use.id, "content": "3"}]}]
    second = anthropic.messages.create(model="claude-x", max_tokens=9, messages=said, tools=tools)
    assert use.id.startswith("toolu_") and second.content[0].text == "3"


def test_message_stream(anthropic):
    said = [{"role": "user", "content": "hi"}]
    with anthropic.messages.stream(model="claude-x", max_tokens=9, messages=said) as stream:
        assert "".join(stream.text_stream) == "Hi é"


@pytest.mark.parametrize("streamed", [False, True])
def test_gemini(streamed):
    from google import genai

    client = genai.Client(api_key=KEY, http_options={"base_url": url()})
    if streamed:
        parts = list(client.models.generate_content_stream(model="gemini-2.5-flash", contents="hi"))
        assert [part.text for part in parts] == ["Hi."]
    else:
        assert client.models.generate_content(model="gemini-2.5-flash", contents="hi").text == "Hi."


def test_stripe():
    key = str(uuid.uuid4())
    made = httpx.post(url() + "/v1/customers", data={"email": "a@b.test"}, headers={"Idempotency-Key": key})
    assert made.headers["idempotency-key"] == key
    again = httpx.get(f"{url()}/v1/customers/{made.json()['id']}").json()
    assert again["id"] == made.json()["id"] and again["phone"] == "+12025550123"


def test_slack():
    made = httpx.post(url() + "/api/chat.postMessage", data={"text": "hi", "channel": "C012AB3CD"}).json()
    reply = {"text": "re", "channel": "C012AB3CD", "thread_ts": made["ts"]}
    answered = httpx.post(url() + "/api/chat.postMessage", data=reply).json()
    assert answered["message"]["thread_ts"] == made["ts"] and answered["ts"] != made["ts"]


def test_s3(s3):
    assert s3.put_object(Bucket="bucket", Key="a", Body=b"abc")["ETag"].startswith('"')
    assert [each["Key"] for each in s3.list_objects_v2(Bucket="bucket")["Contents"]] == ["a", "b", "c"]
    upload = s3.create_multipart_upload(Bucket="bucket", Key="k")["UploadId"]
    s3.abort_multipart_upload(Bucket="bucket", Key="k", UploadId=upload)
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="bucket", Key="missing")


def test_github():
    first = httpx.get(url() + "/repos/o/r/issues/7")
    assert str(first.json()["id"]) in first.json()["url"] and first.json()["number"] == 7
    assert int(first.headers["x-ratelimit-remaining"]) >= 0 and first.headers["etag"].startswith("W/")


def test_rpc():
    for text in ("a", "b"):
        asked = {"jsonrpc": "2.0", "id": str(uuid.uuid4()), "method": "m", "params": [text]}
        assert httpx.post(url() + "/rpc", json=asked).json()["id"] == asked["id"]


def test_what_a_client_draws():
    asked = {"jsonrpc": "2.0", "id": secrets.randbelow(10**9) + 10**8, "method": "m", "params": []}
    query = {"nonce": secrets.token_urlsafe(16), "timestamp": str(int(time.time()))}
    assert httpx.post(url() + "/rpc", json=asked, params=query).json()["id"] == asked["id"]
"""


def test_recording_again_changes_nothing_and_a_replay_needs_no_server(project: Project) -> None:
    project.write("pyproject.toml", CONFIG)
    project.write("tests/test_vendors.py", TESTS)

    first = project.pytest("--record-mode=rewrite")
    files = project.files()
    again = [project.pytest("--record-mode=rewrite", "-p", "randomly", "-n2") for _ in range(2)]
    replayed = project.pytest("--record-mode=none")

    assert first.tail == "15 passed", first.output
    assert [run.tail for run in again] == ["15 passed"] * 2, again[0].output
    assert project.files() == files
    assert replayed.tail == "15 passed", replayed.output
