"""
What is misspelt is named, with what was meant.
"""

from __future__ import annotations

import pytest

from taketwo.api.options import CassetteOptions
from taketwo.plugin.collected.misspelt import ARGUMENTS, refuse_misspelt_arguments

pytest_plugins = "pytester"

PYPROJECT = """
[tool.taketwo.services.shop]
command = ["shop", "{port}"]
environment = { SHOP_URL = "{url}" }

[tool.pytest.ini_options]
asyncio_default_fixture_loop_scope = "function"
"""
TEST = """
import os

import pytest


@pytest.mark.vrc
def test_one():
    assert os.environ["SHOP_URL"]


@pytest.mark.slow
def test_two():
    assert {}["SHOP"]
"""


@pytest.fixture
def shop(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyprojecttoml(PYPROJECT)
    pytester.makepyfile(test_shop=TEST)
    return pytester


def test_a_misspelt_marker_is_named(shop: pytest.Pytester) -> None:
    shown = shop.runpytest_subprocess("--record-mode=none").stdout.str()

    assert "test_shop.py:6: there is no marker vrc; did you mean pytest.mark.vcr?" in shown
    assert "no marker slow" not in shown


def test_a_test_that_lacks_the_address_of_a_service_is_said_to_need_the_marker(shop: pytest.Pytester) -> None:
    shown = shop.runpytest_subprocess("--record-mode=none").stdout.str()

    assert shown.count("is set for tests that are marked") == 1
    assert "SHOP_URL is set for tests that are marked: @pytest.mark.vcr" in shown


def test_a_misspelt_argument_of_the_marker_fails_its_test(shop: pytest.Pytester) -> None:
    shop.makepyfile(test_shop=TEST.replace(".vrc", '.vcr(recrod_mode="none")'))

    shown = shop.runpytest_subprocess("--record-mode=none").stdout.str()

    assert "pytest.mark.vcr: the argument recrod_mode is not known; did you mean record_mode?" in shown


def test_arguments_of_a_project_are_left_to_it() -> None:
    refuse_misspelt_arguments(["record_mode", "tenant", "my_own_setting"])


def test_all_options_of_a_cassette_are_known() -> None:
    assert set(CassetteOptions.__annotations__) <= set(ARGUMENTS.split())
