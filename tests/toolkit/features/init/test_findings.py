"""
What ``taketwo init`` finds in the files of a project.
"""

from __future__ import annotations

import pytest

from taketwo.features.init.findings import (
    CLIENTS,
    ComposeService,
    compose_services,
    folder_of_tests,
    known_of,
    modules_in,
    packages_in,
    pytest_settings,
    record_mode_of,
    variables_in,
)


def test_packages_are_read_wherever_a_project_names_them() -> None:
    project = {
        "project": {"dependencies": ["httpx[http2]>=0.27"], "optional-dependencies": {"x": ["Requests"]}},
        "dependency-groups": {"dev": ["aiohttp~=3.9", {"include-group": "x"}]},
        "tool": {
            "poetry": {"dependencies": {"boto3": "*"}, "group": {"dev": {"dependencies": {"gql": "3"}}}}
        },
    }

    assert packages_in(project, ["slack_sdk==3 # chat", "-r other.txt", "# urllib3"]) == {
        "httpx",
        "requests",
        "aiohttp",
        "boto3",
        "gql",
        "slack-sdk",
    }


def test_a_client_is_known_by_its_package_or_by_an_import() -> None:
    modules = modules_in(
        ["import os, re\nfrom google.genai import types\n", "    import x, tornado.web as t\n"]
    )

    assert known_of(CLIENTS, {"httpx"}, modules) == ("httpx", "google-genai", "tornado")


def test_of_an_env_file_names_are_taken_and_never_values() -> None:
    text = "export SHOP_API_KEY=abc\nSHOP_URL=http://localhost:1\nDB_PASSWORD='x'\nMONKEY=1\n# OLD_TOKEN=1\n"

    assert variables_in(text) == (("SHOP_API_KEY", "DB_PASSWORD"), ("SHOP_URL",))


def test_servers_of_a_compose_file_that_speak_http() -> None:
    text = """
services:
  shop:
    image: shop
    ports: ["${PORT:-8080}:80"]
    healthcheck: {test: [CMD, curl, -f, "http://localhost/healthz"]}
  search: {image: "registry/search:2", ports: [{target: 80, published: "9200"}]}
  short: {build: ., ports: ["127.0.0.1:7000:7000/tcp"]}
  db: {image: "postgres:16", ports: ["5432:5432"]}
  worker: {image: shop}
"""

    assert compose_services(text) == (
        ComposeService(name="shop", port=8080, health="/healthz"),
        ComposeService(name="search", port=9200),
        ComposeService(name="short", port=7000),
    )


@pytest.mark.parametrize("text", ["", "[]", "services: 1", "services: {a: 1}", "a: b: c"])
def test_a_compose_file_that_says_nothing_has_no_servers(text: str) -> None:
    assert compose_services(text) == ()


def test_settings_of_pytest_come_from_the_first_file_that_has_any() -> None:
    files = {
        "pyproject.toml": '[tool.pytest.ini_options]\ntestpaths = ["checks", "more"]\naddopts = ["-ra"]\n',
        "setup.cfg": "[tool:pytest]\ntestpaths = never\n",
    }

    assert pytest_settings(files) == {"testpaths": "checks more", "addopts": "-ra"}
    assert pytest_settings({"tox.ini": "[pytest]\naddopts = --record-mode=once\n"}) == {
        "addopts": "--record-mode=once"
    }
    assert pytest_settings({"tox.ini": "no ini file"}) == {}


@pytest.mark.parametrize(
    ("settings", "folders", "found"),
    [
        ({"testpaths": "checks more"}, ["tests"], "checks"),
        ({}, ["src", "test"], "test"),
        ({}, ["src"], "tests"),
    ],
)
def test_the_folder_of_the_tests(settings: dict[str, str], folders: list[str], found: str) -> None:
    assert folder_of_tests(settings, folders) == found


@pytest.mark.parametrize(
    ("options", "mode"),
    [("-q --record-mode=once", "once"), ("--record-mode none", ""), ("--record-mode all", "all"), ("-q", "")],
)
def test_a_record_mode_of_every_run(options: str, mode: str) -> None:
    assert record_mode_of({"addopts": options}) == mode


def test_tests_beside_the_code_are_in_the_project_itself() -> None:
    assert folder_of_tests({}, ["src"], has_tests_on_top=True) == "."
