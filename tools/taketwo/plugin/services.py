"""
The services of a run: started for the tests that need them, emptied, named to the code under test, stopped.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from taketwo.cassette.base_urls import BaseUrls, is_at
from taketwo.errors import ServiceError, TakeTwoError
from taketwo.network.guard import unguarded

if TYPE_CHECKING:
    from taketwo.config.services import ServiceConfig
    from taketwo.playback.quotas import Quotas
    from taketwo.services.service import Service

Say = Callable[[str], None]


def _no_word(_: str) -> None:
    pass


class Services:
    """
    *environment* is that of the process before any test, *root* the folder of the project.

    ``restarts`` has a line for each service that died and was started again; ``say`` is called with the
    reason why a request waits.
    """

    def __init__(
        self, configured: Mapping[str, ServiceConfig], environment: Mapping[str, str], root: Path
    ) -> None:
        self._environment = environment
        self._failures: dict[str, TakeTwoError] = {}
        self._were_ready: set[str] = set()
        self._in_use: Counter[str] = Counter()
        self.restarts: list[str] = []
        self.say: Say = _no_word
        self._root = root
        self.by_name = _services(configured, environment, root) if configured else {}

    @cached_property
    def quotas(self) -> Quotas | None:
        """
        The quotas of those services that have one, None where none has.
        """
        configs = {name: service.config for name, service in self.by_name.items()}
        found = {name: config.quota for name, config in configs.items() if config.quota is not None}
        if not found:
            return None
        from taketwo.playback.quotas import Quotas  # noqa: PLC0415 - few services have one

        return Quotas(found, root=self._root, find=self._at, say=self.say)

    @property
    def repeated(self) -> dict[str, int]:
        """
        How many requests each service refused for their number, which were sent again.
        """
        quotas: Quotas | None = vars(self).get("quotas")
        return {} if quotas is None else quotas.repeated

    def check(self, files: Iterable[str]) -> None:
        """
        Find out whether the services can be recorded that tests in *files* need.

        One that the environment switches off is left to the tests that need it.

        :raises TakeTwoError: when one cannot.
        """
        needed = {
            service.config.name for file in files for service in self._needed(file) if not service.is_off
        }
        self._make_ready([service for name, service in self.by_name.items() if name in needed])

    def start_for(self, file: str) -> None:
        """
        Have every service up, and empty, that a test in *file* needs.

        :raises TakeTwoError: with the same words each time, when one could not be started before.
        """
        self._make_ready(self._needed(file))

    def output_for(self, file: str) -> dict[str, str]:
        """
        What each service that a test in *file* needs has printed since it was reset, without secrets.
        """
        lines = {service.config.name: service.output_since_reset() for service in self._needed(file)}
        return {name: "\n".join(printed) for name, printed in lines.items() if printed}

    def _needed(self, file: str) -> list[Service]:
        return [service for service in self.by_name.values() if service.is_needed_by(file)]

    def _make_ready(self, needed: Sequence[Service]) -> None:
        self._refuse_to_share(needed)
        for service in needed:
            self._check(service, service.refuse_to_empty_strangers)
        for service in needed:
            if not self._in_use[service.config.name]:
                self._check(service, partial(self._make_one_ready, service))

    def hold(self, names: Iterable[str]) -> None:
        """
        Keep what is in the services *names* until they are released as often: a fixture has put it there.
        """
        self._in_use.update(names)

    def release(self, names: Iterable[str]) -> None:
        self._in_use.subtract(names)

    def _make_one_ready(self, service: Service) -> None:
        with unguarded():
            restarted = service.make_ready()
        if restarted:
            self.restarts.append(restarted)
        self._were_ready.add(service.config.name)

    def reset(self, name: str) -> None:
        """
        Empty a service, which is started where it is not up.

        :raises ServiceError: when it cannot be, or when the project has no service of that name.
        """
        if name not in self.by_name:
            known = ", ".join(sorted(self.by_name)) or "none"
            raise ServiceError(f"there is no service {name!r} in pyproject.toml; the services are: {known}")
        self._make_one_ready(self.by_name[name])

    def live(self) -> _Variables:
        """
        While open, the environment points to the services where they run.
        """
        return _Variables(_joined(service.variables() for service in self.by_name.values()))

    def replayed(self) -> _Variables:
        """
        While open, the environment points to the names under which recordings know the services.
        """
        return _Variables(self._recorded_variables)

    def bases(self) -> BaseUrls:
        return BaseUrls({service.address: service.config.url for service in self.by_name.values()})

    def stop(self) -> None:
        for service in self.by_name.values():
            service.stop()

    @cached_property
    def secrets(self) -> dict[str, str]:
        return _joined(service.secrets for service in self.by_name.values())

    @cached_property
    def _recorded_variables(self) -> dict[str, str]:
        return _joined(service.variables(service.config.url) for service in self.by_name.values())

    def _at(self, url: str) -> str | None:
        """
        The name of the service that *url* leads to.
        """
        for name, service in self.by_name.items():
            if is_at(url, service.address) or is_at(url, service.config.url):
                return name
        return None

    def _check(self, service: Service, act: Callable[[], None]) -> None:
        name = service.config.name
        if name in self._failures:
            raise self._failures[name]
        try:
            act()
        except TakeTwoError as error:
            # One that was ready before may be again: it is started anew when it died.
            if name not in self._were_ready:
                self._failures[name] = error
            raise

    def _refuse_to_share(self, needed: Sequence[Service]) -> None:
        worker = self._environment.get("PYTEST_XDIST_WORKER")
        shared = [
            service.config.name
            for service in needed
            if service.is_external and service.config.reset is not None
        ]
        if worker and shared:
            raise ServiceError(
                f"several workers would empty {' and '.join(shared)} under each other, which runs already\n"
                "record with one process (-n0), or let each worker start its own: unset "
                + ", ".join(str(self.by_name[name].config.address) for name in shared)
            )


def _services(
    configured: Mapping[str, ServiceConfig], environment: Mapping[str, str], root: Path
) -> dict[str, Service]:
    from taketwo.services.service import Service  # noqa: PLC0415 - many projects have none

    return {
        name: Service(service, environment=environment, root=root) for name, service in configured.items()
    }


def _joined(tables: Iterator[dict[str, str]]) -> dict[str, str]:
    return {name: value for table in tables for name, value in table.items()}


class _Variables:
    """
    While open, the environment has these *values*.
    """

    __slots__ = ("_before", "_values")

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._before: dict[str, str | None] = {}

    def __enter__(self) -> None:
        self._before = {name: os.environ.get(name) for name in self._values}
        os.environ.update(self._values)

    def __exit__(self, *_: object) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
