"""
``taketwo age``, and what a scheduled refresh says of old cassettes.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from taketwo.features.age.ages import Age, ages, older_than
from taketwo.features.age.render import age_badge, age_lines
from tests.toolkit.features.store.kept import FILMS, SONGS, Checkout

DAY = 86_400


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Checkout:
    """
    A cassette that was committed 100 days ago, and one that was 10 days ago.
    """
    made = Checkout.made(tmp_path / "here", "memory://x", monkeypatch, capsys)
    (made.root / "pyproject.toml").write_text('[tool.taketwo]\nmax_age = "12w"\n', encoding="utf-8")
    made.git("init", "--quiet")
    for name, days in ((FILMS, 100), (SONGS, 10)):
        made.record(name, b"")
        moment = f"{int(time.time()) - days * DAY} +0000"
        monkeypatch.setenv("GIT_AUTHOR_DATE", moment)
        monkeypatch.setenv("GIT_COMMITTER_DATE", moment)
        made.git("add", ".")
        made.git("commit", "--quiet", "-m", name)
    return made


def test_the_age_of_a_cassette_is_that_of_its_commit(checkout: Checkout) -> None:
    found = ages(checkout.cassettes, now=time.time())

    assert [(age.path, round(age.days)) for age in found] == [(FILMS, 100), (SONGS, 10)]


def test_one_that_was_recorded_again_and_not_committed_has_the_age_of_its_file(checkout: Checkout) -> None:
    checkout.record(FILMS, b"other")
    checkout.record("test_new.yaml", b"")
    os.utime(checkout.cassettes / FILMS, (time.time() - 2 * DAY,) * 2)

    found = ages(checkout.cassettes, now=time.time())

    assert [(age.path, round(age.days)) for age in found] == [(SONGS, 10), (FILMS, 2), ("test_new.yaml", 0)]


def test_those_that_are_too_old_are_listed_and_the_badge_is_red(checkout: Checkout) -> None:
    code, out, _ = checkout.taketwo("age", "--badge", "out/age.svg")
    younger = checkout.taketwo("age", "--max-age", "101d")

    assert (code, younger[0]) == (1, 0)
    assert out == (
        f"2 cassettes; the oldest is 100 d old: {FILMS}\n"
        "1 of 2 cassettes are older than 84 d:\n"
        f"  100 d  {FILMS}\n"
        "to record them again: taketwo refresh --all\n"
    )
    svg = (checkout.root / "out/age.svg").read_text(encoding="utf-8")
    assert ET.fromstring(svg).attrib["aria-label"] == "oldest cassette: 100 d"  # noqa: S314 - our own document
    assert "#b6432f" in svg


def test_a_shallow_clone_knows_no_age(checkout: Checkout) -> None:
    clone = Checkout(checkout.root.with_name("clone"), checkout.monkeypatch, checkout.capsys)
    checkout.git("clone", "--quiet", "--depth", "1", checkout.root.as_uri(), str(clone.root))

    code, _, errors = clone.taketwo("age")

    assert (code, errors.startswith("error: this clone is shallow, so the age")) == (3, True)


def test_one_that_is_kept_in_a_store_has_the_age_of_its_line(checkout: Checkout) -> None:
    pytest.importorskip("fsspec")
    settings = '[tool.taketwo]\n[tool.taketwo.store]\nurl = "memory://ages"\nlarger_than = 0\n'
    (checkout.root / "pyproject.toml").write_text(settings, encoding="utf-8")
    checkout.done("push")
    checkout.git("add", "cassettes/store.lock")
    checkout.git("commit", "--quiet", "-m", "in the store")  # as of the last date, ten days ago
    checkout.lose()

    found = ages(checkout.cassettes, now=time.time())

    assert [(age.path, round(age.days)) for age in found] == [(FILMS, 10), (SONGS, 10)]


@pytest.mark.parametrize("variable", ["GITHUB_EVENT_NAME", "CI_PIPELINE_SOURCE"])
def test_only_a_scheduled_refresh_reports_them(checkout: Checkout, variable: str, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    checkout.monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    checkout.monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    checkout.monkeypatch.setenv(variable, "pull_request")
    proposed = checkout.taketwo("refresh", "--check")
    checkout.monkeypatch.setenv(variable, "schedule")
    scheduled = checkout.taketwo("refresh", "--check")

    assert "older than" not in proposed[1]
    assert f"1 of 2 cassettes are older than 84 d:\n  100 d  {FILMS}\n" in scheduled[1]
    assert summary.read_text(encoding="utf-8").count("older than 84 d") == 1


@pytest.mark.parametrize(
    ("days", "max_age", "colour"),
    [(10, 90, "#3f8f29"), (60, 90, "#a8861a"), (91, 90, "#b6432f"), (200, 0, "#a8861a")],
)
def test_the_colour_of_the_badge_tells_how_near_it_is(days: float, max_age: float, colour: str) -> None:
    assert colour in age_badge([Age("a.yaml", days)], max_age)


def test_no_cassette_has_no_age(tmp_path: Path) -> None:
    assert ages(tmp_path / "none", now=0) == []
    assert [line.text for line in age_lines([], 90)] == ["there is no cassette"]
    assert older_than([], 1) == []
