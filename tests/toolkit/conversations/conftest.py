"""
A project with a WebSocket service to record.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.toolkit.conftest import OF_PYTEST, Project

TALKER = Path(__file__).parents[1] / "talker.py"

PYPROJECT = f"""
[tool.taketwo.services.talker]
command = ["python", "{TALKER}", "{{port}}"]
health = "/health"
address = "TALKER_URL"
environment = {{ TALKER_URL = "{{url}}" }}
secrets = {{ TALKER_KEY = "k3y-of-the-talker" }}
{OF_PYTEST}asyncio_mode = "auto"
"""

CLIENT = """
import asyncio
import json
import os

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK, InvalidStatus
from websockets.sync.client import connect as connect_sync

pytestmark = pytest.mark.vcr


def url(path="/"):
    return os.environ["TALKER_URL"].replace("http", "ws") + path


async def ask(ws, **wanted):
    await ws.send(json.dumps(wanted))


async def hear(ws):
    return json.loads(await ws.recv())
"""


class Talk:
    """
    A project whose tests talk to the talker.
    """

    def __init__(self, project: Project) -> None:
        self.project = project

    def test(self, body: str) -> None:
        self.project.write("tests/test_notes.py", CLIENT + textwrap.dedent(body))

    def cassette(self, name: str) -> str:
        return self.project.cassette(name).read_text(encoding="utf-8")


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    root = tmp_path / "project"
    root.mkdir()
    project = Project(root)
    project.write("pyproject.toml", PYPROJECT)
    return Talk(project)
