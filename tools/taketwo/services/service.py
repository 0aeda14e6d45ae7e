"""
A service that a recording needs: started once, awaited, reset before each test, asked for its contract.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase as fnmatch
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from taketwo.config.services import Reset, ResetKind, ServiceConfig
from taketwo.config.variables import filled
from taketwo.errors import ServiceError, ServiceUnreachable
from taketwo.services.http import download, send
from taketwo.services.process import Process, free_port, is_free

if TYPE_CHECKING:
    from taketwo.contract.document import Contracts

_POLL = 0.02
_LOOK_AROUND = 1.0  # seconds until it is looked for on other ports, and again
_LAST_WORDS = 1.0  # seconds that a service which does not answer has to turn out to be dead
_MOST_RESTARTS = 3  # of a service that died, in one run
_LONGEST_RESET = 60.0  # seconds
_LOG_LINES = 15
_LOG_LINES_OF_TEST = 40
_HOSTS = ("127.0.0.1", "[::1]")
_TRUE = frozenset({"1", "true", "on", "yes"})
_FALSE = frozenset({"0", "false", "off", "no"})


class Service:
    """
    One configured service, wherever it runs.

    *environment* is that of the process; a service that it has the address of is used as it is, any other
    is started when it is first needed. Commands run in *root*, the folder of the project.
    """

    def __init__(
        self, config: ServiceConfig, *, environment: Mapping[str, str], root: Path | None = None
    ) -> None:
        self.config = config
        self._environment = environment
        self._root = root
        self._process: Process | None = None
        self._url = external_url(config, environment)
        self.is_external = self._url is not None
        self._is_up = False
        self._restarts = 0
        self._mark = 0
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
        Where the service listens; its recorded name while it does not run.
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
            (
                switch
                for switch, name, _, value in values
                if name in self._environment and _is_same(self._environment[name], value)
            ),
            None,
        )

    @property
    def secrets(self) -> dict[str, str]:
        """
        The secrets of the service: those of the environment when it runs elsewhere, else the configured ones.
        """
        if not self.is_external:
            return dict(self.config.secrets)
        return {name: self._environment.get(name, value) for name, value in self.config.secrets.items()}

    def start(self) -> str | None:
        """
        Start the service and wait until it is healthy; does nothing when it is.

        One that died since is started again. The result says so; it is None in any other case.

        :raises ServiceError: with the last lines that the service printed.
        """
        died = self._exit_code() if self._is_up else None
        if self._is_up and died is None:
            return None
        if died is not None:
            self._refuse_to_restart_for_ever(died)
            self.stop()
        if self.is_external:
            self._check_address()
        else:
            self._launch()
        self._await_health()
        self._is_up = True
        if died is None:
            return None
        return f"service {self.config.name} ended with exit code {died}, and was started again"

    def reset(self) -> None:
        """
        Empty the service, so that a recording depends on its test alone.

        :raises ServiceError: when that fails, or when the service is not ours to empty.
        """
        reset = self.config.reset
        if reset is not None:
            self.refuse_to_empty_strangers()
            match reset.kind:
                case ResetKind.REQUEST:
                    self._post(reset)
                case ResetKind.COMMAND:
                    self._command(reset)
                case ResetKind.RESTART:
                    self._restart()
        self._mark = self._process.size if self._process else 0

    def make_ready(self) -> str | None:
        """
        Start and reset the service, and fetch its contract, so that the next test can be recorded.

        The result is that of :meth:`start`.

        :raises ServiceError: when it cannot be started or reset.
        :raises ContractError: when a contract is not where the configuration says.
        """
        news = self.start()
        self.reset()
        self.contracts()
        return news

    def contracts(self) -> Contracts:
        """
        The contracts that the service shows now, or that are kept for it elsewhere; fetched once.
        """
        if self._contracts is None:
            from taketwo.contract.fetching import (  # noqa: PLC0415 - a replay has no use for it
                fetch_contracts,
            )

            self._contracts = fetch_contracts(
                self._fetch,
                service=self.config.name,
                paths=self.config.contract,
                headers=self.headers(),
                root=self._root or Path(),
                download=download,
            )
        return self._contracts

    def output_since_reset(self) -> list[str]:
        """
        The last lines that the service printed since it was last reset, without secrets.
        """
        if self._process is None:
            return []
        lines = self._without_secrets(self._process.lines(since=self._mark)[-_LOG_LINES_OF_TEST:])
        code = self._exit_code()
        return lines if code is None else [*lines, f"(it ended with exit code {code})"]

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
        self._process, self._is_up = None, False

    # --------------------------------------------------------------- start

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
        # A service that is started again keeps its address: clients may hold it.
        port = self.config.port or urlsplit(self._url or "").port or free_port()
        if not is_free(port):
            raise ServiceError(self._port_in_use(port))
        self._url = f"http://127.0.0.1:{port}"
        command = [self._filled(word, "command") for word in self.config.command]
        self._process = Process(
            _with_interpreter(command), environment=self._environment_of_process(), folder=self._root
        )

    def _port_in_use(self, port: int) -> str:
        name = self.config.address
        use = (
            f"set {name} to http://127.0.0.1:{port} to use that one"
            if name
            else "let its command take {port}, and drop `port`"
        )
        return (
            f"service {self.config.name} cannot be started: something listens on port {port} already\n"
            f"stop it, or {use}"
        )

    def _environment_of_process(self) -> dict[str, str]:
        return {**self._environment, **self.variables()}

    def variables(self, url: str | None = None) -> dict[str, str]:
        """
        What the code under test must find in its environment to reach the service at *url*.
        """
        values = {**self._environment, **self.secrets, **_place(self.address if url is None else url)}
        named = {
            name: self._fill(text, values, f"environment.{name}")
            for name, text in self.config.environment.items()
        }
        return {**named, **self.secrets}

    def _filled(self, text: str, key: str) -> str:
        return self._fill(text, {**self._environment_of_process(), **_place(self.address)}, key)

    def _fill(self, text: str, values: Mapping[str, str], key: str) -> str:
        try:
            return filled(text, values)
        except KeyError as error:
            name = error.args[0]
            raise ServiceError(
                f"service {self.config.name}: {key} uses {{{name}}}, and the environment has no variable "
                f"{name}\nset it, in .env for instance"
            ) from None

    @property
    def _must_be_healthy(self) -> bool:
        """
        A service that runs already needs no path that answers 2xx, as long as none is configured.
        """
        named = self._environment.get(self.config.health_address or "", "")
        return not self.is_external or bool(named or self.config.health)

    def _await_health(self) -> None:
        if not self._must_be_healthy and not self._environment.get(self.config.address or ""):
            # It is recorded where it is, and asked nothing that no test asks.
            return
        deadline = time.monotonic() + self.config.startup
        look = time.monotonic() + _LOOK_AROUND
        while problem := self._health_problem():
            code = self._exit_code()
            if code is not None:
                raise self._error(f"it ended with exit code {code} before it was healthy")
            if time.monotonic() > look and "://" not in self._health:
                self._refuse_other_ports(healthy=True)
                look = time.monotonic() + _LOOK_AROUND
            if time.monotonic() > deadline:
                self._refuse_other_ports(healthy=False)
                raise self._error(
                    f"{self._health} did not answer 2xx within {self.config.startup:g} s: {problem}",
                    "give it longer with `startup`, or correct `health`, in pyproject.toml",
                )
            time.sleep(_POLL)

    def _refuse_other_ports(self, *, healthy: bool) -> None:
        """
        :raises ServiceError: when the service listens, and not where it is expected; with *healthy* only
            when it answers there as it should.
        """
        ports = self._process.ports if self._process is not None else []
        expected = urlsplit(self.url).port
        if expected in ports:
            return
        found = [port for port in ports if not healthy or self._is_healthy_at(port)]
        if found:
            raise self._error(
                f"it listens on port {' and '.join(map(str, found))}, and was expected on {expected}",
                f"have it listen on the {{port}} that it is given, or say where it does: port = {found[0]}",
            )

    def _is_healthy_at(self, port: int) -> bool:
        for host in _HOSTS:
            with suppress(ServiceError):
                return _is_success(send("GET", f"http://{host}:{port}{self._health}", timeout=1.0)[0])
        return False

    @property
    def _health(self) -> str:
        """
        What is polled: a path, or the whole address that the environment names for a service elsewhere.
        """
        named = self._environment.get(self.config.health_address or "", "")
        return named if named and self.is_external else self.config.health or "/"

    def _health_problem(self) -> str:
        """
        Why the service is not healthy yet; empty when it is.

        :raises ServiceError: when the environment names an address at which nothing listens.
        """
        health, problem = self._health, ""
        for url in [health] if "://" in health else [f"{base}{health}" for base in self._candidates()]:
            try:
                status, _ = send("GET", url, headers=self.headers(), timeout=2.0)
            except ServiceUnreachable as error:
                if self.is_external:
                    raise ServiceError(self._nothing_there(url, str(error))) from None
                problem = problem or error.reason
                continue
            except ServiceError as error:
                problem = str(error)
                continue
            if _is_success(status) or not self._must_be_healthy:
                self._url = self.url if "://" in health else url.removesuffix(health)
                return ""
            problem = f"it answered {status}"
        return problem

    def _candidates(self) -> list[str]:
        """
        Where a service that was started may listen: some take ``localhost`` for IPv6 alone.
        """
        if self.is_external:
            return [self.url]
        port = urlsplit(self.url).port
        return [f"http://{host}:{port}" for host in _HOSTS]

    def _nothing_there(self, url: str, problem: str) -> str:
        names = [self.config.address, self.config.health_address if url == self._health else None]
        named = next((name for name in reversed(names) if name and self._environment.get(name)), "")
        advice = "start the service"
        if self.config.command:
            advice += f", or unset {self.config.address} to have one started"
        return f"service {self.config.name}: {problem}; {named} names it\n{advice}"

    def _exit_code(self, *, within: float = 0.0) -> int | None:
        """
        The exit code of the service's process if it has ended, or ends *within* so many seconds.
        """
        return None if self._process is None else self._process.exit_code_within(within)

    def _check_alive(self, *, within: float = 0.0) -> None:
        if (code := self._exit_code(within=within)) is not None:
            raise self._error(f"it ended with exit code {code}", "it is started again for the next test")

    def _refuse_to_restart_for_ever(self, code: int) -> None:
        self._restarts += 1
        if self._restarts > _MOST_RESTARTS:
            raise self._error(
                f"it ended with exit code {code}, for the {self._restarts}th time; it is not started again",
                "its output above says why it ends",
            )

    def _check_address(self) -> None:
        try:
            split = urlsplit(self.url)
            is_usable = split.scheme in {"http", "https"} and bool(split.hostname) and split.port != 0
        except ValueError:
            is_usable = False
        if not is_usable:
            raise ServiceError(
                f"service {self.config.name}: {self.config.address or 'url'} holds no address of a service\n"
                "expected is one like http://127.0.0.1:8000"
            )

    # --------------------------------------------------------------- reset

    def _post(self, reset: Reset) -> None:
        self._check_alive()
        try:
            status, _ = self._send("POST", reset.path)
        except ServiceError as error:
            self._check_alive(within=_LAST_WORDS)
            raise self._error(str(error)) from None
        if not _is_success(status):
            raise self._error(
                f"reset failed: POST {reset.path} answered {status}, expected 2xx",
                "start the service in its test mode, correct `reset` in pyproject.toml, or set it to "
                '"restart"',
            )

    def _command(self, reset: Reset) -> None:
        self._check_alive()
        command = [self._filled(word, "reset") for word in reset.command]
        try:
            ended = subprocess.run(
                _with_interpreter(command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=self._environment_of_process(),
                cwd=self._root,
                timeout=_LONGEST_RESET,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise self._error(f"reset failed: {error}", "correct `reset` in pyproject.toml") from None
        if ended.returncode:
            raise ServiceError(self._failed_reset(command[0], ended.returncode, ended.stdout))

    def _failed_reset(self, program: str, code: int, output: bytes) -> str:
        printed = output.decode("utf-8", "replace").splitlines()[-_LOG_LINES:]
        lines = [f"  {line}" for line in self._without_secrets(printed)]
        what = f"service {self.config.name}: reset failed: {program} ended with exit code {code}"
        return "\n".join([what, *lines, "correct `reset` in pyproject.toml, or what it runs"])

    def _restart(self) -> None:
        if self.is_external:
            raise ServiceError(
                f"service {self.config.name} runs already, and its reset is a restart: only a service that "
                f"taketwo started can be restarted\nunset {self.config.address} to have it started"
            )
        self.stop()
        self.start()

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
                f"record against one of your own: {self._advice_on_strangers}"
            )

    @property
    def _advice_on_strangers(self) -> str:
        if self.config.address:
            return f"unset {self.config.address}, or point it to this machine"
        return "drop `reset`, or give the service a command"

    # ------------------------------------------------------------ requests

    def _send(
        self, method: str, path: str, *, body: bytes | None = None, timeout: float = 10.0
    ) -> tuple[int, bytes]:
        return send(method, f"{self.url}{path}", body=body, headers=self.headers(), timeout=timeout)

    def _fetch(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        return send(method, f"{self.url}{path}", body=body, headers=headers)

    def headers(self) -> dict[str, str]:
        """
        The headers that go with the toolkit's own requests.
        """
        return {name: self._filled(text, f"headers.{name}") for name, text in self.config.headers.items()}

    # -------------------------------------------------------------- errors

    def _error(self, what: str, advice: str = "") -> ServiceError:
        lines = self._without_secrets(self._process.lines()[-_LOG_LINES:]) if self._process else []
        log = ["its last lines:", *(f"  {line}" for line in lines)] if lines else []
        message = [f"service {self.config.name} ({self._url}): {what}", *log, *([advice] if advice else [])]
        return ServiceError("\n".join(message))

    def _without_secrets(self, lines: Iterable[str]) -> list[str]:
        from taketwo.cassette.secrets.redact import (  # noqa: PLC0415 - where a service is started
            Redactor,
            secrets_of_environment,
        )

        redactor = Redactor({**secrets_of_environment(self._environment, ()), **self.secrets})
        return [redactor.text(line) for line in lines]


def external_url(config: ServiceConfig, environment: Mapping[str, str]) -> str | None:
    """
    The address of a service that runs already, or None when it is to be started. One with neither a command
    nor an address is recorded where it is.

    The variable may hold what the code under test is given, such as ``http://host/api``; what ``environment``
    puts behind ``{url}`` is then taken off.
    """
    value = environment.get(config.address or "", "").rstrip("/")
    if not value:
        return None if config.command or config.address else config.url
    template = config.environment.get(config.address or "", "{url}")
    return value.removesuffix(template.partition("{url}")[2].rstrip("/")).rstrip("/")


def _place(url: str) -> dict[str, str]:
    """
    The variables that say where a service listens.
    """
    try:
        split = urlsplit(url)
        port = split.port or (443 if split.scheme == "https" else 80)
    except ValueError:  # it is refused when the service is started
        port = 0
    return {"url": url, "port": str(port)}


def _with_interpreter(command: list[str]) -> list[str]:
    return [sys.executable, *command[1:]] if command[0] == "python" else command


def _is_same(value: str, wanted: str) -> bool:
    """
    Whether a switch of the environment has the value that is *wanted*.
    """
    value, wanted = value.strip().lower(), wanted.strip().lower()
    return value == wanted or any(value in words and wanted in words for words in (_TRUE, _FALSE))


def _is_success(status: int) -> bool:
    return 200 <= status < 300  # noqa: PLR2004 - the meaning of HTTP's hundreds is known


def _is_in(test: str, pattern: str) -> bool:
    return fnmatch(test, pattern) or fnmatch(test, f"{pattern.rstrip('/')}/*")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
