"""
A project of its own for each test of the toolkit, with a small real service to record.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).with_name("notebook.py")

PYPROJECT = f"""
[tool.taketwo.services.notebook]
command = ["python", "{NOTEBOOK}", "{{port}}"]
health = "/health"
reset = "/reset"
contract = {{ openapi = "/openapi.json" }}
address = "NOTEBOOK_URL"
environment = {{ NOTEBOOK_URL = "{{url}}" }}
secrets = {{ NOTEBOOK_KEY = "k3y-of-the-notebook" }}

[tool.pytest.ini_options]
addopts = ["--strict-markers", "--import-mode=importlib"]
filterwarnings = ["error"]
asyncio_default_fixture_loop_scope = "function"
"""

CLIENT = """
import os

import httpx
import pytest

URL = os.environ.get("NOTEBOOK_URL")


def client():
    return httpx.Client(base_url=os.environ["NOTEBOOK_URL"], trust_env=False)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """
    How a command ended, and what it printed.
    """

    code: int
    output: str

    @property
    def tail(self) -> str:
        """
        pytest's last line without the time it took.
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
        Write a test module that has ``client()``.
        """
        return self.write(name, CLIENT + textwrap.dedent(body))

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in {"CI", "PYTEST_ADDOPTS"}}
        return {**kept, "COLUMNS": "200", "NO_COLOR": "1", **(extra or {})}

    def pytest(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Run:
        # Plugins that are installed for the toolkit's own suite have no say in the project's.
        options = ["-p", "no:randomly", "-p", "no:cacheprovider"]
        return self.run("-m", "pytest", *options, *arguments, environment=environment)

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Run:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=self.environment(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=120,
            check=False,
        )
        return Run(done.returncode, done.stdout)

    def cassette(self, name: str, module: str = "test_notes") -> Path:
        return self.root / "cassettes" / module / f"{name}.yaml"

    def files(self) -> dict[str, str]:
        """
        Every file below ``cassettes/`` with its text, as git would see them.
        """
        folder = self.root / "cassettes"
        return {
            str(path.relative_to(folder)): path.read_text(encoding="utf-8")
            for path in sorted(folder.rglob("*"))
            if path.is_file() and ".taketwo" not in path.parts
        }


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "project"
    root.mkdir()
    made = Project(root)
    made.write("pyproject.toml", PYPROJECT)
    return made
