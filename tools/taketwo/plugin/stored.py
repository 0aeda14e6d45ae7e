"""
Cassettes that a run fetches from the store of the project, each once.

A process of its own fetches them: clients of stores are clients of HTTP, which a test would record or refuse.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from taketwo.cassette.store.locks import locked
from taketwo.cassette.store.names import STAGING_DIR
from taketwo.config.project import Config
from taketwo.errors import StoreError
from taketwo.features.store.transfer import Here
from taketwo.network.guard import unguarded

_MOST_ARGUMENTS = 500
_PATIENCE = 3600.0
"""Seconds that a worker of pytest-xdist waits for another one that fetches."""


class StoredCassettes:
    def __init__(self, project: Config, environment: Mapping[str, str]) -> None:
        self._project = project
        self._environment = dict(environment)
        self._here = Here(project.cassettes)
        self._failure = ""
        self._is_first = True

    def need(self, path: Path, others: Callable[[], Iterable[Path]]) -> None:
        """
        Have the cassette at *path* here, with its bodies; the first time, *others* that the run needs too.

        :raises StoreError: naming what is missing or damaged, or why the store cannot be reached.
        """
        if not self._here.lacks(path):
            return
        if self._failure:
            raise StoreError(self._failure)
        home = self._project.cassettes / STAGING_DIR
        home.mkdir(parents=True, exist_ok=True)
        with locked(home, patience=_PATIENCE):
            self._here = Here(self._project.cassettes)
            wanted = [path, *(others() if self._is_first else ())]
            self._is_first = False
            failure = self._fetch([one for one in dict.fromkeys(wanted) if self._here.lacks(one)])
            self._here = Here(self._project.cassettes)
        self._failure = failure
        if self._here.lacks(path):
            raise StoreError(failure or f"{path} was fetched, and is not here; try: taketwo pull")

    def _fetch(self, paths: Iterable[Path]) -> str:
        """
        Why not all of *paths* could be fetched, empty where they were.
        """
        failure = ""
        names = list(map(str, paths))
        for first in range(0, len(names), _MOST_ARGUMENTS):
            with unguarded():
                done = subprocess.run(
                    [sys.executable, "-m", "taketwo", "pull", "--", *names[first : first + _MOST_ARGUMENTS]],
                    cwd=self._project.root,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    encoding="utf-8",
                    errors="replace",
                    check=False,
                )
            if done.returncode:
                failure = done.stderr.removeprefix("error: ").strip() or "taketwo pull failed"
        return failure
