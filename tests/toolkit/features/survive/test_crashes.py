"""
What counts as a crash of the code under test, and where it is said to be.
"""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from taketwo.errors import NoMatch
from taketwo.features.survive.candidates import ChangeKind
from taketwo.features.survive.crashes import CodeUnderTest, Crash, crash_of

CODE = """
import enum
import json


class ShopError(Exception):
    pass


class Kind(enum.Enum):
    GIFT = "gift"


def price(order):
    return order["price"] * 2


def kind(order):
    return Kind(order["kind"])


def decoded(text):
    return json.loads(text)


def refuse(order):
    if order["price"] is None:
        raise ValueError("an order without a price")


def refuse_by_own(order):
    try:
        return order["price"]
    except KeyError:
        raise ShopError("no price") from None


def check(order):
    assert order["price"] is not None


def first(items):
    def given():
        yield next(iter(items))

    return list(given())


def called_back(act):
    return act()


def label(status):
    if status not in {"open", "paid"}:
        raise ValueError(status)
"""
TEST = """
import shop_under_test as shop


def check_price(order):
    assert shop.price(order) == 2


def read_it_itself(order):
    return order["price"]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    return tmp_path


@pytest.fixture
def code(root: Path) -> CodeUnderTest:
    return CodeUnderTest(root=root, tests=root / "tests")


@pytest.fixture
def shop(root: Path) -> Iterator[ModuleType]:
    yield from _imported(root / "shop.py", "shop_under_test", CODE)


@pytest.fixture
def tests(root: Path, shop: ModuleType) -> Iterator[ModuleType]:
    del shop  # it imports that
    yield from _imported(root / "tests" / "test_shop.py", "tests_of_shop", TEST)


def _imported(path: Path, name: str, text: str) -> Iterator[ModuleType]:
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[name]


def _crash(code: CodeUnderTest, act: object, *arguments: object, kind: ChangeKind) -> Crash | None:
    assert callable(act)
    try:
        act(*arguments)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is judged
        return crash_of(error, code, kind)
    raise AssertionError("it did not fail")


def _line(text: str) -> int:
    return CODE.splitlines().index(text) + 1


@pytest.mark.parametrize(
    ("name", "argument", "kind", "line", "error"),
    [
        ("price", {"price": None}, ChangeKind.NULL, '    return order["price"] * 2', "TypeError"),
        ("price", {}, ChangeKind.ABSENT, '    return order["price"] * 2', "KeyError"),
        ("kind", {"kind": "own"}, ChangeKind.FUTURE, '    return Kind(order["kind"])', "ValueError"),
        ("decoded", "{", ChangeKind.STATUS, "    return json.loads(text)", "JSONDecodeError"),
        (
            "check",
            {"price": None},
            ChangeKind.NULL,
            '    assert order["price"] is not None',
            "AssertionError",
        ),
        ("first", [], ChangeKind.EMPTY, "        yield next(iter(items))", "RuntimeError"),
        ("label", "gone", ChangeKind.MEMBER, "        raise ValueError(status)", "ValueError"),
    ],
)
def test_an_error_that_nobody_chose_is_a_crash_at_the_innermost_line_of_the_code(
    shop: ModuleType,
    code: CodeUnderTest,
    name: str,
    argument: object,
    kind: ChangeKind,
    line: str,
    error: str,
) -> None:
    crash = _crash(code, vars(shop)[name], argument, kind=kind)

    assert crash is not None
    assert crash.place == f"shop.py:{_line(line)} {error}"


@pytest.mark.parametrize(
    ("name", "argument"), [("refuse", {"price": None}), ("refuse_by_own", {}), ("label", "gone")]
)
def test_an_error_that_the_code_raises_on_purpose_is_none(
    shop: ModuleType, code: CodeUnderTest, name: str, argument: object
) -> None:
    assert _crash(code, vars(shop)[name], argument, kind=ChangeKind.NULL) is None


def test_a_failed_assertion_of_a_test_is_none(tests: ModuleType, code: CodeUnderTest) -> None:
    assert _crash(code, tests.check_price, {"price": 7}, kind=ChangeKind.BOUND) is None


def test_what_a_test_reads_itself_is_none(tests: ModuleType, code: CodeUnderTest) -> None:
    assert _crash(code, tests.read_it_itself, {}, kind=ChangeKind.ABSENT) is None


def test_what_a_test_calls_may_crash(tests: ModuleType, code: CodeUnderTest) -> None:
    crash = _crash(code, tests.check_price, {}, kind=ChangeKind.ABSENT)

    assert crash is not None
    assert (crash.line, crash.error) == (_line('    return order["price"] * 2'), "KeyError")


def test_a_function_of_the_test_that_the_code_calls_back_is_the_test(
    shop: ModuleType, tests: ModuleType, code: CodeUnderTest
) -> None:
    assert _crash(code, shop.called_back, lambda: tests.read_it_itself({}), kind=ChangeKind.ABSENT) is None


def test_an_error_of_the_network_is_none(shop: ModuleType, code: CodeUnderTest) -> None:
    def fail() -> None:
        raise ConnectionResetError

    assert _crash(code, shop.called_back, fail, kind=ChangeKind.STATUS) is None


def test_a_request_that_was_never_recorded_is_none(shop: ModuleType, code: CodeUnderTest) -> None:
    """
    Another answer has led to it, and nothing is known of it; also where an error of the code's own follows.
    """

    def refuse() -> None:
        raise NoMatch("no answer")

    def ask() -> None:
        try:
            refuse()
        except NoMatch:
            shop.price({})

    assert _crash(code, ask, kind=ChangeKind.NULL) is None


def test_an_error_in_a_group_of_tasks_is_found(shop: ModuleType, code: CodeUnderTest) -> None:
    async def main() -> None:
        async def task() -> None:
            shop.price({"price": None})

        async with asyncio.TaskGroup() as group:
            group.create_task(task())

    crash = _crash(code, lambda: asyncio.run(main()), kind=ChangeKind.NULL)

    assert crash is not None
    assert crash.error == "TypeError"


def test_what_pytest_warns_of_is_judged_by_its_cause(shop: ModuleType, code: CodeUnderTest) -> None:
    def warn() -> None:
        try:
            shop.price({})
        except KeyError as error:
            raise pytest.PytestUnhandledThreadExceptionWarning from error

    crash = _crash(code, warn, kind=ChangeKind.ABSENT)

    assert crash is not None
    assert crash.error == "KeyError"


def test_crashes_at_one_line_are_one_whatever_their_words(shop: ModuleType, code: CodeUnderTest) -> None:
    one = _crash(code, shop.decoded, "{", kind=ChangeKind.STATUS)
    other = _crash(code, shop.decoded, "", kind=ChangeKind.STATUS)

    assert one == other
    assert one is not None
    assert other is not None
    assert one.message != other.message


@pytest.mark.parametrize(
    ("file", "is_code"),
    [
        ("shop.py", True),
        ("shop/client.py", True),
        ("conftest.py", False),
        ("shop/conftest.py", False),
        ("test_shop.py", False),
        ("shop_test.py", False),
        ("tests/shop.py", False),
        ("shop/testing/fakes.py", False),
        (".venv/lib/python3.11/site-packages/shop.py", False),
    ],
)
def test_the_code_under_test_is_what_is_neither_test_nor_installed(
    root: Path, code: CodeUnderTest, file: str, *, is_code: bool
) -> None:
    assert code.holds(str(root / file)) is is_code
    assert not code.holds(f"/elsewhere/{file}")
