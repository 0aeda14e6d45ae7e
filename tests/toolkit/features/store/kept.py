"""
A checkout with cassettes that are kept in a store, and the commands as one types them in it.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.model import BinaryBody, Cassette, Interaction, StoredRequest, StoredResponse
from taketwo.cassette.store.outside import read_store_lock
from taketwo.cassette.store.staging import StagingDir, promote
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cli.main import main
from taketwo.config.store import StoreConfig
from taketwo.features.store.objects import ObjectStore
from taketwo.features.store.transfer import push

FILMS = "test_films/test_trailer.yaml"
SONGS = "test_songs/test_song.yaml"


def body(seed: int, size: int = 4000) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 - the same in each run


def cassette(test: str, *contents: bytes) -> Cassette:
    return Cassette(
        test=test,
        interactions=tuple(
            Interaction(
                StoredRequest(method="GET", url=f"http://films.test/{number}"),
                StoredResponse(status=200, body=BinaryBody(content)),
            )
            for number, content in enumerate(contents)
        ),
    )


@dataclass(frozen=True, slots=True)
class Checkout:
    """
    A project at *root*; commands run in this process.
    """

    root: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    @classmethod
    def made(
        cls,
        root: Path,
        url: str,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        *,
        settings: str = "larger_than = 1000",
    ) -> Checkout:
        root.mkdir(parents=True)
        text = f'[tool.taketwo]\n[tool.taketwo.store]\nurl = "{url}"\n{settings}\n'
        (root / "pyproject.toml").write_text(text, encoding="utf-8")
        (root / "cassettes").mkdir()
        return cls(root, monkeypatch, capsys)

    @property
    def cassettes(self) -> Path:
        return self.root / "cassettes"

    def record(self, name: str, *contents: bytes, test: str = "") -> None:
        made = cassette(test or f"tests/{name}", *contents)
        staging = StagingDir(self.cassettes)
        promote(staging.stage(dump_cassette(made), attachments(made)), self.cassettes / name)
        staging.close()

    def taketwo(self, *arguments: str) -> tuple[int, str, str]:
        """
        The exit code, and what was printed to both outputs.
        """
        self.monkeypatch.chdir(self.root)
        code = main(arguments)
        out, errors = self.capsys.readouterr()
        return code, out, errors

    def done(self, *arguments: str) -> str:
        code, out, errors = self.taketwo(*arguments)
        assert code == 0, errors
        return out

    def json(self, *arguments: str) -> dict[str, object]:
        found = json.loads(self.taketwo(*arguments, "--json")[1])
        assert isinstance(found, dict)
        return found

    def push_alone(self, url: str) -> None:
        """
        Push beside others in this process, which has one folder and one pair of outputs.
        """
        push(self.cassettes, ObjectStore(StoreConfig(url=url)), 3000, check=_nothing)

    def git(self, *arguments: str) -> str:
        options = ("-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "init.defaultBranch=main")
        done = subprocess.run(
            ["git", *options, *arguments],  # noqa: S607 - the machine's own
            cwd=self.root,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def lose(self) -> None:
        """
        Delete here what is in the store.
        """
        for name in read_store_lock(self.cassettes):
            (self.cassettes / name).unlink(missing_ok=True)

    def files(self) -> dict[str, bytes]:
        return {
            file.relative_to(self.cassettes).as_posix(): file.read_bytes()
            for file in sorted(self.cassettes.rglob("*"))
            if file.is_file() and ".taketwo" not in file.parts
        }


def _nothing(_: object) -> None:
    pass


def objects_in(store: Path) -> list[Path]:
    return sorted(Path(home, name) for home, _, names in os.walk(store) for name in names)
