"""
What a project has that its configuration depends on, found in the texts of its files.
"""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CLIENTS = {
    "httpx": "httpx",
    "httpx2": "httpx2",
    "requests": "requests",
    "aiohttp": "aiohttp",
    "urllib3": "urllib3",
    "boto3": "boto3",
    "openai": "openai",
    "anthropic": "anthropic",
    "google-genai": "google.genai",
    "tornado": "tornado",
    "httplib2": "httplib2",
    "gql": "gql",
    "stripe": "stripe",
    "slack-sdk": "slack_sdk",
    "websockets": "websockets",
}
"""Packages that send requests which are recorded, with the module that one imports."""

REFUSED = {
    "curl-cffi": "curl_cffi",
    "grpcio": "grpc",
    "httpr": "httpr",
    "niquests": "niquests",
    "primp": "primp",
    "pytest-vcr": "pytest_vcr",
    "rnet": "rnet",
    "tls-client": "tls_client",
    "websocket-client": "websocket",
    "wreq": "wreq",
}
"""What cannot be recorded, or not beside us, likewise."""

_NAME = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import\b|import[ \t]+([\w., \t]+))", re.MULTILINE)
_VARIABLE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$", re.MULTILINE)
_SECRET = re.compile(
    r"(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD|CREDENTIALS?|DSN)(?:_|$)", re.IGNORECASE
)
_URL = re.compile(r"""["']?https?://""")
_USED_BY_NOBODY = frozenset(
    {"postgres", "mysql", "mariadb", "redis", "rabbitmq", "mongo", "kafka", "zookeeper"}
)
"""Images of servers that speak no HTTP, which nothing records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeService:
    """
    A server of a compose file; ``port`` is where this machine reaches it, ``health`` what it is polled at.
    """

    name: str
    port: int
    health: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """
    * ``clients`` and ``refused`` are names of packages
    * ``secrets`` and ``addresses`` are names of variables of ``.env``, never their values
    * ``old_cassettes`` are those of VCR.py
    """

    tests: str = "tests"
    clients: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    services: tuple[ComposeService, ...] = ()
    compose_file: str = ""
    dotenv: str = ""
    secrets: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    old_cassettes: int = 0
    record_mode: str = ""


def packages_in(project: Mapping[str, Any], requirements: Iterable[str]) -> set[str]:
    """
    The packages that a ``pyproject.toml``, already read, and lines of requirements name.
    """
    table = project.get("project", {})
    lines = [*table.get("dependencies", ()), *requirements]
    for group in (
        *table.get("optional-dependencies", {}).values(),
        *project.get("dependency-groups", {}).values(),
    ):
        lines += [line for line in group if isinstance(line, str)]
    poetry = project.get("tool", {}).get("poetry", {})
    groups = [poetry, *poetry.get("group", {}).values()]
    lines += [
        name
        for group in groups
        for key in ("dependencies", "dev-dependencies")
        for name in group.get(key, ())
    ]
    return {found[1].lower().replace("_", "-") for line in lines if (found := _NAME.match(line))}


def modules_in(sources: Iterable[str]) -> set[str]:
    """
    The modules that these sources import, with the packages that they are in.
    """
    found = (pair for text in sources for pair in _IMPORT.findall(text))
    # "import a, b.c as d" names several.
    named = {
        part.split()[0] for one, several in found for part in (one or several).split(",") if part.split()
    }
    return {".".join(name.split(".")[:count]) for name in named for count in (1, 2)}


def known_of(known: Mapping[str, str], packages: set[str], modules: set[str]) -> tuple[str, ...]:
    """
    Those of *known* that a project names among its packages, or imports.
    """
    return tuple(package for package, module in known.items() if package in packages or module in modules)


def variables_in(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """
    The names of the variables of an ``.env`` that hold secrets, and of those that hold addresses.
    """
    secrets, addresses = [], []
    for name, value in _VARIABLE.findall(text):
        if _SECRET.search(name):
            secrets.append(name)
        elif _URL.match(value):
            addresses.append(name)
    return tuple(dict.fromkeys(secrets)), tuple(dict.fromkeys(addresses))


def compose_services(text: str) -> tuple[ComposeService, ...]:
    """
    The servers of a compose file that this machine reaches over HTTP, as far as the file tells.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        return ()
    services = document.get("services") if isinstance(document, dict) else None
    return tuple(_compose_services(services)) if isinstance(services, dict) else ()


def _compose_services(services: Mapping[str, Any]) -> Iterator[ComposeService]:
    for name, service in services.items():
        if not isinstance(service, dict):
            continue
        image = str(service.get("image", "")).rpartition("/")[2].partition(":")[0]
        port = next(filter(None, map(_port, service.get("ports") or ())), None)
        if port is not None and image not in _USED_BY_NOBODY:
            yield ComposeService(name=str(name), port=port, health=_health(service.get("healthcheck")))


def _port(published: object) -> int | None:
    if isinstance(published, dict):
        published = published.get("published")
    parts = re.sub(r"\$\{[^}]*?(?::?-(\d+))?\}", lambda found: found[1] or "", str(published)).split(":")
    outer = parts[-2] if len(parts) > 1 else parts[0]
    digits = outer.partition("/")[0].partition("-")[0]
    return int(digits) if digits.isdecimal() else None


def _health(check: object) -> str:
    test = check.get("test", "") if isinstance(check, dict) else ""
    text = " ".join(map(str, test)) if isinstance(test, list) else str(test)
    found = re.search(r"https?://[^/\s\"']+(/[^\s\"']*)", text)
    return found[1] if found else ""


def folder_of_tests(
    settings: Mapping[str, str], folders: Iterable[str], *, has_tests_on_top: bool = False
) -> str:
    """
    The folder of the tests: the first that pytest's *settings* name, else a usual one of *folders*, else the
    project itself where that *has_tests_on_top*.
    """
    named = settings.get("testpaths", "").split()
    if named:
        return named[0].rstrip("/")
    there = set(folders)
    found = next((name for name in ("tests", "test", "testing") if name in there), None)
    return found or ("." if has_tests_on_top else "tests")


def pytest_settings(texts: Mapping[str, str]) -> dict[str, str]:
    """
    The settings of pytest in the first of its files, by name, that has any.
    """
    for name in ("pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"):
        found = _settings_in(name, texts.get(name, ""))
        if found:
            return found
    return {}


def _settings_in(name: str, text: str) -> dict[str, str]:
    if name == "pyproject.toml":
        options = tables_in(text).get("tool", {}).get("pytest", {}).get("ini_options", {})
        return {
            key: " ".join(map(str, value)) if isinstance(value, list) else str(value)
            for key, value in options.items()
        }
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    section = "tool:pytest" if name == "setup.cfg" else "pytest"
    return dict(parser[section]) if parser.has_section(section) else {}


def record_mode_of(settings: Mapping[str, str]) -> str:
    """
    The record mode that every run has by ``addopts``, which would keep CI from replaying.
    """
    found = re.search(r"--record-mode[= ](\w+)", settings.get("addopts", ""))
    return found[1] if found and found[1] != "none" else ""


def tables_in(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def is_of_vcrpy(path: Path) -> bool:
    """
    Whether a file looks like a cassette where VCR.py's usually are.
    """
    return path.suffix in {".yaml", ".yml", ".json"} and "cassettes" in path.parts
