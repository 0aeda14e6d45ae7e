"""
Tests that are made, repeated, run again or written as examples: each records what it sends and replays it.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import Project

PROPERTIES = """
from hypothesis import given, settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, rule

WORD = "a constant of the project"


def post(text):
    with client() as c:
        return c.post("/notes", json={"text": text}).json()["text"]


@given(strategies.text())
def test_without_a_cassette(text):
    assert text == text


@pytest.mark.vcr
@pytest.mark.parametrize("kind", ["a", "b"])
@given(text=strategies.text(max_size=8), number=strategies.integers())
@settings(max_examples=15)
def test_property(kind, text, number):
    assert post(f"{kind}{text}{number}") == f"{kind}{text}{number}"


class Machine(RuleBasedStateMachine):
    @rule(number=strategies.integers())
    def put(self, number):
        assert post(str(number)) == str(number)


@pytest.mark.vcr
class TestMachine(Machine.TestCase):
    settings = settings(max_examples=4, stateful_step_count=3)
"""


@pytest.fixture
def properties(project: Project) -> Project:
    text = (project.root / "pyproject.toml").read_text(encoding="utf-8")
    project.write("pyproject.toml", text.replace('"-p", "no:hypothesispytest", ', ""))
    project.test(PROPERTIES)
    return project


def test_the_examples_of_hypothesis_are_the_same_in_every_run(properties: Project) -> None:
    recorded = properties.pytest("--record-mode=rewrite", "--hypothesis-seed=1")
    files = properties.files()
    replayed = properties.pytest("--record-mode=none", "--hypothesis-seed=2")
    alone = properties.pytest("--record-mode=none", "tests/test_notes.py::test_property")
    again = properties.pytest("--record-mode=rewrite", "-k", "property or Machine")

    assert (recorded.tail, replayed.tail, alone.tail) == ("4 passed", "4 passed", "2 passed"), replayed.output
    assert "3 cassettes recorded again, not one byte changed" in again.output
    assert properties.files() == files
    assert files["test_notes/test_property[a].yaml"].count("- request:") == 15


def test_a_failing_example_of_a_replay_is_not_hidden_by_a_search_for_a_simpler_one(
    properties: Project,
) -> None:
    assert properties.pytest("--record-mode=rewrite", "-k", "property").code == 0
    properties.test(PROPERTIES.replace("assert post(f", "assert len(text) < 5 and post(f"))

    run = properties.pytest("--record-mode=none", "-k", "property")
    properties.test(PROPERTIES.replace("max_size=8", "min_size=9"))
    other = properties.pytest("--record-mode=none", "-k", "property")

    assert run.tail == "2 failed, 2 deselected", run.output
    assert "NoMatch" not in run.output
    assert "the examples of hypothesis are the recorded ones only while hypothesis" in other.output


REPEATED = """
@pytest.mark.vcr
@pytest.mark.parametrize("page", ["1-2", "b"])
def test_one(page):
    assert get(f"/notes?page={page}").json() == []


@pytest.mark.vcr
def test_two():
    get("/notes")
"""


def test_every_run_of_a_repeated_test_has_the_same_cassette_which_counts_once(project: Project) -> None:
    project.test(REPEATED)

    recorded = project.pytest("--record-mode=rewrite", "--count=3")
    replayed = project.pytest("--record-mode=none", "--count=2")
    once = project.pytest("--record-mode=none", "--taketwo-strict")

    assert (recorded.tail, replayed.tail, once.tail) == ("9 passed", "6 passed", "3 passed"), replayed.output
    assert "3 cassettes recorded for the first time" in recorded.output
    assert "recorded again" not in recorded.output
    assert sorted(name for name in project.files() if "contracts" not in name) == [
        "test_notes/test_one[1-2].yaml",
        "test_notes/test_one[b].yaml",
        "test_notes/test_two.yaml",
    ]


def test_a_test_that_passes_when_it_is_run_again_counts_once(project: Project) -> None:
    project.test(
        """
        ATTEMPTS = []

        @pytest.mark.vcr
        def test_one():
            ATTEMPTS.append(get("/notes").status_code)
            assert len(ATTEMPTS) == 3
        """
    )

    recorded = project.pytest("--record-mode=rewrite", "--reruns=2")
    failing = project.pytest("--record-mode=rewrite", "--reruns=1")

    assert recorded.tail == "1 passed, 2 rerun", recorded.output
    assert "1 cassette recorded for the first time" in recorded.output
    assert "not put in place" not in recorded.output
    assert failing.tail == "1 failed, 1 rerun"
    assert "1 cassette recorded, and not put in place\n" in failing.output
    assert "  cassettes/test_notes/test_one.yaml: its test failed\n" in failing.output


EXAMPLE = '''
def first(path):
    """
    >>> first("/notes")
    200
    """
    with client() as c:
        return c.get(path).status_code
'''
GENERATED = """
def pytest_generate_tests(metafunc):
    if "made" in metafunc.fixturenames:
        metafunc.parametrize("made", ["x", "y"])


@pytest.mark.vcr
def test_made(made):
    get(f"/notes?{made}")


async def pages():
    try:
        yield 1
        yield 2
    finally:
        async with httpx.AsyncClient(base_url=os.environ["NOTEBOOK_URL"], trust_env=False) as c:
            await c.get("/notes?finally")


@pytest.mark.vcr
@pytest.mark.asyncio
async def test_an_async_generator_that_is_left_early():
    async with contextlib.aclosing(pages()) as every:
        async for page in every:
            break


@pytest_asyncio.fixture
async def note():
    async with httpx.AsyncClient(base_url=os.environ["NOTEBOOK_URL"], trust_env=False) as c:
        yield (await c.post("/notes", json={"text": "of a fixture"})).json()
        await c.get("/notes?teardown")


@pytest.mark.vcr
@pytest.mark.asyncio
async def test_an_async_fixture(note):
    assert note["text"] == "of a fixture"
"""


def test_doctests_generated_tests_and_async_generators_are_replayed(project: Project) -> None:
    project.test(EXAMPLE, "tests/example.py")
    project.test("import contextlib\n\nimport pytest_asyncio\n" + GENERATED)
    project.write(
        "tests/conftest.py",
        """
        import pytest


        def pytest_collection_modifyitems(items):
            for item in items:
                if isinstance(item, pytest.DoctestItem):
                    item.add_marker(pytest.mark.vcr)
        """,
    )
    options = ("--doctest-modules", "tests/example.py", "tests/test_notes.py")

    recorded = project.pytest("--record-mode=rewrite", *options)
    replayed = project.pytest("--record-mode=none", *options)

    assert (recorded.tail, replayed.tail) == ("5 passed", "5 passed"), recorded.output + replayed.output
    files = {name: text for name, text in project.files().items() if "contracts" not in name}
    assert {name: text.count("- request:") for name, text in files.items()} == {
        "example/tests.example.first.yaml": 1,
        "test_notes/test_an_async_fixture.yaml": 2,
        "test_notes/test_an_async_generator_that_is_left_early.yaml": 1,
        "test_notes/test_made[x].yaml": 1,
        "test_notes/test_made[y].yaml": 1,
    }
