"""
``freeze = true``: a test has the clock and the random numbers of its recording.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import OF_PYTEST, Project

pytest.importorskip("time_machine")

SERVER = """
import base64, http.server, json, secrets, sys, time

class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        now = int(time.time())
        claims = {"sub": "me", "iat": now, "exp": now + 3600, "jti": secrets.token_hex(8)}
        parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
                 for part in ({"alg": "HS256"}, claims))
        token = ".".join([*parts, secrets.token_urlsafe(32)])
        body = json.dumps({"now": now, "echo": json.loads(content or b"{}"), "id_token": token}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

CONFIG = f"""
[tool.taketwo.services.clock]
command = ["python", "server.py", "{{port}}"]
health = "/"
address = "CLOCK_URL"
environment = {{ CLOCK_URL = "{{url}}" }}
{OF_PYTEST}"""

TESTS = """
import base64, json, os, random, time
from uuid import uuid4

import httpx
import numpy
import pytest

START = 1_790_000_000


def ask(**body):
    return httpx.post(os.environ["CLOCK_URL"] + "/", json=body).json()


@pytest.mark.vcr(freeze=True)
def test_frozen():
    chance = [random.random(), float(numpy.random.rand())]
    sent = {"at": int(time.time()), "id": str(uuid4()), "chance": chance}
    answer = ask(**sent)
    claims = json.loads(base64.urlsafe_b64decode(answer["id_token"].split(".")[1] + "=="))
    assert answer["echo"] == sent
    assert abs(time.time() - answer["now"]) < 60
    assert claims["iat"] - 60 < time.time() < claims["exp"]
    assert time.time() - int(time.time()) < 60 and time.time() < time.time() + 1


@pytest.mark.vcr
def test_free():
    ask(a=1)
    with open("now.txt", "w") as file:
        file.write(f"{time.time()} {random.random()} {uuid4()}")
"""


def test_a_replay_has_the_clock_and_the_chance_of_the_recording(project: Project) -> None:
    project.write("pyproject.toml", CONFIG)
    project.write("server.py", SERVER)
    project.write("tests/test_clock.py", TESTS)

    first = project.pytest("--record-mode=rewrite")
    path = project.root / "cassettes/test_clock/test_frozen.yaml"
    recorded = path.read_text()
    again = project.pytest("--record-mode=rewrite")
    same = path.read_text()
    # As if that had been long ago.
    [line] = [line for line in recorded.splitlines() if line.startswith("time:")]
    path.write_text(recorded.replace(line, 'time: "2021-03-04T05:06:07Z"'))
    replayed = project.pytest("--record-mode=none")

    assert (first.tail, again.tail, replayed.tail) == ("2 passed",) * 3, first.output + replayed.output
    assert "2026-01-01" not in line
    assert same == recorded


def test_two_runs_without_it_differ(project: Project) -> None:
    project.write("pyproject.toml", CONFIG)
    project.write("server.py", SERVER)
    project.write("tests/test_clock.py", TESTS)

    seen = []
    for mode in ("rewrite", "none"):
        project.pytest(f"--record-mode={mode}", "-k", "test_free", "-p", "no:randomly")
        seen.append((project.root / "now.txt").read_text().split())

    assert all(one != other for one, other in zip(*seen, strict=True))


def test_a_project_turns_it_on_and_a_test_off(project: Project) -> None:
    project.write(
        "pyproject.toml",
        CONFIG.replace("[tool.taketwo.services", "[tool.taketwo]\nfreeze = true\n[tool.taketwo.services", 1),
    )
    project.write("server.py", SERVER)
    project.write(
        "tests/test_clock.py",
        TESTS.replace("@pytest.mark.vcr\n", "@pytest.mark.vcr(freeze=False)\n").replace("(freeze=True)", ""),
    )

    project.pytest("--record-mode=rewrite")

    frozen, free = (
        (project.root / f"cassettes/test_clock/{name}.yaml").read_text()
        for name in ("test_frozen", "test_free")
    )
    assert 'time: "2026-01-01T00:00:00Z"' not in frozen
    assert 'time: "2026-01-01T00:00:00Z"' in free


def test_without_time_machine_the_command_that_installs_it_is_named(project: Project) -> None:
    project.write("pyproject.toml", CONFIG)
    project.write("server.py", SERVER)
    project.write("tests/test_clock.py", TESTS)
    project.write("tests/conftest.py", "import sys\n\nsys.modules['time_machine'] = None\n")

    run = project.pytest("--record-mode=rewrite", "-k", "test_frozen")

    assert "freeze = true needs the package time_machine, which is not installed" in run.output
    assert "pip install 'taketwo[freeze]'" in run.output
