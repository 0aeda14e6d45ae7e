"""
What happens where an extra is not installed.
"""

from __future__ import annotations

import sys

import pytest

from taketwo.cassette.match import _normal_graphql
from taketwo.cli.main import main
from taketwo.config.extras import install_command, needed_for
from taketwo.errors import MissingPackage

SPACED = "query Notes { notes { id } }"
TIGHT = "query Notes{notes{id}}"


@pytest.mark.parametrize(
    ("module", "command"),
    [
        ("graphql", "pip install 'taketwo[graphql]'"),
        ("graphql.language", "pip install 'taketwo[graphql]'"),
        ("websockets", "pip install 'taketwo[websockets]'"),
        ("rich", "pip install 'taketwo[cli]'"),
        ("shtab", "pip install 'taketwo[cli]'"),
        ("yaml", "pip install taketwo"),
        ("uvicorn", "pip install uvicorn"),
    ],
)
def test_a_missing_module_has_a_command_that_helps_in_any_project(module: str, command: str) -> None:
    assert install_command(module) == command


def test_what_needs_an_extra_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "websockets", None)

    with pytest.raises(MissingPackage) as caught, needed_for("a WebSocket conversation"):
        __import__("websockets")

    assert str(caught.value) == (
        "a WebSocket conversation needs the package websockets, which is not installed\n"
        "pip install 'taketwo[websockets]'"
    )


def test_a_module_of_no_extra_is_somebody_elses() -> None:
    with pytest.raises(ModuleNotFoundError, match="nobody_has_this"), needed_for("a conversation"):
        __import__("nobody_has_this")


def test_without_graphql_core_operations_are_compared_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    _normal_graphql.cache_clear()
    assert _normal_graphql(SPACED) == _normal_graphql(TIGHT)
    _normal_graphql.cache_clear()

    monkeypatch.setitem(sys.modules, "graphql", None)

    assert (_normal_graphql(SPACED), _normal_graphql(TIGHT)) == (None, None)
    _normal_graphql.cache_clear()


def test_a_command_that_misses_a_module_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(_name: str) -> object:
        raise ModuleNotFoundError("No module named 'graphql'", name="graphql")

    monkeypatch.setattr("taketwo.cli.main.import_module", missing)

    assert main(["coverage"]) == 3
    assert capsys.readouterr().err == "error: graphql is not installed; try: pip install 'taketwo[graphql]'\n"
