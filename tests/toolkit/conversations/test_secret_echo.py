"""
What a test sends for a secret over a WebSocket, a replay plays where the service repeated it.
"""

from __future__ import annotations

from tests.toolkit.conversations.conftest import Talk

TESTS = """
import os


async def test_echo():
    chosen = os.environ["CHOSEN"]
    async with connect(url("/talk")) as ws:
        await hear(ws)
        await ask(ws, do="echo", password=chosen)
        assert (await hear(ws))["password"] == chosen
"""


def test_the_secret_of_the_test_comes_back(talk: Talk) -> None:
    talk.test(TESTS)

    recorded = talk.project.pytest("--record-mode=rewrite", environment={"CHOSEN": "first-Pw-77aa"})
    replayed = talk.project.pytest("--record-mode=none", environment={"CHOSEN": "other-Pw-99bb"})

    assert (recorded.tail, replayed.tail) == ("1 passed", "1 passed"), replayed.output
    assert "first-Pw-77aa" not in talk.cassette("test_echo")
    assert talk.cassette("test_echo").count("<secret:password>") == 2
