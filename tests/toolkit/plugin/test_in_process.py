"""
Suites of plugins run pytest inside of pytest: several times in one process, and one within another.
"""

from __future__ import annotations

import sys

import pytest

from taketwo.plugin.frameworks.in_process import import_everything

pytest_plugins = "pytester"

PYPROJECT = """
[tool.taketwo]

[tool.pytest.ini_options]
asyncio_default_fixture_loop_scope = "function"
"""
CASSETTE = """\
taketwo: 1
test: test_inner.py::test_inner
services: {}
seed: 1
time: "2026-01-01T00:00:00Z"
holds:
  interactions: 1
interactions:
- request:
    method: GET
    url: http://shop.test/notes
  response:
    status: 200
    headers:
      content-type: application/json
    json:
      text: recorded
"""
TEST = """
import httpx
import pytest


@pytest.mark.vcr
def test_inner():
    assert httpx.get("http://shop.test/notes").json() == {"text": "recorded"}


@pytest.mark.vcr
def test_without_a_cassette():
    with pytest.raises(BaseException, match="there is no cassette"):
        httpx.get("http://shop.test/notes")
"""


@pytest.fixture
def inner(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyprojecttoml(PYPROJECT)
    pytester.makepyfile(test_inner=TEST)
    folder = pytester.mkdir("cassettes") / "test_inner"
    folder.mkdir()
    (folder / "test_inner.yaml").write_text(CASSETTE, encoding="utf-8")
    return pytester


def test_two_runs_in_one_process_replay_the_same(inner: pytest.Pytester) -> None:
    for _ in range(2):
        run = inner.runpytest_inprocess("--record-mode=none", "-p", "no:randomly", "test_inner.py")

        run.assert_outcomes(passed=2, errors=1)


def test_a_run_inside_of_a_run_inside_of_a_run_replays_the_same(inner: pytest.Pytester) -> None:
    inner.makepyfile(
        test_outer=f"""
        import pytest

        pytest_plugins = "pytester"


        def test_outer(pytester):
            pytester.makepyprojecttoml({PYPROJECT!r})
            pytester.makepyfile(test_inner={TEST!r})
            folder = pytester.mkdir("cassettes") / "test_inner"
            folder.mkdir()
            (folder / "test_inner.yaml").write_text({CASSETTE!r}, encoding="utf-8")
            for _ in range(2):
                pytester.runpytest_inprocess("--record-mode=none").assert_outcomes(passed=2, errors=1)
        """
    )

    for _ in range(2):
        run = inner.runpytest_inprocess("--record-mode=none", "-p", "no:randomly", "test_outer.py")

        run.assert_outcomes(passed=1)


def test_an_extra_that_is_not_installed_keeps_nobody_from_pytester(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "graphql", None)
    for name in [name for name in sys.modules if name.startswith("taketwo.contract.graphql")]:
        monkeypatch.delitem(sys.modules, name)

    import_everything()

    assert "taketwo.contract.graphql.changes" not in sys.modules
