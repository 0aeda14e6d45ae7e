"""
What is misspelt is named, with what was meant.
"""

from __future__ import annotations

import pytest

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


def test_a_misspelt_option_fails_its_test_before_anything_is_sent(shop: pytest.Pytester) -> None:
    marked = TEST.replace(".vrc", '.vcr(recrod_mode="none")')
    config = (
        "import pytest\n\n\n@pytest.fixture\ndef vcr_config():\n    return {'filter_header': ['x-key']}\n"
    )

    shop.makepyfile(test_shop=marked)
    in_marker = shop.runpytest_subprocess("--record-mode=none").stdout.str()
    shop.makepyfile(test_shop=TEST.replace(".vrc", ".vcr"))
    shop.makeconftest(config)
    in_config = shop.runpytest_subprocess("--record-mode=none").stdout.str()

    assert "pytest.mark.vcr: the option recrod_mode is not known; did you mean record_mode?" in in_marker
    assert "vcr_config: the option filter_header is not known; did you mean filter_headers?" in in_config


def test_a_member_of_the_modes_of_vcrpy_is_a_mode(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml("[tool.taketwo]\n")
    pytester.makepyfile(
        "import pytest, vcr\n\n\n"
        "@pytest.mark.vcr(record_mode=vcr.mode.NONE)\ndef test_none():\n    pass\n\n\n"
        "@pytest.mark.vcr(record_mode=vcr.mode.ONCE)\ndef test_once():\n    pass\n"
    )

    pytester.runpytest_subprocess().assert_outcomes(passed=2)
