"""
The project that a script belongs to, if any: what it says of secrets, placeholders and hosts holds here too.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from taketwo.cassette.base_urls import BaseUrls, is_at
from taketwo.cassette.secrets.redact import Redactor, secrets_of_environment
from taketwo.config.dotenv import read_dotenv
from taketwo.config.project import Config, load_config
from taketwo.playback.quotas import Quotas
from taketwo.services.service import Service


@dataclass(frozen=True)
class Project:
    """
    *config* and the *environment* of the process, with what the project's ``.env`` adds.
    """

    config: Config
    environment: Mapping[str, str]

    @cached_property
    def services(self) -> list[Service]:
        """
        The services of the project; none of them is started here.
        """
        return [
            Service(service, environment=self.environment, root=self.config.root)
            for service in self.config.services.values()
        ]

    @cached_property
    def secrets(self) -> dict[str, str]:
        """
        The secrets by name.
        """
        found = secrets_of_environment(self.environment, self.config.secrets)
        for service in self.services:
            found |= service.secrets
        return found

    @cached_property
    def redactor(self) -> Redactor:
        return Redactor(self.secrets, self.config.redact)

    @cached_property
    def bases(self) -> BaseUrls:
        return BaseUrls({service.address: service.config.url for service in self.services})

    @cached_property
    def quotas(self) -> Quotas | None:
        """
        The quotas of those services that have one, None where none has.
        """
        found = {name: one.quota for name, one in self.config.services.items() if one.quota is not None}
        return Quotas(found, root=self.config.root, find=self._service_at) if found else None

    def _service_at(self, url: str) -> str | None:
        for service in self.services:
            if is_at(url, service.address) or is_at(url, service.config.url):
                return service.config.name
        return None

    def relative(self, path: Path) -> str:
        """
        A path as people read it: from the project on, where it lies there.
        """
        root = self.config.root
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def project_at(folder: Path, environment: Mapping[str, str] = os.environ) -> Project:
    """
    The project of *folder*: the nearest ``pyproject.toml`` decides; one without a ``[tool.taketwo]``, and a
    folder without any, is a project that says nothing.

    :raises ConfigError: naming every mistake in it.
    """
    home = next((home for home in (folder, *folder.parents) if (home / "pyproject.toml").is_file()), folder)
    config = load_config(home) or Config(
        root=home, cassettes=home / "cassettes", tests=home / "tests", services={}
    )
    known = dict(environment)
    if config.dotenv is not None and config.dotenv.is_file():
        read_dotenv(config.dotenv, known)
    return Project(config, known)
