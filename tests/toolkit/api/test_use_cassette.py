"""
``taketwo.use_cassette``: modes, forms, what is written, and what an exception costs.
"""

from __future__ import annotations

import asyncio
import errno
import os
import random
import re
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import httpx
import pytest

import taketwo
from taketwo.cassette import content
from taketwo.playback.modes import RunModes, running
from tests.toolkit.api.conftest import Counter


def get(url: str, **headers: str) -> str:
    with urlopen(Request(url, headers=headers), timeout=10) as response:
        text: str = response.read().decode()
    return text


def ask_and_fail(url: str) -> None:
    get(url)
    raise ZeroDivisionError


def ask_for_too_much(url: str) -> None:
    for ask in (get, httpx.get):
        with pytest.raises(taketwo.errors.RecordingRefused, match="ignore_hosts in vcr_config"):
            ask(url)


def hide_errors_of(url: str) -> None:
    with suppress(BaseException):
        get(url)


def test_a_block_is_recorded_once_and_replayed_from_then_on(service: Counter, folder: Path) -> None:
    for _ in range(2):
        with taketwo.use_cassette("greeting.yaml") as cassette:
            assert get(f"{service.url}/a") == "hello /a"

    assert (service.asked, cassette.play_count) == (["/a"], 1)
    text = (folder / "greeting.yaml").read_text()
    assert text.startswith("taketwo: ")
    assert "test: use_cassette(greeting.yaml)" in text


def test_a_frozen_block_has_the_clock_and_the_chance_of_its_recording(service: Counter, folder: Path) -> None:
    seen = []
    for _ in range(2):
        with taketwo.use_cassette("frozen.yaml", freeze=True):
            get(service.url)
            seen.append((uuid4(), random.random(), time.time()))  # noqa: S311 - not for secrecy
        path = folder / "frozen.yaml"
        path.write_text(re.sub("(?m)^time: .*$", 'time: "2021-03-04T05:06:07Z"', path.read_text()))

    assert seen[0][:2] == seen[1][:2]
    assert 0 <= seen[1][2] - datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC).timestamp() < 600
    assert time.time() > seen[0][2]


def test_a_path_without_suffix_is_yaml_and_folders_are_made(service: Counter, folder: Path) -> None:
    with taketwo.use_cassette("greeting", cassette_library_dir="tapes/http"):
        get(service.url)

    assert (folder / "tapes" / "http" / "greeting.yaml").is_file()


def test_an_exception_keeps_the_old_file(service: Counter, folder: Path) -> None:
    with taketwo.use_cassette("x.yaml"):
        get(f"{service.url}/a")
    before = (folder / "x.yaml").read_bytes()
    service.says = "changed"

    with pytest.raises(ZeroDivisionError), taketwo.use_cassette("x.yaml", record_mode="rewrite"):
        ask_and_fail(f"{service.url}/a")

    assert (folder / "x.yaml").read_bytes() == before
    assert service.asked == ["/a", "/a"]


def test_an_exception_writes_no_first_file(service: Counter, folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), taketwo.use_cassette("x.yaml"):
        ask_and_fail(service.url)

    assert not (folder / "x.yaml").exists()


def test_a_block_that_sends_nothing_writes_nothing(folder: Path) -> None:
    with taketwo.use_cassette("x.yaml"):
        pass

    assert not (folder / "x.yaml").exists()


def test_rewrite_replaces_and_what_did_not_change_is_the_same_to_the_byte(
    service: Counter, folder: Path
) -> None:
    texts = []
    for _ in range(2):
        with taketwo.use_cassette("x.yaml", record_mode="rewrite"):
            get(f"{service.url}/a")
        texts.append((folder / "x.yaml").read_bytes())

    assert texts[0] == texts[1]
    assert service.asked == ["/a", "/a"]


def test_new_episodes_adds_to_what_is_there(service: Counter) -> None:
    with taketwo.use_cassette("x.yaml"):
        get(f"{service.url}/a")

    with taketwo.use_cassette("x.yaml", record_mode="new_episodes"):
        get(f"{service.url}/a")
        get(f"{service.url}/b")
    with taketwo.use_cassette("x.yaml") as cassette:
        assert (get(f"{service.url}/b"), get(f"{service.url}/a")) == ("hello /b", "hello /a")

    assert service.asked == ["/a", "/b"]
    assert cassette.all_played


