"""
A service that a recording needs: started once, awaited, reset before each test, asked for its contract.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase as fnmatch
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from taketwo.cassette import Redactor, secrets_of_environment
from taketwo.config import ServiceConfig
from taketwo.errors import ServiceError
from taketwo.services.http import send
from taketwo.services.process import Process, free_port

if TYPE_CHECKING:
    from taketwo.contract import Contracts

_POLL = 0.02
_LAST_WORDS = 1.0  # seconds that a service which does not answer has to turn out to be dead


class Service:
    """
    One configured service, wherever it runs.

    *environment* is that of the process; a service whose address stands there is used as it is, any other
    is started when it is first needed.
    """

    def __init__(self, config: ServiceConfig, *, environment: Mapping[str, str]) -> None:
        self.config = config
        self._environment = environment
        self._process: Process | None = None
        self._url = external_url(config, environment)
        self.is_external = self._url is not None
        self._is_up = False
        self._contracts: Contracts | None = None

    @property
    def url(self) -> str:
        """
        Where the service listens.
        """
        if self._url is None:
            raise ServiceError(f"service {self.config.name} has not been started")
        return self._url

    @property
    def address(self) -> str:
        """
        Where the service listens; the name that recordings have for it while it does not.
        """
        return self._url or self.config.url

    @property
    def is_off(self) -> bool:
        """
        Whether the environment says that it is not to be started, and names none that runs.
        """
        return not self.is_external and self._switch(self.config.autostart.off) is not None

    def is_needed_by(self, test: str) -> bool:
        """
        Whether a test in the file *test*, relative to the project, needs the service to be recorded.
        """
        wanted = self.config.tests
        return not wanted or any(_is_in(test, pattern) for pattern in wanted) or self._is_on

    @property
    def _is_on(self) -> bool:
        return not self.is_off and self._switch(self.config.autostart.on) is not None

    def _switch(self, switches: Iterable[str]) -> str | None:
        """
        The first of *switches* that is as the environment has it.
        """
        values = ((switch, *switch.partition("=")) for switch in switches)
        return next(
            (switch for switch, name, _, value in values if self._environment.get(name) == value), None
        )

    @property
    def secrets(self) -> dict[str, str]:
        """
        The secrets of the service: those of the environment when it runs elsewhere, else the configured ones.
        """
        if not self.is_external:
            return dict(self.config.secrets)
        return {name: self._environment.get(name, value) for name, value in self.config.secrets.items()}

    def start(self) -> None:
        """
        Have the service up and healthy; does nothing when it is.

        :raises ServiceError: with the last lines that the service printed.
        """
        if self._is_up:
            self._check_alive()
            return
        if self.is_external:
            self._check_address()
        else:
            self._launch()
        self._await_health()
        self._is_up = True

    def reset(self) -> None:
        """
        Empty the service, so that a take depends on its test alone.

        :raises ServiceError: when it cannot be, or when the service is not one to be emptied.
        """
        if self.config.reset is None:
            return
        self.refuse_to_empty_strangers()
        self._check_alive()
        try:
            status, _ = self._send("POST", self.config.reset)
        except ServiceError as error:
            self._check_alive(within=_LAST_WORDS)
            raise self._error(str(error)) from None
        if not 200 <= status < 300:  # noqa: PLR2004 - the meaning of HTTP's hundreds is known
            raise self._error(
                f"POST {self.config.reset} answered {status}, so it was not emptied",
                "start it in its test mode, or correct `reset` in pyproject.toml",
            )

    def contracts(self) -> Contracts:
        """
        The contracts that the service shows now; fetched once.
        """
        if self._contracts is None:
            from taketwo.contract import fetch_contracts  # noqa: PLC0415 - a replay has no use for it

            self._contracts = fetch_contracts(
                self._fetch, service=self.config.name, paths=self.config.contract, headers=self._headers()
            )
        return self._contracts

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
        self._process, self._is_up = None, False

    def _launch(self) -> None:
        if not self.config.command:
            raise ServiceError(
                f"service {self.config.name} has no command that starts it\n"
                f"start it yourself, and set {self.config.address} to its address"
            )
        if (switch := self._switch(self.config.autostart.off)) is not None:
            variable = switch.partition("=")[0]
            raise ServiceError(
                f"service {self.config.name} is not started, since {switch}\n"
                f"set {self.config.address} to the address of one that runs, or unset {variable}"
            )
        port = free_port()
        self._url = f"http://127.0.0.1:{port}"
        command = [word.replace("{port}", str(port)) for word in self.config.command]
        if command[0] == "python":
            command[0] = sys.executable
        self._process = Process(command, environment={**self._environment, **self.variables()})

    def variables(self, url: str | None = None) -> dict[str, str]:
        """
        What the code under test must find in its environment to reach the service at *url*.
        """
        base = self.address if url is None else url
        addresses = {name: text.replace("{url}", base) for name, text in self.config.environment.items()}
        return {**addresses, **self.secrets}

    def _await_health(self) -> None:
        deadline = time.monotonic() + self.config.startup
        while not self._is_healthy():
            if self._process is not None and self._process.exit_code is not None:
                raise self._error(f"it ended with exit code {self._process.exit_code} before it was healthy")
            if time.monotonic() > deadline:
                raise self._error(
                    f"{self._health} did not answer 2xx within {self.config.startup:g} s",
                    "give it longer with `startup`, or correct `health`, in pyproject.toml",
                )
            time.sleep(_POLL)

    @property
    def _health(self) -> str:
        """
        What is polled: a path, or the whole address that the environment names for a service elsewhere.
        """
        named = self._environment.get(self.config.health_address or "", "")
        return named if named and self.is_external else self.config.health

    def _is_healthy(self) -> bool:
        url = self._health if "://" in self._health else f"{self.url}{self._health}"
        try:
            status, _ = send("GET", url, headers=self._headers(), timeout=2.0)
        except ServiceError:
            return False
        return 200 <= status < 300  # noqa: PLR2004 - see above

    def _check_alive(self, *, within: float = 0.0) -> None:
        if self._process is not None and (code := self._process.exit_code_within(within)) is not None:
            raise self._error(f"it died with exit code {code}", "run the same command again")

    def _check_address(self) -> None:
        try:
            split = urlsplit(self.url)
            is_usable = split.scheme in {"http", "https"} and bool(split.hostname) and split.port != 0
        except ValueError:
            is_usable = False
        if not is_usable:
            raise ServiceError(
                f"service {self.config.name}: {self.config.address} holds no address of a service\n"
                "expected is one like http://127.0.0.1:8000"
            )

    def refuse_to_empty_strangers(self) -> None:
        """
        A service that runs on another machine may be asked for its contract, and is never emptied.

        :raises ServiceError: when this is one that recording would empty.
        """
        if not self.is_external or self.config.reset is None:
            return
        self._check_address()
        host = urlsplit(self.url).hostname or ""
        if not _is_this_machine(host):
            raise ServiceError(
                f"service {self.config.name} runs at {host} and would be emptied before each recorded test\n"
                f"record against one of your own: unset {self.config.address}, or point it to this machine"
            )

    def _send(
        self, method: str, path: str, *, body: bytes | None = None, timeout: float = 10.0
    ) -> tuple[int, bytes]:
        return send(method, f"{self.url}{path}", body=body, headers=self._headers(), timeout=timeout)

    def _fetch(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        return send(method, f"{self.url}{path}", body=body, headers=headers)

    def _headers(self) -> dict[str, str]:
        return {name: _filled(text, self.secrets) for name, text in self.config.headers.items()}

    def _error(self, what: str, advice: str = "") -> ServiceError:
        lines = self._process.last_lines() if self._process else []
        redactor = Redactor({**secrets_of_environment(self._environment, ()), **self.secrets})
        log = ["its last lines:", *(f"  {redactor.text(line)}" for line in lines)] if lines else []
        message = [f"service {self.config.name} ({self._url}): {what}", *log, *([advice] if advice else [])]
        return ServiceError("\n".join(message))


def external_url(config: ServiceConfig, environment: Mapping[str, str]) -> str | None:
    """
    The address of a service that runs already, or None when it is to be started.

    The variable may hold what the code under test is given, such as ``http://host/api``; what ``environment``
    puts behind ``{url}`` is then taken off.
    """
    value = environment.get(config.address or "", "").rstrip("/")
    if not value:
        return None
    template = config.environment.get(config.address or "", "{url}")
    return value.removesuffix(template.partition("{url}")[2].rstrip("/")).rstrip("/")


def _is_in(test: str, pattern: str) -> bool:
    return fnmatch(test, pattern) or fnmatch(test, f"{pattern.rstrip('/')}/*")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
