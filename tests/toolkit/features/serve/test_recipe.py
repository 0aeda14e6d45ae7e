"""
The image and the compose file of the documentation, executed as far as that goes without containers.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from taketwo.cassette.model import Cassette
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.features.serve.conftest import interaction

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[4] / "tools/taketwo/docs/serve.md"
PORT = "8787"


def block(language: str) -> str:
    found = re.search(
        rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert found is not None
    return found[1]


def instructions() -> dict[str, str]:
    return dict(line.split(" ", 1) for line in block("dockerfile").splitlines())


def compose() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load(block("yaml"))["services"]
    return services


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def test_the_image_installs_what_serve_needs() -> None:
    steps = instructions()
    extra = re.search(r"taketwo\[(\w+)\]", steps["RUN"])

    assert extra is not None
    assert extra[1] == "serve"
    assert steps["EXPOSE"] == PORT
    assert f'--port", "{PORT}"' in steps["ENTRYPOINT"]


def test_the_service_of_the_compose_file_answers_the_bot_beside_it(tmp_path: Path) -> None:
    """
    The folder has what the volumes mount. The port is a free one, and the address this machine's.
    """
    recordings, bot = compose()["recordings"], compose()["bot"]
    host, home = tmp_path / "host", tmp_path / "image" / instructions()["WORKDIR"].strip("/")
    home.mkdir(parents=True)
    note = interaction("GET", "http://mesh.test/api/notes", {"notes": []})
    (host / "cassettes").mkdir(parents=True)
    (host / "cassettes/notes.yaml").write_text(
        dump_cassette(Cassette(test="tests/test_notes.py::test_notes", interactions=(note,))),
        encoding="utf-8",
    )
    (host / "pyproject.toml").write_text("[tool.taketwo]\n", encoding="utf-8")
    for volume in recordings["volumes"]:
        source, target, mode = volume.split(":")
        assert mode == "ro"
        copied = tmp_path / "image" / target.strip("/")
        (shutil.copytree if (host / source).is_dir() else shutil.copy)(host / source, copied)

    port = free_port()
    words = [*json.loads(instructions()["ENTRYPOINT"]), *recordings["command"]]
    assert words[0] == "taketwo"
    named = [here(word, port) for word in words[1:]]
    with subprocess.Popen(
        [sys.executable, "-m", "taketwo", *named], cwd=home, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            first = server.stdout.readline()
            health = [here(word, port) for word in recordings["healthcheck"]["test"][1:]]
            healthy = subprocess.run([sys.executable, *health[1:]], check=False).returncode
            base = here(bot["environment"]["MESH_API_ENDPOINT"], port)
            answer = urllib.request.urlopen(f"{base}/notes").read()
            server.send_signal(getattr(signal, instructions()["STOPSIGNAL"]))
            code = server.wait(60)
        finally:
            server.kill()

    assert first.startswith("serving 1 cassette at ")
    assert (healthy, json.loads(answer), code) == (0, {"notes": []}, 0)


def here(word: str, port: str) -> str:
    """
    *word* of a container as it is on this machine.
    """
    return word.replace("recordings", "127.0.0.1").replace("0.0.0.0", "127.0.0.1").replace(PORT, port)