def test_a_request_that_was_not_recorded_is_an_error_that_names_what_to_do(service: Counter) -> None:
    with taketwo.use_cassette("x.yaml"):
        get(f"{service.url}/a")

    with pytest.raises(taketwo.errors.NoMatch) as caught, taketwo.use_cassette("x.yaml"):
        get(f"{service.url}/b")

    said = str(caught.value).splitlines()
    assert said[0] == f"x.yaml has no answer to GET {service.url}/b"
    assert said[-1] == (
        "if the code is right to send it like this, record again: "
        'run it with TAKETWO_RECORD_MODE=rewrite, or say record_mode="rewrite"'
    )


def test_an_error_that_the_code_hides_ends_the_block_all_the_same() -> None:
    with (
        pytest.raises(taketwo.errors.CassetteNotFound, match="the code went on"),
        taketwo.use_cassette("x.yaml", record_mode="none"),
    ):
        hide_errors_of("http://shop.test/")


def test_a_replay_closes_the_network_but_for_what_is_allowed(service: Counter) -> None:
    with taketwo.use_cassette("x.yaml"):
        get(service.url)
    port = int(service.url.rpartition(":")[2])

    with taketwo.use_cassette("x.yaml"), pytest.raises(taketwo.errors.NetworkBlocked, match=r"x\.yaml is"):
        socket.create_connection(("127.0.0.1", port))
    with taketwo.use_cassette("x.yaml", allowed_hosts=["127.0.0.1"]):
        socket.create_connection(("127.0.0.1", port)).close()
    with taketwo.use_cassette("x.yaml", block_network=False):
        socket.create_connection(("127.0.0.1", port)).close()


def test_hosts_that_are_ignored_are_reached_in_a_replay_too(service: Counter, folder: Path) -> None:
    for _ in range(2):
        with taketwo.use_cassette("x.yaml", ignore_localhost=True):
            get(f"{service.url}/a")

    assert service.asked == ["/a", "/a"]
    assert not (folder / "x.yaml").exists()


def test_secrets_of_the_environment_and_of_headers_never_reach_the_file(
    service: Counter, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_API_KEY", "s3cr3t-of-the-shop")

    with taketwo.use_cassette("x.yaml"):
        get(f"{service.url}/?q=s3cr3t-of-the-shop", Authorization="Bearer another-secret-4711")

    text = (folder / "x.yaml").read_text()
    assert "s3cr3t-of-the-shop" not in text
    assert "another-secret-4711" not in text


def test_options_of_vcrpy_are_those_of_vcrpy(service: Counter, folder: Path) -> None:
    with taketwo.use_cassette("x.yaml", filter_headers=["x-trace"], match_on=["method", "path"]):
        get(f"{service.url}/a?time=1", **{"x-trace": "abc"})

    with taketwo.use_cassette("x.yaml", match_on=["method", "path"]):
        assert get(f"{service.url}/a?time=2") == "hello /a?time=1"
    assert "x-trace" not in (folder / "x.yaml").read_text()


def test_the_project_says_what_is_secret_and_which_hosts_may_be_reached(
    service: Counter, folder: Path
) -> None:
    (folder / "pyproject.toml").write_text(
        '[tool.taketwo]\nredact = ["pin"]\nallowed_hosts = ["127.0.0.1"]\n'
    )
    (folder / ".env").write_text("SHOP_API_KEY=from-the-dotenv-file\n")

    with taketwo.use_cassette("x.yaml"):
        get(f"{service.url}/?pin=pin-4711-8152-x&q=from-the-dotenv-file")

    text = (folder / "x.yaml").read_text()
    assert "pin-4711-8152-x" not in text
    assert "from-the-dotenv-file" not in text
    with taketwo.use_cassette("x.yaml"):
        socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2]))).close()


def test_a_mistake_in_the_project_is_named(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.taketwo]\ncasettes = 1\n")

    with pytest.raises(taketwo.errors.ConfigError, match="casettes"), taketwo.use_cassette("x.yaml"):
        pass


def test_async_blocks_and_coroutines(service: Counter) -> None:
    async def ask() -> str:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"{service.url}/a")).text

    async def in_a_block() -> str:
        async with taketwo.use_cassette("x.yaml"):
            return await ask()

    @taketwo.use_cassette("x.yaml")
    async def decorated() -> str:
        return await ask()

    assert [asyncio.run(in_a_block()), asyncio.run(decorated())] == ["hello /a", "hello /a"]
    assert service.asked == ["/a"]


def test_a_decorator_opens_the_cassette_for_each_call(service: Counter) -> None:
    @taketwo.use_cassette("x.yaml")
    def ask(path: str, *, times: int = 1) -> list[str]:
        """Ask."""
        return [get(f"{service.url}{path}") for _ in range(times)]

    assert [ask("/a"), ask("/a", times=1)] == [["hello /a"], ["hello /a"]]
    assert (ask.__name__, ask.__doc__, service.asked) == ("ask", "Ask.", ["/a"])


