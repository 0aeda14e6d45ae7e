"""
A project of its own for each test of the toolkit, with a small real service to record.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer

    from tests.toolkit.grouping import GroupScheduling

# A shell that starts the suite in the background has it ignore Ctrl-C, and what it starts would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

NOTEBOOK = Path(__file__).with_name("notebook.py")
REFRESH = Path(__file__).parents[2] / "tools" / "refresh_cassettes.py"
OPTIONS = ("-p", "no:randomly", "-p", "no:cacheprovider")

# Plugins that are installed for the toolkit's own suite have no say in the project's.
OF_PYTEST = """
[tool.pytest.ini_options]
addopts = [
  "--strict-markers",
  "--import-mode=importlib",
  "-p", "no:anyio", "-p", "no:hypothesispytest", "-p", "no:pgmem", "-p", "no:respx",
]
filterwarnings = ["error"]
asyncio_default_fixture_loop_scope = "function"
"""

PYPROJECT = f"""
[tool.taketwo.services.notebook]
command = ["python", "{NOTEBOOK}", "{{port}}"]
health = "/health"
reset = "/reset"
contract = {{ openapi = "/openapi.json" }}
address = "NOTEBOOK_URL"
environment = {{ NOTEBOOK_URL = "{{url}}" }}
secrets = {{ NOTEBOOK_KEY = "k3y-of-the-notebook" }}
{OF_PYTEST}"""

CLIENT = """
import os

import httpx
import pytest

URL = os.environ.get("NOTEBOOK_URL")


def client():
    return httpx.Client(base_url=os.environ["NOTEBOOK_URL"], trust_env=False)


def get(path):
    with client() as c:
        return c.get(path)
"""


# Projects in folders of their own, in which pytest and the commands run as processes.
_SLOW_FIXTURES = frozenset(
    {"catalogue", "found", "project", "pytester", "recorded", "shop", "talk", "wheels"}
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    Mark the tests that are slow; where ``TAKETWO_SHARE`` names a share of these, leave the others out.

    ``1/4`` is the second of four. The cells of a family of clients stay together: they share their processes.
    """
    for item in items:
        if not _SLOW_FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("slow")
    number, _, count = os.environ.get("TAKETWO_SHARE", "").partition("/")
    if not count:
        return
    share_of = _shares(items, int(count))
    left = [item for item in items if item.get_closest_marker("slow") and share_of(item) != int(number)]
    others = set(left)
    items[:] = [item for item in items if item not in others]
    config.hook.pytest_deselected(items=left)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling | None:
    if config.getoption("dist") != "loadgroup":
        return None
    from tests.toolkit.grouping import GroupScheduling  # noqa: PLC0415 - only where xdist is installed

    return GroupScheduling(config, log)


def _shares(items: Iterable[pytest.Item], count: int) -> Callable[[pytest.Item], int]:
    """
    In which share a test is. Groups take many times as long as a test: they are dealt out in turn.
    """
    groups = sorted({group for item in items if (group := _group(item))})
    dealt = {group: place % count for place, group in enumerate(groups)}
    return lambda item: dealt.get(_group(item), zlib.crc32(item.nodeid.encode()) % count)


def _group(item: pytest.Item) -> str:
    marker = item.get_closest_marker("xdist_group")
    return str(marker.args[0]) if marker else ""


@dataclass(frozen=True, slots=True)
class Run:
    """
    How a command ended, and what it printed.
    """

    code: int
    output: str
    errors: str = ""

    @property
    def said(self) -> str:
        """
        The output without the margin that pytest draws beside an error with --tb=short.
        """
        return re.sub("^E   ", "", self.output, flags=re.MULTILINE)

    @property
    def tail(self) -> str:
        """
        The last line of pytest without the time it took.
        """
        last = self.output.rstrip().rpartition("\n")[2]
        return last.strip("= ").partition(" in ")[0]


