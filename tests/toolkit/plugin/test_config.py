"""
A table that a run does not read whole has no mistake, and every other is told before any test.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from taketwo.config.lazy import is_plain
from taketwo.config.project import parse_config
from tests.toolkit.conftest import Project

PLAIN: dict[str, object] = tomllib.loads(
    """
    cassettes = "recorded"
    tests = "spec"
    secrets = ["MY_KEY"]
    redact = ["plate"]

    [services.shop]
    command = ["shop", "{port}"]
    health = "/health"
    reset = "/reset"
    contract = { graphql = "/graphql", openapi = "/api.json", definitions = "/defs", content = ["/c/{type}"] }
    address = "SHOP_URL"
    environment = { SHOP_URL = "{url}" }
    secrets = { SHOP_KEY = "k" }
    headers = { x-key = "{SHOP_KEY}" }
    tests = ["spec/shop"]
    """
)
VALUES: tuple[object, ...] = (
    "",
    "a",
    "/a",
    [],
    ["a"],
    ["/a"],
    [1],
    [{}],
    {},
    {"a": "b"},
    {"a": 1},
    {"a": {}},
    0,
    1,
    True,
)
SETTINGS = "[pytest]\nasyncio_default_fixture_loop_scope = function\n"
ROOT = Path("/project")


def test_what_most_have_is_plain() -> None:
    assert is_plain({})
    assert is_plain(PLAIN)


def test_of_a_plain_table_nothing_is_refused_when_it_is_read() -> None:
    """
    Else a mistake would be told by the first test that has a cassette, or by none.
    """
    plain = [table for table in _altered(PLAIN) if is_plain(table)]

    for table in plain:
        parse_config(table, root=ROOT)

    assert len(plain) > 20


@pytest.mark.parametrize("table", [1, [], "text", {"cassetes": "a"}, {"services": {"shop": {"health": "/"}}}])
def test_what_may_be_wrong_is_not_plain(table: object) -> None:
    assert not is_plain(table)


def test_a_file_that_is_no_toml_is_told_before_any_test(project: Project) -> None:
    project.write("settings/pytest.ini", SETTINGS)  # else pytest itself says it first
    file = project.write("pyproject.toml", "[tool.taketwo]\ntests =\n")

    run = project.pytest("-c", "settings/pytest.ini")

    assert run.code == 4
    assert run.output.strip() == f"ERROR: {file} cannot be read: Invalid value (at line 2, column 8)"


def test_nor_is_one_of_another_encoding_taken_for_one_that_says_nothing(project: Project) -> None:
    project.write("settings/pytest.ini", SETTINGS)
    (project.root / "pyproject.toml").write_bytes(b"[tool.taketwo]\ntests = '\xff'\n")

    run = project.pytest("-c", "settings/pytest.ini")

    assert run.code == 4
    assert "pyproject.toml cannot be read: 'utf-8' codec can't decode" in run.output


def _altered(table: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """
    *table* with one of its values replaced or left out, or one more, here or in a table inside.
    """
    for value in VALUES:
        yield {**table, "more": value}
    for key, inner in table.items():
        yield {name: value for name, value in table.items() if name != key}
        yield from ({**table, key: value} for value in VALUES)
        if isinstance(inner, dict):
            yield from ({**table, key: other} for other in _altered(inner))