def test_a_decorator_without_path_names_the_cassette_like_the_function(
    service: Counter, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "shop.py").write_text(
        "import taketwo\n\n\n@taketwo.use_cassette()\ndef ask(get, url):\n    return get(url)\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    shop: Any = __import__("shop")

    assert shop.ask(get, f"{service.url}/a") == "hello /a"
    assert (folder / "ask.yaml").is_file()


def test_a_block_without_path_and_a_generator_are_refused() -> None:
    def numbers() -> Any:  # noqa: ANN401 - a generator of anything
        yield 1

    with pytest.raises(taketwo.errors.ConfigError, match="needs the path"), taketwo.use_cassette():
        pass
    with pytest.raises(taketwo.errors.ConfigError, match="is a generator"):
        taketwo.use_cassette("x.yaml")(numbers)


def test_blocks_may_be_nested_and_each_records_its_own(service: Counter, folder: Path) -> None:
    with taketwo.use_cassette("outer.yaml"):
        get(f"{service.url}/a")
        with taketwo.use_cassette("inner.yaml"):
            get(f"{service.url}/b")
        get(f"{service.url}/c")

    outer, inner = (folder / "outer.yaml").read_text(), (folder / "inner.yaml").read_text()
    assert [part in outer for part in ("/a", "/b", "/c")] == [True, False, True]
    assert [part in inner for part in ("/a", "/b", "/c")] == [False, True, False]


def test_a_cassette_of_vcrpy_is_replayed_and_its_json_is_not_replaced(folder: Path) -> None:
    interaction = (
        '{"version": 1, "interactions": [{"request": {"method": "GET", "uri": "http://shop.test/", '
        '"body": null, "headers": {}}, "response": {"status": {"code": 200, "message": "OK"}, '
        '"headers": {}, "body": {"string": "from vcrpy"}}}]}'
    )
    (folder / "x.json").write_text(interaction)

    with taketwo.use_cassette("x.json"):
        assert get("http://shop.test/") == "from vcrpy"
    with (
        pytest.raises(taketwo.errors.ConfigError, match=r"name it x\.yaml"),
        taketwo.use_cassette("x.json", record_mode="rewrite"),
    ):
        pass


def test_a_damaged_cassette_is_an_error_and_can_be_recorded_again(service: Counter, folder: Path) -> None:
    (folder / "x.yaml").write_text("taketwo: nonsense\n")

    with pytest.raises(taketwo.errors.CassetteFormatError), taketwo.use_cassette("x.yaml"):
        pass
    with taketwo.use_cassette("x.yaml", record_mode="rewrite"):
        get(f"{service.url}/a")
    with taketwo.use_cassette("x.yaml", record_mode="none"):
        assert get(f"{service.url}/a") == "hello /a"


def test_unplayed_interactions_fail_where_that_is_asked_for(service: Counter) -> None:
    with taketwo.use_cassette("x.yaml"):
        get(f"{service.url}/a")

    with taketwo.use_cassette("x.yaml"):
        pass
    with (
        pytest.raises(taketwo.errors.NoMatch, match=r"never asked for all that x\.yaml holds"),
        taketwo.use_cassette("x.yaml", unplayed="fail"),
    ):
        pass


def test_the_environment_asks_for_a_mode_before_the_code_does(
    service: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    with taketwo.use_cassette("x.yaml"):
        get(f"{service.url}/a")
    monkeypatch.setenv("TAKETWO_RECORD_MODE", "rewrite")

    with taketwo.use_cassette("x.yaml", record_mode="none"):
        get(f"{service.url}/a")

    assert service.asked == ["/a", "/a"]


def test_in_ci_nothing_is_recorded(service: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with (
        pytest.raises(taketwo.errors.CassetteNotFound),
        taketwo.use_cassette("x.yaml", record_mode="rewrite"),
    ):
        get(service.url)
    monkeypatch.setenv("TAKETWO_RECORD_MODE", "once")
    with pytest.raises(taketwo.errors.ConfigError, match="CI=true only replays"):
        taketwo.use_cassette("x.yaml").__enter__()

    assert service.asked == []


def test_an_unknown_mode_is_named_with_those_that_there_are() -> None:
    with (
        pytest.raises(taketwo.errors.ConfigError, match="no record mode 'onse'; the modes are none, once"),
        taketwo.use_cassette("x.yaml", record_mode="onse"),  # type: ignore[arg-type]
    ):
        pass


@pytest.mark.parametrize(
    ("run", "asked"),
    [
        (RunModes(asked="rewrite", only_replays=False, is_disabled=False), 2),
        (RunModes(asked=None, only_replays=False, is_disabled=True), 2),
        (RunModes(asked="none", only_replays=False, is_disabled=False), 1),
        (RunModes(asked=None, only_replays=True, is_disabled=False), 1),
    ],
)
def test_inside_of_a_run_of_pytest_its_command_line_decides(
    service: Counter, run: RunModes, asked: int
) -> None:
    with taketwo.use_cassette("x.yaml"):
        get(f"{service.url}/a")

    with running(run), taketwo.use_cassette("x.yaml"):
        get(f"{service.url}/a")

    assert len(service.asked) == asked


def test_what_is_sent_too_late_is_refused(service: Counter) -> None:
    with taketwo.use_cassette("x.yaml"):
        get(f"{service.url}/a")
    late: list[BaseException] = []

    async def ask_late(closed: asyncio.Event) -> None:
        await closed.wait()
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                await client.get(f"{service.url}/a")
        except taketwo.errors.LateRequest as error:
            late.append(error)

    async def main() -> None:
        closed = asyncio.Event()
        with taketwo.use_cassette("outer.yaml", record_mode="new_episodes"):
            with taketwo.use_cassette("x.yaml"):
                task = asyncio.create_task(ask_late(closed))
            closed.set()
            await task

    asyncio.run(main())

    assert [str(error).partition(" sent ")[0] for error in late] == ["a task of use_cassette(x.yaml)"]
    assert "after its block had ended" in str(late[0])


@pytest.mark.slow
def test_a_script_needs_no_pytest_to_be_loaded(service: Counter, folder: Path) -> None:
    (folder / "script.py").write_text(
        "import sys\nfrom urllib.request import urlopen\nimport taketwo\n\n"
        "with taketwo.use_cassette('x.yaml'):\n"
        "    print(urlopen(sys.argv[1]).read().decode())\n"
        "print('_pytest' in sys.modules)\n"
    )
    told = [
        subprocess.run(
            [sys.executable, "script.py", f"{service.url}/a"],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for _ in range(2)
    ]

    assert told == ["hello /a\nFalse\n"] * 2
    assert service.asked == ["/a"]


OF_VCRPY = """
interactions:
- request: {method: GET, uri: URL, body: null, headers: {X-Agent: [shop]}}
  response: {status: {code: 200, message: OK}, headers: {}, body: {string: found}}
version: 1
"""


@pytest.mark.slow
def test_a_script_reads_the_compiled_cassette_from_the_second_replay_on(
    service: Counter, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKETWO_CACHE", str(folder / "cache"))
    (folder / "script.py").write_text(
        "import sys, taketwo\nfrom urllib.request import urlopen\n"
        "from taketwo.playback.active import current\n"
        "with taketwo.use_cassette('x.yaml'):\n"
        "    print(urlopen(sys.argv[1]).read().decode(), end=' ')\n"
        "    cassette = current().player.cassette\n"
        "print(cassette and type(cassette.interactions).__name__)\n"
    )

    def run() -> str:
        command = [sys.executable, "script.py", f"{service.url}/a"]
        return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()

    assert run() == "hello /a None"
    assert run() == "hello /a tuple"
    assert run() == "hello /a CompiledInteractions"
    assert service.asked == ["/a"]


def test_headers_that_match_are_those_that_a_cassette_holds(folder: Path) -> None:
    """
    A client adds others to each request by itself, such as Host; VCR.py does not see them.
    """
    (folder / "headers.yaml").write_text(OF_VCRPY.replace("URL", "http://shop.test/"))

    with taketwo.use_cassette("headers.yaml", match_on=["method", "uri", "headers"]):
        assert get("http://shop.test/", **{"X-Agent": "shop"}) == "found"


def test_a_path_alone_is_what_vcrpy_writes_of_an_aiohttp_session_with_a_base_url(folder: Path) -> None:
    (folder / "path.yaml").write_text(OF_VCRPY.replace("URL", "/notes?page=2"))

    with taketwo.use_cassette("path.yaml"):
        assert get("http://shop.test/notes?page=2") == "found"


def test_an_answer_that_the_disk_has_no_room_for_is_refused_whatever_the_code_makes_of_it(
    service: Counter, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    It is never recorded as far as it came.
    """

    def no_room(**_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(content, "TemporaryFile", no_room)
    service.says = "a long answer " * (content.LARGEST_IN_MEMORY // 10)

    with (
        pytest.raises(
            taketwo.errors.RecordingRefused, match=rf"the answer to GET {service.url}/a cannot be kept after"
        ),
        taketwo.use_cassette("x.yaml"),
    ):
        ask_for_too_much(f"{service.url}/a?key=hidden")

    assert not (folder / "x.yaml").exists()
