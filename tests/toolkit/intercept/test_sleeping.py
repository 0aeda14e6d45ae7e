"""
A replay that skips sleeping: whoever sleeps in the code of the test, by whatever name.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from threading import Thread
from types import ModuleType

import anyio
import boto3
import pytest
import requests
import urllib3
from botocore.config import Config

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.secrets.redact import Redactor
from taketwo.config.playback import Playback, Sleep
from taketwo.intercept.cassette import open_cassette
from taketwo.playback.player import play
from taketwo.playback.recorder import Recorder
from tests.toolkit.intercept.conftest import Laboratory

SKIPS = Playback(sleep=Sleep.SKIP)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """
    How long each sleep was, of those that are told here in the place of being slept.
    """
    found: list[float] = []

    async def note(seconds: float, result: object = None) -> object:
        found.append(seconds)
        return result

    monkeypatch.setattr(time, "sleep", found.append)
    monkeypatch.setattr(asyncio, "sleep", note)
    return found


def replay(act: Callable[[], object], playback: Playback = SKIPS, recorder: Recorder | None = None) -> None:
    player = play(
        None,
        name="a.yaml",
        test="t",
        redactor=Redactor({}),
        reveal={},
        bases=BaseUrls({}),
        playback=playback,
    )
    with open_cassette("a.yaml", {}, player=player, recorder=recorder, configure=None):
        act()


def test_each_sleep_takes_a_thousandth_and_never_long(slept: list[float]) -> None:
    def act() -> None:
        time.sleep(30)
        time.sleep(0)
        time.sleep(3600)
        asyncio.run(asyncio.sleep(2))

    replay(act)

    assert slept == [0.03, 0, 0.05, 0.002]


def test_it_is_off_by_default(slept: list[float]) -> None:
    replay(lambda: time.sleep(30), playback=Playback())

    assert slept == [30]


def test_a_recording_waits(slept: list[float]) -> None:
    replay(lambda: time.sleep(30), recorder=Recorder())

    assert slept == [30]


def test_threads_of_the_test_are_part_of_it(slept: list[float]) -> None:
    def act() -> None:
        thread = Thread(target=lambda: time.sleep(10))
        thread.start()
        thread.join()
        with ThreadPoolExecutor() as pool:
            pool.submit(time.sleep, 20).result()

    replay(act)

    assert slept == [0.01, 0.02]


def test_what_does_not_belong_to_the_test_waits(slept: list[float]) -> None:
    """
    Such as a server that a fixture of the session has started.
    """
    replay(lambda: Context().run(time.sleep, 10))

    assert slept == [10]


def test_a_module_that_imported_it_by_name_sleeps_as_little(
    slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("polling")
    vars(module)["nap"] = time.sleep
    monkeypatch.setitem(sys.modules, "polling", module)
    real = time.sleep

    replay(lambda: vars(module)["nap"](5))

    assert slept == [0.005]
    assert vars(module)["nap"] is real
    assert time.sleep is real


@pytest.mark.parametrize("name", ["trio", "anyio"])
def test_trio_sleeps_as_little(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    trio = pytest.importorskip("trio")
    found: list[float] = []

    async def note(seconds: float) -> None:
        found.append(seconds)

    monkeypatch.setattr(trio, "sleep", note)

    async def act() -> None:
        await (trio.sleep(5) if name == "trio" else anyio.sleep(5))

    replay(lambda: trio.run(act))

    assert found == [0.005]


def test_a_client_that_is_asked_to_come_back_later_comes_at_once(lab: Laboratory, slept: list[float]) -> None:
    """
    As urllib3 does for ``Retry-After``, and requests by it.
    """

    def act() -> int:
        with requests.Session() as session:
            retry = urllib3.Retry(total=3, status_forcelist=[503])
            session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retry))
            return session.get(f"{lab.url}/flaky/sleeping/1/30").status_code

    assert lab.both(act) == (200, 200)
    assert lab.replay(act, SKIPS) == 200
    assert slept == [30, 30, 0.03]


@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_boto3_tries_again_without_waiting(lab: Laboratory, slept: list[float], mode: str) -> None:
    def act() -> object:
        options = Config(retries={"mode": mode, "max_attempts": 4}, region_name="eu-west-1")
        client = boto3.client(
            "s3",
            endpoint_url=f"{lab.url}/flaky/{mode}",
            aws_access_key_id="AKIAEXAMPLE",
            aws_secret_access_key="secret-of-the-example",
            config=options,
        )
        return client.get_object(Bucket="2", Key="0")["ResponseMetadata"]["RetryAttempts"]

    assert lab.record(act) == 2
    slept.clear()
    assert lab.replay(act, SKIPS) == 2
    assert len(slept) == 2
    assert max(slept) <= 0.05
