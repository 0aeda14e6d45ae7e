"""
Clients that speak HTTP/2, and clients whose requests have an order: what they are given and what is recorded.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.toolkit.features.serve.service import running

pytestmark = pytest.mark.slow

HTTPX = """
import httpx
with httpx.Client(http2=True) as client:
    answer = client.get("{url}/page")
    print(answer.http_version, answer.json()["path"])
"""
NODE = """
fetch("{url}/page").then((answer) => answer.json()).then(({path}) => console.log("HTTP/1.1", path))
"""
JAVA = r"""
import java.net.URI;
import java.net.http.*;

public class Ask {
    public static void main(String[] urls) throws Exception {
        HttpRequest asked = HttpRequest.newBuilder(URI.create(urls[0])).build();
        HttpResponse<String> answer =
            HttpClient.newHttpClient().send(asked, HttpResponse.BodyHandlers.ofString());
        String path = answer.body().replaceAll(".*\"path\": \"(.*?)\".*", "$1");
        System.out.println(answer.version().toString().replace("_1_1", "/1.1") + " " + path);
    }
}
"""
ONLY_HTTP2 = """
const line = require("node:http2").connect("{url}");
line.request({":path": "/page"}).on("response", () => process.exit(0)).end();
"""
CLIENTS = {
    "curl": ["curl", "-sS", "--http2", "-o", "/dev/null", "-w", "HTTP/%{http_version} /page\n", "{url}/page"],
    "httpx": [sys.executable, "-c", HTTPX],
    "node": ["node", "-e", NODE],
    "javac": ["java", "Ask.java", "{url}/page"],
}
ONE_BY_ONE = """
import httpx, sys
first, second = sys.argv[1:]
with httpx.Client() as client:
    for number in range(9, 0, -1):
        for origin in (first, second):
            assert client.get(f"{origin}/note/{number}").status_code == 200
"""
TOGETHER = """
import asyncio, httpx, sys
async def main():
    async with httpx.AsyncClient() as client:
        asked = [client.get(f"{origin}/note/{number}") for number in range(6) for origin in sys.argv[1:]]
        assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}
asyncio.run(main())
"""


def taketwo(folder: Path, *arguments: str, ca: Path | None = None) -> subprocess.CompletedProcess[str]:
    (folder / "pyproject.toml").write_text("[tool.taketwo]\n", encoding="utf-8")
    environment = {**os.environ, "TAKETWO_RECORD_MODE": "", "CI": ""}
    if ca is not None:
        environment["SSL_CERT_FILE"] = str(ca)
    return subprocess.run(
        [sys.executable, "-m", "taketwo", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_that_offers_http_2_is_answered_by_http_1(tmp_path: Path, name: str) -> None:
    if shutil.which(name) is None and name != "httpx":
        pytest.skip(f"{name} is not installed")
    (tmp_path / "Ask.java").write_text(JAVA, encoding="utf-8")
    with running(tmp_path) as service:
        command = [word.replace("{url}", service.https) for word in CLIENTS[name]]
        recorded = taketwo(tmp_path, "run", "--cassette", "page", "--", *command, ca=service.ca)
    replayed = taketwo(tmp_path, "run", "--cassette", "page", "--", *command)

    assert (recorded.returncode, recorded.stdout) == (0, "HTTP/1.1 /page\n"), recorded.stderr
    assert (replayed.returncode, replayed.stdout) == (0, "HTTP/1.1 /page\n"), replayed.stderr


def test_a_client_that_speaks_nothing_but_http_2_gets_an_error_and_is_not_recorded(tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    with running(tmp_path) as service:
        script = ONLY_HTTP2.replace("{url}", service.https)
        recorded = taketwo(tmp_path, "run", "--cassette", "page", "--", "node", "-e", script, ca=service.ca)

    assert recorded.returncode != 0
    assert "ERR_HTTP2" in recorded.stderr
    assert not (tmp_path / "page.yaml").exists()


def test_requests_one_after_the_other_to_several_hosts_keep_their_order(tmp_path: Path) -> None:
    with ExitStack() as stack:
        folders = [tmp_path / name for name in ("one", "two")]
        for folder in folders:
            folder.mkdir()
        origins = [stack.enter_context(running(folder)).http for folder in folders]
        command = [sys.executable, "-c", ONE_BY_ONE, *origins]
        done = taketwo(tmp_path, "run", "--cassette", "notes", "--", *command)
    replayed = taketwo(tmp_path, "run", "--cassette", "notes", "--", *command)

    asked = re.findall(r"url: (\S+)/note/(\d)", _text(tmp_path / "notes.yaml"))
    assert done.returncode == 0, done.stderr
    assert asked == [(origin, str(number)) for number in range(9, 0, -1) for origin in origins]
    assert replayed.returncode == 0, replayed.stderr


def test_requests_at_a_time_are_recorded_alike_five_times(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        command = [sys.executable, "-c", TOGETHER, service.http]
        recorded = ["run", "--cassette", "notes", "--record-mode=rewrite", "--", *command]
        texts = []
        for _ in range(5):
            done = taketwo(tmp_path, *recorded)
            assert done.returncode == 0, done.stderr
            texts.append(_text(tmp_path / "notes.yaml"))

    assert texts[0].count("- request:") == 6
    assert texts == texts[:1] * 5


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
