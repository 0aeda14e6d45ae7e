"""
``taketwo survive``: where the code under test crashes on answers that the contract permits.
"""

from __future__ import annotations

import json

import pytest

from tests.toolkit.cli.conftest import taketwo
from tests.toolkit.conftest import Project
from tests.toolkit.features.survive.shop import CORRECT, FAULTY, shop_project

FOUND = {
    ("reason", "status", "JSONDecodeError"),
    ("twice_the_discount", "null", "TypeError"),
    ("note", "absent", "KeyError"),
    ("label", "member", "KeyError"),
    ("label", "future", "KeyError"),
    ("kind", "future", "ValueError"),
    ("first_line", "empty", "IndexError"),
    ("share", "bound", "ZeroDivisionError"),
    ("initial", "empty", "IndexError"),
    ("placed", "bound", "ValueError"),
    ("whole", "extra", "TypeError"),
    ("city", "null", "AttributeError"),
    ("city", "partial", "AttributeError"),
    ("titles", "errors", "TypeError"),
    ("titles", "null", "TypeError"),
    ("titles", "partial", "TypeError"),
    ("sum_of_prices", "null", "TypeError"),
}


@pytest.fixture
def found(request: pytest.FixtureRequest, project: Project) -> Project:
    return shop_project(project.root, request.param)


@pytest.mark.parametrize("found", [FAULTY], indirect=True, ids=["faulty"])
def test_each_fault_of_a_client_is_found_with_its_line(found: Project) -> None:
    before = found.tree()

    run = taketwo(found, "survive", "--limit", "0", "--json", "--jobs", "2")

    assert run.code == 1, run.errors
    told = json.loads(run.output)
    source = (found.root / "client.py").read_text(encoding="utf-8").splitlines()
    crashes = {(function_at(source, one["line"]), one["kind"], one["error"]) for one in told["findings"]}
    # What only reads the reason of a failure reads it in the function beside it.
    assert {("reason" if name == "order" else name, kind, error) for name, kind, error in crashes} == FOUND
    assert {one["file"] for one in told["findings"]} == {"client.py"}
    assert (told["red"], told["skipped"], told["unstable"]) == ([], [], [])
    assert found.tree() == before


@pytest.mark.parametrize("found", [FAULTY], indirect=True, ids=["faulty"])
def test_a_finding_names_what_is_permitted_and_a_marker_that_reproduces_it(found: Project) -> None:
    run = taketwo(found, "survive", "-k", "twice_the_discount", "--limit", "0", "--jobs", "1")

    line = 1 + found.root.joinpath("client.py").read_text().splitlines().index(
        '    return order()["discount"] * 2'
    )
    marker = "@pytest.mark.vcr(answer={'on': 1, 'at': '/discount', 'value': None})"
    assert run.code == 1, run.errors
    assert run.output.splitlines()[:5] == [
        f"GET /orders/{{id}} 200 body.discount may be null: client.py:{line} TypeError",
        "  unsupported operand type(s) for *: 'NoneType' and 'int'",
        "  1. GET http://shop.test/orders/1  response.json.discount",
        "  tests/test_shop.py::test_twice_the_discount",
        f"  reproduce it: {marker}",
    ]

    tests = found.root / "tests" / "test_shop.py"
    tests.write_text(
        tests.read_text().replace("def test_twice_the_discount", f"{marker}\ndef test_twice_the_discount")
    )
    crashing = found.pytest("-k", "twice_the_discount")
    found.write("client.py", CORRECT)
    tests.write_text(tests.read_text().replace("twice_the_discount() == 10", "twice_the_discount() == 0"))
    corrected = found.pytest("-k", "twice_the_discount")

    assert crashing.code == 1
    assert "TypeError: unsupported operand" in crashing.output
    assert corrected.code == 0, corrected.output


@pytest.mark.parametrize("found", [CORRECT], indirect=True, ids=["correct"])
def test_a_client_that_is_right_has_no_finding(found: Project) -> None:
    run = taketwo(found, "survive", "--limit", "0", "--all", "--jobs", "2")

    assert run.code == 0, run.output
    assert "0 crashes of the code under test" in run.output


@pytest.mark.parametrize("found", [CORRECT], indirect=True, ids=["correct"])
def test_a_project_without_a_lock_is_told_what_is_missing(found: Project) -> None:
    for lock in (found.root / "cassettes" / "contracts").iterdir():
        lock.unlink()

    run = taketwo(found, "survive")

    assert run.code == 3
    assert "there is no contract in" in run.errors


def function_at(source: list[str], line: int) -> str:
    """
    The function that a line belongs to.
    """
    above = [one for one in source[:line] if one.startswith("def ")]
    return above[-1].removeprefix("def ").partition("(")[0]
