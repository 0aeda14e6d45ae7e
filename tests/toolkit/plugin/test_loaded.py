"""
What a run loads of the toolkit that only replays, or has no cassette at all.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import OF_PYTEST, PYPROJECT, Project

LOADED = """
import sys

IDLE = (
    "taketwo.cassette.cache.compile",
    "taketwo.cassette.text.format",
    "taketwo.cassette.text.writer",
    "taketwo.cassette.volatile.assign",
    "taketwo.cassette.volatile.detect",
    "taketwo.cassette.vcrpy.read",
    "taketwo.config.answers",
    "taketwo.config.faults",
    "taketwo.compare",
    "taketwo.contract",
    "taketwo.intercept.vcrpy.adapter",
    "taketwo.playback.conversations.player",
    "taketwo.playback.faults",
    "taketwo.playback.messages",
    "taketwo.plugin.processes.browser",
    "taketwo.plugin.scoped_fixtures.scope",
    "taketwo.report",
    "taketwo.usage",
    "graphql",
    "vcr",
    "yaml",
)


def pytest_unconfigure():
    print("loaded:", [name for name in IDLE if name in sys.modules])
"""
ASKS = """
import pytest

@pytest.mark.vcr
def test_asked():
    with client() as c:
        c.get("/notes")
        c.post("/notes", json={"text": "milk"})
"""


def test_a_replay_loads_nothing_that_records_compares_or_reports(project: Project) -> None:
    project.test(ASKS)
    project.write("conftest.py", LOADED)
    assert project.pytest("--record-mode=rewrite").code == 0
    assert project.pytest().code == 0  # which finds that the cassette fits its contract, and keeps that

    run = project.pytest("-s")

    assert run.code == 0
    assert "loaded: []" in run.output


OURS = """
import sys


def pytest_unconfigure():
    ours = [name for name in sys.modules if name.startswith("taketwo.")]
    theirs = {"graphql", "httpx", "vcr", "websockets", "yaml"} & set(sys.modules)
    print("loaded:", *sorted(ours), *sorted(theirs))
"""
PLAIN = """
def test_plain():
    pass
"""
IDLE = (
    "taketwo.config",
    "taketwo.config.kinds",
    "taketwo.config.project",
    "taketwo.config.tables",
    "taketwo.errors",
    "taketwo.intercept",
    "taketwo.intercept.patching",
    "taketwo.intercept.session_patches",
    "taketwo.network",
    "taketwo.network.allowed",
    "taketwo.network.guard",
    "taketwo.network.sockets",
    "taketwo.playback",
    "taketwo.playback.modes",
    "taketwo.playback.option_names",
    "taketwo.plugin",
    "taketwo.plugin.collected",
    "taketwo.plugin.collected.collection",
    "taketwo.plugin.fixtures",
    "taketwo.plugin.hooks",
    "taketwo.plugin.network",
    "taketwo.plugin.requirements",
    "taketwo.plugin.run",
    "taketwo.plugin.startup",
    "taketwo.plugin.testcase",
    "taketwo.plugin.testcase.options",
    "taketwo.value",
)

WITH_SERVICE = tuple(
    sorted((*IDLE, "taketwo.config.quotas", "taketwo.config.services", "taketwo.config.variables"))
)


@pytest.mark.parametrize(
    ("pyproject", "loaded"),
    [(PYPROJECT, WITH_SERVICE), (OF_PYTEST, ("taketwo.plugin",)), (f"{OF_PYTEST}\n[tool.taketwo]\n", IDLE)],
    ids=["with a service", "without a table of ours", "with an empty one"],
)
def test_a_run_without_cassettes_loads_what_closes_the_network_and_no_more(
    project: Project, pyproject: str, loaded: tuple[str, ...]
) -> None:
    """
    Most runs of most projects are such a run, and each module makes all of them start later.
    """
    project.write("pyproject.toml", pyproject)
    project.write("tests/test_plain.py", PLAIN)
    project.write("conftest.py", OURS)

    run = project.pytest("-s")

    assert run.code == 0
    assert f"loaded: {' '.join(loaded)}\n" in run.output
