"""
An option of a cassette is known by its name in ``vcr_config``, in the marker and in ``use_cassette`` alike.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest
import vcr

import taketwo
from taketwo.api.options import CassetteOptions
from taketwo.errors import ConfigError
from taketwo.playback.option_names import KNOWN, check_options_of_block, check_options_of_test

IN_TEST = partial(check_options_of_test, where="vcr_config")
Check = Callable[[Mapping[str, object]], None]


@pytest.mark.parametrize(
    ("check", "where"), [(IN_TEST, "vcr_config"), (check_options_of_block, "use_cassette")]
)
def test_every_unknown_name_is_listed_with_the_nearest_one(check: Check, where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check({"filter_header": ["x"], "match_on": ["uri"], "zzz": 1})

    first, second = str(caught.value).splitlines()
    assert first == f"{where}: the option filter_header is not known; did you mean filter_headers?"
    assert second.startswith(f"{where}: the option zzz is not known; there are additional_matchers, ")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("mode", "record_mode"),
        ("matchon", "match_on"),
        ("repeat", "repeats"),
        ("ignore_host", "ignore_hosts"),
    ],
)
def test_a_name_that_is_a_part_of_the_right_one_is_near_it(name: str, meant: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} is not known; did you mean {meant}\\?"):
        IN_TEST({name: 1})


def test_all_names_that_vcrpy_reads_are_known() -> None:
    source = inspect.getsource(vcr.VCR)

    read = {line.split('"')[1] for line in source.replace("get(\n", "get(").split("get(")[1:] if '"' in line}

    assert {"match_on", "persister", "before_record"} <= read
    assert read - KNOWN == {"path"}


def test_all_options_of_a_block_are_known() -> None:
    assert set(CassetteOptions.__annotations__) <= KNOWN


@pytest.mark.parametrize(
    ("check", "options", "advice"),
    [
        (
            IN_TEST,
            {"block_network": False},
            (
                "block_network: mark the test with @pytest.mark.block_network, or say allowed_hosts or "
                "block_network in [tool.taketwo]"
            ),
        ),
        (IN_TEST, {"inject_cassette": True}, "inject_cassette: request the fixture vcr"),
        (
            IN_TEST,
            {"record_on_exception": True},
            "record_on_exception: what fails keeps the cassette that it has; leave it out",
        ),
        (
            check_options_of_block,
            {"path_transformer": str},
            "path_transformer: give use_cassette the path of the cassette",
        ),
        (
            check_options_of_block,
            {"children": True},
            "children: it is for tests of pytest: @pytest.mark.vcr(children=...)",
        ),
        (
            check_options_of_block,
            {"filter_sensitive_data": [("<KEY>", "k3y")]},
            (
                "filter_sensitive_data: list the environment variables that hold the values as secrets in "
                "[tool.taketwo]; they are replaced in every encoding, and a replay has them again"
            ),
        ),
    ],
)
def test_an_option_without_effect_is_refused_with_what_to_do_instead(
    check: Check, options: Mapping[str, object], advice: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        check(options)

    assert str(caught.value).splitlines()[1:] == [f"  - {advice}"]


@pytest.mark.parametrize("check", [IN_TEST, check_options_of_block])
def test_options_that_ask_for_nothing_are_no_mistake(check: Check) -> None:
    check({"record_on_exception": False, "persister": None, "inject_cassette": False, "block_network": True})


def test_a_block_with_an_unknown_option_sends_nothing(tmp_path: Path) -> None:
    options = {"recrod_mode": "all"}

    with pytest.raises(ConfigError), taketwo.use_cassette(tmp_path / "x.yaml", **options):  # type: ignore[arg-type]
        pytest.fail("it was opened")

    assert list(tmp_path.iterdir()) == []
