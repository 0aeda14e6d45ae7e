"""
The transcripts of the page on troubleshooting are what a newcomer sees.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest

from taketwo.cli.main import main
from tests.toolkit.conftest import OPTIONS

pytest_plugins = "pytester"
pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "tools/taketwo/docs/troubleshooting.md"
SHOWN = "http://127.0.0.1:8000"
PLAIN = "[tool.taketwo]\n"
PLUGINS = ("-p", "no:anyio", "-o", "asyncio_default_fixture_loop_scope=function")

_MISTAKE = re.compile(r"^### ([^\n]+)$(.*?)(?=^###? |\Z)", flags=re.DOTALL | re.MULTILINE)
_TRANSCRIPT = re.compile(r"^```console\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)
_STEP = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", flags=re.MULTILINE)
_MARGIN = re.compile(r"^E {7}", flags=re.MULTILINE)
_CUT = "…"


class Step(NamedTuple):
    """
    What is typed, and what follows it: the text of a file, or lines of what is printed.
    """

    words: list[str]
    text: str


def transcripts() -> dict[str, list[Step]]:
    page = PAGE.read_text(encoding="utf-8")
    found = {title: _TRANSCRIPT.findall(text) for title, text in _MISTAKE.findall(page)}
    return {title: list(steps(text)) for title, [text] in found.items()}


def steps(transcript: str) -> Iterator[Step]:
    for typed, text in _STEP.findall(transcript):
        yield Step(shlex.split(typed), text)


TRANSCRIPTS = transcripts()


@pytest.fixture
def shop() -> Iterator[str]:
    """
    The address of a service on this machine.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Shop(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"user": {"name": "Ann"}}'
        self.send_response(HTTPStatus.OK)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - it is called so there
        """
        Nothing.
        """


@pytest.mark.parametrize("transcript", TRANSCRIPTS.values(), ids=TRANSCRIPTS)
def test_a_mistake_is_answered_as_the_page_shows(
    transcript: list[Step],
    pytester: pytest.Pytester,
    shop: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("CI", raising=False)
    pytester.makepyprojecttoml(PLAIN)

    for step in transcript:
        text = step.text.replace(SHOWN, shop)
        if step.words[0] == "cat":
            written(pytester.path / step.words[1], text)
            continue
        capsys.readouterr()
        printed = output(step.words, pytester, monkeypatch, capsys)
        left = missing(text, printed)
        assert left == "", printed


def test_fifteen_mistakes_are_shown() -> None:
    assert len(TRANSCRIPTS) == 15


def written(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def output(
    words: list[str],
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> str:
    if "=" in words[0]:
        name, _, value = words[0].partition("=")
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            return output(words[1:], pytester, patch, capsys)
    if words[0] == "taketwo":
        main(words[1:])
        printed = capsys.readouterr()
        return printed.out + printed.err
    run = pytester.runpytest_inprocess(*OPTIONS, *PLUGINS, "-W", "default", *words[1:])
    return _MARGIN.sub("", f"{run.stdout}\n{run.stderr}")


def missing(text: str, printed: str) -> str:
    """
    The first line of *text* that is not in what was *printed*, behind those before it.
    """
    place = 0
    for line in text.splitlines():
        wanted = line.partition(_CUT)[0]
        found = printed.find(wanted, place)
        if found < 0:
            return line
        place = found + len(wanted)
    return ""
