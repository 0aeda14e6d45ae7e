"""
The toolkit's modules import each other in one direction, and what importing the plugin costs.

import-linter checks the layers of packages; here it is about single modules, imports inside functions
included.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import taketwo.errors

HOME = Path(taketwo.errors.__file__).parent
MODULES = sorted(str(path.relative_to(HOME)) for path in HOME.rglob("*.py"))
MOST_MODULES = 21  # of one folder, its __init__ included

# By reason: importers, and what they import late. The first two are the boundaries of the design.
_REASONS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "pytest loads the plugin, and the plugin what plays cassettes, only where there is something to do": {
        "plugin": ["plugin.frameworks.in_process", "plugin.startup"],
        "plugin.fixtures": ["plugin.fixture_impl"],
        "plugin.hooks": [
            "plugin.collected.unused",
            "plugin.events",
            "plugin.fixture_impl",
            "plugin.summary",
        ],
        "plugin.run": ["plugin.collected.tests", "plugin.session"],
    },
    "a replay that finds every answer at a glance loads nothing that records, reads texts or contracts, "
    "finds secrets, or explains": {
        "cassette.cache.compiled": ["cassette.text.format", "cassette.text.messages"],
        "cassette.cache.packs": ["cassette.cache.compile"],
        "cassette.store.read": ["cassette.text.format", "cassette.text.yaml_reader"],
        "playback.active": ["cassette.secrets.redact"],
        "playback.conversations.router": ["playback.conversations.messages"],
        "playback.player": [
            "cassette.match",
            "cassette.replay",
            "playback.drawn_requests",
            "playback.messages",
        ],
        "plugin.contracts.check": ["plugin.contracts.readers"],
        "plugin.session": ["cassette.secrets.redact", "plugin.collected.unused", "plugin.recordings"],
        "services.service": ["cassette.secrets.redact", "contract.fetching"],
        "plugin.testcase.state": ["playback.messages"],
    },
    "taketwo --help looks at no project": {"cli.main": ["console.project"]},
    "every run of pytest reads the configuration, and few projects have these tables": {
        "config.project": [
            "config.audio",
            "config.placeholders",
            "config.playback",
            "config.prices",
            "config.services",
            "config.store",
            "config.volatile",
        ],
        "plugin.services": ["playback.quotas", "services.service"],
        "plugin.session": ["plugin.stored"],
    },
    "few tests have a fault, other answers, a frozen clock, child processes, a browser, WebSockets, or a "
    "fixture of wider scope that asks for something": {
        "playback.active": ["playback.faults"],
        "playback.conversations.routing": ["playback.conversations.router"],
        "plugin.fixture_impl": [
            "config.answers",
            "playback.frozen",
            "plugin.processes.recording_proxy",
            "plugin.testcase.faults",
        ],
        "plugin.fixtures": ["plugin.processes.browser"],
        "plugin.scoped_fixtures.cassettes": ["plugin.scoped_fixtures.scope"],
        "plugin.session": ["playback.answers"],
        "intercept.aiohttp.connector": ["intercept.aiohttp.faulty"],
        "intercept.http_client.connection": ["intercept.http_client.faulty"],
        "intercept.httpx.transports": ["intercept.httpx.faulty"],
        "intercept.httpx.websocket": ["intercept.httpx.faulty"],
    },
    "it imports a library that is slow, or that may be missing": {
        "cassette.store.read": ["cassette.text.positions", "cassette.vcrpy.read"],
        "cassette.text.yaml_reader": ["cassette.text.yaml_full"],
        "contract.comparing": ["contract.graphql.changes"],
        "contract.document": ["contract.graphql.sdl", "contract.yaml_document"],
        "contract.fetching": ["contract.graphql.sdl"],
        "features.survive.permitted": ["features.survive.graphql_answers", "usage.graphql.answers"],
        "intercept.aiohttp.connector": ["intercept.aiohttp.websocket", "playback.conversations.player"],
        "intercept.cassette": ["intercept.vcrpy.adapter"],
        "intercept.httpx.transports": ["intercept.httpx.websocket"],
        "plugin.testcase.cassette_path": ["cassette.vcrpy.read"],
        "plugin.fixture_impl": ["intercept.vcrpy.adapter", "plugin.frameworks.property_tests"],
        "plugin.processes.recording_proxy": ["features.serve.proxy"],
        "plugin.startup": ["config.dotenv"],
        "usage.usage": ["usage.graphql.reader"],
    },
}
LATE = {
    (f"taketwo.{importer}", f"taketwo.{name}"): reason
    for reason, importers in _REASONS.items()
    for importer, names in importers.items()
    for name in names
}


def test_no_module_imports_itself_through_others() -> None:
    graph = {module: imported_by(file) - {module} for module, file in files().items()}

    assert cycle_in(graph) == []


def test_an_import_inside_a_function_counts() -> None:
    tree = ast.parse("def late():\n    from taketwo.cassette import model\n")

    assert set(imports_in(tree)) == {"taketwo.cassette.model"}


def test_imports_inside_functions_are_those_that_have_a_reason() -> None:
    """
    The list may only get shorter: one that is gone is taken out, and a new one needs another way.
    """
    found = {(module, name) for module, file in files().items() for name in late_imports_in(parsed(file))}

    assert dict.fromkeys(found - LATE.keys(), "") == {}
    assert {pair: reason for pair, reason in LATE.items() if pair not in found} == {}


def test_an_import_at_module_level_is_not_late() -> None:
    tree = ast.parse("from taketwo import errors\n\ndef late():\n    from taketwo.cassette import model\n")

    assert set(late_imports_in(tree)) == {"taketwo.cassette.model"}


def test_a_cycle_is_found() -> None:
    assert cycle_in({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == ["a", "b", "c"]


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is_for(module: str) -> None:
    tree = ast.parse((HOME / module).read_text(encoding="utf-8"))

    assert ast.get_docstring(tree)


def test_no_folder_has_more_modules_than_one_can_survey() -> None:
    folders = {path.parent for path in HOME.rglob("*.py")}

    crowded = {folder.name for folder in folders if len(list(folder.glob("*.py"))) > MOST_MODULES}

    assert crowded == set()


def test_the_plugin_costs_next_to_nothing_until_a_test_needs_it() -> None:
    """
    Every pytest run of the environment loads it, also in projects that do not use it.
    """
    code = (
        "import sys, taketwo.plugin\n"
        "heavy = {'asyncpg', 'graphql', 'httpx', 'rich', 'starlette', 'vcr', 'yaml'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "print(sorted(name for name in sys.modules if name.startswith('taketwo')))"
    )

    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    light = ["", ".plugin"]
    assert done.stdout == f"[]\n{[f'taketwo{name}' for name in light]}\n"


@cache
def files() -> Mapping[str, Path]:
    """
    The toolkit's modules by their dotted names.
    """
    return {dotted(path): path for path in HOME.rglob("*.py")}


def dotted(path: Path) -> str:
    parts = path.relative_to(HOME.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_by(file: Path) -> set[str]:
    return set(imports_in(parsed(file)))


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def late_imports_in(tree: ast.AST) -> Iterator[str]:
    """
    The modules of the toolkit that functions of *tree* import when they run.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from imports_in(node)


def imports_in(tree: ast.AST) -> Iterator[str]:
    """
    Every module of the toolkit that is imported anywhere in *tree*, also only while types are checked.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in files())
        elif isinstance(node, ast.ImportFrom) and node.module and node.module in files():
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                yield module if module in files() else node.module


def cycle_in(graph: Mapping[str, set[str]]) -> list[str]:
    """
    The modules of a cycle in their order, beginning with the first by name; empty when there is none.
    """
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1][:-1][::-1]
        start = found.index(min(found))
        return found[start:] + found[:start]
    return []
