"""The registry: which tools there are, found and not listed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.tools.registry import discover_tools, get_handlers, get_schemas
from tests.fakes import FakeBot

NAMES = [
    "append_to_note",
    "change_note_mode",
    "create_html_applet",
    "create_note",
    "delete_html_applet",
    "delete_note",
    "forget_user_facts",
    "get_user_profile",
    "list_html_applets",
    "list_notes",
    "load_html_applet",
    "read_note",
    "rename_note",
    "replace_note",
    "update_html_applet",
    "update_user_profile",
]
TOOL = "from bot.tools.tool import Tool\nTOOLS = (Tool('ping', 'Ping.', (), None),)\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """
    An empty package that can be imported as ``extras``.
    """
    folder = tmp_path / "extras"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.split(".")[0] == "extras"]:
        monkeypatch.delitem(sys.modules, name)
    return folder


def test_every_tool_is_found_in_the_order_of_the_names() -> None:
    assert [tool.name for tool in discover_tools()] == NAMES


def test_each_has_a_handler_and_a_schema() -> None:
    assert list(get_handlers(FakeBot(), {})) == NAMES
    assert [schema["name"] for schema in get_schemas()] == NAMES


def test_every_tool_and_every_parameter_is_described() -> None:
    described = [tool.description for tool in discover_tools()]
    described += [each.description for tool in discover_tools() for each in tool.parameters]

    assert all(described)


def test_a_module_that_is_put_there_is_found(package: Path) -> None:
    (package / "ping_tools.py").write_text(TOOL)
    (package / "other.py").write_text("raise AssertionError")

    assert [tool.name for tool in discover_tools([str(package)], "extras")] == ["ping"]


def test_two_tools_of_one_name_are_a_mistake(package: Path) -> None:
    (package / "a_tools.py").write_text(TOOL)
    (package / "b_tools.py").write_text(TOOL)

    with pytest.raises(TypeError, match="b_tools brings a second tool of the name ping"):
        discover_tools([str(package)], "extras")


def test_a_module_without_tools_is_a_mistake(package: Path) -> None:
    (package / "empty_tools.py").touch()

    with pytest.raises(TypeError, match=r"extras\.empty_tools has no TOOLS"):
        discover_tools([str(package)], "extras")
