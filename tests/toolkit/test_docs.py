"""
The documentation is true: generated pages are those of the code, examples can be read, the quickstart runs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import jsonschema
import pytest
import yaml

from taketwo.cli.main import SUMMARIES
from taketwo.cli.reference import PAGES
from taketwo.config import tables
from taketwo.config.project import parse_config
from taketwo.config.reference import SECTIONS, schema
from tests.toolkit.conftest import OF_PYTEST, Project

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "tools" / "taketwo" / "docs"
SITE = ROOT / "tools" / "taketwo" / "mkdocs.yml"
EVERY_PAGE = [
    ROOT / "README.md",
    ROOT / "tools/mesh_inmemory/README.md",
    ROOT / "tools/chorus_tts/README.md",
    *sorted(DOCS.glob("*.md")),
]

_T = TypeVar("_T")
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


def blocks(language: str) -> Iterator[tuple[str, str]]:
    for page in EVERY_PAGE:
        for number, (found, block) in enumerate(_FENCE.findall(page.read_text(encoding="utf-8"))):
            if found == language:
                yield f"{page.parent.name}/{page.name} {number}", block


def parametrized(language: str) -> pytest.MarkDecorator:
    found = dict(blocks(language))
    return pytest.mark.parametrize("block", found.values(), ids=found)


@parametrized("yaml")
def test_yaml_can_be_read(block: str) -> None:
    assert yaml.safe_load(block)


@parametrized("python")
def test_python_compiles(block: str) -> None:
    compile(block, "block", "exec")


@parametrized("toml")
def test_toml_is_accepted_by_the_parser_and_by_the_schema(block: str) -> None:
    document = tomllib.loads(block)

    jsonschema.validate(document, schema())
    if "tool" in document:
        parse_config(document["tool"].get("taketwo", {}), root=ROOT)


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_links_lead_to_files_that_exist(page: Path) -> None:
    links = _LINK.findall(page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_in_the_navigation() -> None:
    named = re.findall(r"- (\S+\.md)$", SITE.read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert sorted(named) == [page.name for page in sorted(DOCS.glob("*.md"))]


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_those_of_the_code(name: str) -> None:
    """
    To write them again: ``python -m taketwo.cli.reference tools/taketwo/docs``.
    """
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name]()


def test_every_command_is_described() -> None:
    text = (DOCS / "commands.md").read_text(encoding="utf-8")

    assert [name for name in SUMMARIES if f"## `taketwo {name}`" not in text] == []


def test_the_reference_has_every_key_that_the_parser_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, set[str]] = {}

    class Recording(tables.Table):
        def __init__(self, values: object, where: str) -> None:
            super().__init__(values, where)
            self._here = re.sub(r"\[\d+\]$", "", where)
            for key, name in {"services.shop": "services.NAME", "prices.small": "prices.MODEL"}.items():
                self._here = self._here.replace(key, name)
            seen.setdefault(self._here, set())

        def take(self, key: str, read: Callable[[object], _T], default: _T) -> _T:
            seen[self._here].add(key)
            return super().take(key, read, default)

    monkeypatch.setattr(tables, "Table", Recording)
    monkeypatch.setattr("taketwo.config.project.Table", Recording)
    parse_config(EVERYTHING, root=ROOT)

    tables_inside = {section.name for section in SECTIONS}
    described = {section.name: {key.name for key in section.keys} for section in SECTIONS}
    parsed = {
        name: {key for key in keys if f"{name}.{key}" not in tables_inside} for name, keys in seen.items()
    }
    parsed["tool.taketwo"] -= {"services", "prices"}  # tables of tables
    for name in tables_inside:
        assert described[name] - {"contract", "autostart"} == parsed[name] - {"autostart"}, name


EVERYTHING: Mapping[str, object] = {
    "services": {"shop": {"address": "SHOP_URL"}},
    "placeholders": [{"type": "id", "pattern": "x{12}"}],
    "audio": [{"rate": 24_000, "path": "/speak"}],
    "volatile": {"members": {"lease": "id"}},
    "prices": {"small": {"input": 1}},
    "store": {"url": "s3://bucket/recordings"},
    "unused": "warn",
}


def test_the_schema_accepts_this_project_and_refuses_a_misspelt_key() -> None:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    jsonschema.validate(document, schema())
    document["tool"]["taketwo"]["cassetes"] = "x"
    with pytest.raises(jsonschema.ValidationError, match="'cassetes' was unexpected"):
        jsonschema.validate(document, schema())


def test_the_quickstart_runs_as_it_is_shown(project: Project) -> None:
    page = (DOCS / "quickstart.md").read_text(encoding="utf-8")
    for _, block in _FENCE.findall(page):
        first, _, rest = block.partition("\n")
        if first.startswith("# "):
            project.write(first.removeprefix("# "), rest)
    settings = project.root / "pyproject.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + OF_PYTEST, encoding="utf-8")

    recorded = project.pytest("--record-mode=rewrite")
    replayed = project.pytest()
    test = project.root / "tests" / "test_todos.py"
    test.write_text(test.read_text(encoding="utf-8").replace('add("buy milk")', 'add("buy bread")', 1))
    missed = project.pytest()

    assert (recorded.tail, replayed.tail, missed.tail) == ("1 passed", "1 passed", "1 failed"), (
        recorded.output
    )
    shown = next(block for language, block in _FENCE.findall(page) if language == "text")
    for line in shown.splitlines():
        assert line.strip() in missed.said
    cassette = yaml.safe_load((project.root / "cassettes/test_todos/test_a_todo_is_kept.yaml").read_text())
    excerpt = yaml.safe_load(next(block for language, block in _FENCE.findall(page) if language == "yaml"))
    assert is_part(excerpt[0], cassette["interactions"][0])


def is_part(shown: object, whole: object) -> bool:
    """
    Whether everything that is *shown* is in *whole*, which may hold more members.
    """
    if isinstance(shown, dict) and isinstance(whole, dict):
        return all(key in whole and is_part(value, whole[key]) for key, value in shown.items())
    return shown == whole