@dataclass(frozen=True, slots=True)
class Project:
    """
    A folder with a ``pyproject.toml``, tests, and cassettes to come.
    """

    root: Path

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def test(self, body: str, name: str = "tests/test_notes.py") -> Path:
        """
        Write a test module that has ``client()`` and ``get(path)``.
        """
        return self.write(name, CLIENT + textwrap.dedent(body))

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name != "CI" and not name.startswith(("PYTEST_", "NOTEBOOK_"))
        }
        own = {
            "COLUMNS": "200",
            "NO_COLOR": "1",
            "NOTEBOOK_PIDS": str(self.pids),
            "TAKETWO_CACHE": str(self.root.with_name("cache")),
        }
        return {**kept, **own, **(extra or {})}

    def pytest(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Run:
        return self.run("-m", "pytest", *OPTIONS, *arguments, environment=environment)

    def start(self, *arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """
        The same as :meth:`run`, for a command that is to be followed, or stopped.
        """
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.root,
            env=self.environment(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def refresh(
        self, *arguments: str, environment: Mapping[str, str] | None = None, folder: str = "."
    ) -> Run:
        """
        ``python tools/refresh_cassettes.py``, as a user of a project types it.
        """
        return self.told(str(REFRESH), *arguments, environment=environment, folder=folder)

    def told(self, *arguments: str, environment: Mapping[str, str] | None = None, folder: str = ".") -> Run:
        """
        What Python says and what it complains of, each by itself.
        """
        done = self._done(arguments, environment, folder=folder, errors=subprocess.PIPE)
        return Run(done.returncode, done.stdout, done.stderr)

    @property
    def pids(self) -> Path:
        return self.root.with_name("pids")

    def started(self) -> list[int]:
        """
        The process ids of every notebook that was ever started here.
        """
        return [int(line) for line in self.pids.read_text().split()] if self.pids.exists() else []

    def alive(self, *, within: float) -> list[int]:
        """
        The notebooks that are still there when *within* seconds have passed, or none as soon as that is so.
        """
        deadline = time.monotonic() + within
        while left := [pid for pid in self.started() if is_alive(pid)]:
            if time.monotonic() > deadline:
                return left
            time.sleep(0.05)
        return []

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Run:
        done = self._done(arguments, environment, folder=".", errors=subprocess.STDOUT)
        return Run(done.returncode, done.stdout)

    def _done(
        self, arguments: Sequence[str], environment: Mapping[str, str] | None, *, folder: str, errors: int
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root / folder,
            env=self.environment(environment),
            stdout=subprocess.PIPE,
            stderr=errors,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=120,
            check=False,
        )

    def cassette(self, name: str, module: str = "test_notes") -> Path:
        return self.root / "cassettes" / module / f"{name}.yaml"

    def files(self) -> dict[str, str]:
        """
        Every file below ``cassettes/`` with its text, as git would see them.
        """
        folder = self.root / "cassettes"
        return {
            str(path.relative_to(folder)): path.read_text(encoding="utf-8", errors="surrogateescape")
            for path in sorted(folder.rglob("*"))
            if path.is_file() and ".taketwo" not in path.parts
        }

    def tree(self) -> dict[str, tuple[int, bytes]]:
        """
        Everything in the project, with the time of its last change.
        """
        return {
            str(path.relative_to(self.root)): (
                path.stat().st_mtime_ns,
                path.read_bytes() if path.is_file() else b"",
            )
            for path in sorted(self.root.rglob("*"))
        }


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):  # the latter between opening and reading
        return False
    # One that nobody has waited for yet has ended all the same.
    return state != "Z"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "project"
    root.mkdir()
    made = Project(root)
    made.write("pyproject.toml", PYPROJECT)
    return made


@pytest.fixture
def another(tmp_path: Path) -> Iterator[str]:
    """
    The address of a notebook that somebody else has started, and that is nobody's to stop.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (tmp_path / "another.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, str(NOTEBOOK), str(port)],
        env={**os.environ, "NOTEBOOK_KEY": "k3y-of-the-notebook"},
        stdout=log,
        stderr=log,
    )
    try:
        _await(port)
        yield f"http://127.0.0.1:{port}"
        assert process.poll() is None, "the notebook was stopped"
    finally:
        process.kill()
        process.wait()
        log.close()


def _await(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens on port {port}")
