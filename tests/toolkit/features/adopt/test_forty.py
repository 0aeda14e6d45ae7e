"""
A suite of forty tests moves in, is converted, and moves back.
"""

from __future__ import annotations

import shutil

from tests.toolkit.cli.conftest import taketwo
from tests.toolkit.conftest import Project
from tests.toolkit.features.adopt.forty_tests import CLIENTS, CONFTEST, COUNT, OPTIONS
from tests.toolkit.features.adopt.shop_service import shop

PLAIN = """
[project]
name = "shop"

[tool.pytest.ini_options]
addopts = ["--strict-markers", "-p", "no:anyio", "-p", "no:pgmem", "-p", "no:respx"]
asyncio_default_fixture_loop_scope = "function"
"""
WITHOUT = ("-p", "no:taketwo")
REPLAY = ("--record-mode=none", "--block-network")
GREEN = f"{COUNT} passed"
# VCR.py writes no form of aiohttp down, so it never compared one.
LISTED = [
    "tests/test_clients.py::test_aiohttp_forms: body that was never matched",
    "tests/test_options.py::test_body_that_was_never_matched: body that was never matched",
    "tests/test_options.py::test_unplayed: unplayed",
]


def test_forty_tests_are_adopted_converted_and_moved_back(project: Project) -> None:
    project.write("pyproject.toml", PLAIN)
    project.write("tests/conftest.py", CONFTEST)
    project.write("tests/test_clients.py", CLIENTS)
    project.write("tests/test_options.py", OPTIONS)
    old, new = project.root / "tests/cassettes", project.root / "cassettes"
    kept = project.root / "tests/kept"

    with shop() as url:
        recorded = project.pytest(*WITHOUT, "--record-mode=once", environment={"SHOP": url})
    environment = {"SHOP": url, "NOT_RECORDED": "1"}
    assert recorded.tail == GREEN, recorded.output

    started = taketwo(project, "init", environment=environment)
    adopted = taketwo(project, "adopt", environment=environment)
    again = taketwo(project, "adopt", environment=environment)
    moved = project.pytest(*REPLAY, environment=environment)
    assert started.code == 0, started.errors
    assert (adopted.code, again.code) == (1, 1), adopted.output + adopted.errors
    assert adopted.output.startswith(f"as it is:     {GREEN}\nwith taketwo: {GREEN}\n")
    assert (new / "adopt.txt").read_text().splitlines()[2:] == LISTED
    assert 'path = "request.json.order"\ntype = "uuid"' in (project.root / "pyproject.toml").read_text()
    assert "rules" not in again.output
    assert moved.tail == GREEN, moved.output

    converted = taketwo(project, "convert", "tests/cassettes", "--to", "taketwo", "-o", "cassettes")
    options = taketwo(project, "convert", "tests/kept", "--to", "taketwo", "--force")
    assert (converted.code, options.code) == (0, 0), converted.output + options.output
    shutil.rmtree(old)
    of_ours = project.pytest(*REPLAY, environment=environment)
    assert of_ours.tail == GREEN, of_ours.output

    back = taketwo(project, "convert", "cassettes", "--to", "vcrpy", "-o", "tests/cassettes")
    assert (back.code, back.output.count("→")) == (0, 24), back.output + back.errors
    assert taketwo(project, "convert", "tests/kept", "--to", "vcrpy", "--force").code == 0
    shutil.rmtree(new)
    moved_back = project.pytest(*WITHOUT, *REPLAY, environment=environment)
    # VCR.py compares every header, and our form keeps none that tells the version of a client.
    assert moved_back.tail == f"1 failed, {COUNT - 1} passed", moved_back.output
    assert "FAILED tests/test_options.py::test_matched_headers" in moved_back.output
    assert kept.is_dir()
