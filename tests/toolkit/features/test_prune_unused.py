"""
Which cassettes are unused, as far as their names and their owners tell.
"""

from __future__ import annotations

from pathlib import Path

from taketwo.config.project import Config
from taketwo.features.prune.unused import unused_cassettes

ROOT = Path("/project")
CONFIG = Config(root=ROOT, cassettes=ROOT / "cassettes", tests=ROOT / "tests", services={})


def test_what_was_converted_keeps_its_name_and_is_used() -> None:
    """
    It names no test: where a test of pytest-recording would look for it, it is used.
    """
    home = CONFIG.cassettes / "test_a"
    used = [home / "test_x[a-b].yaml", home / "TestIt.test_y.json", home / "test_plain.yaml"]
    idle = home / "test_gone.yaml"

    found = unused_cassettes(
        CONFIG,
        dict.fromkeys([*used, idle], ()),
        ["tests/test_a.py::test_x[a/b]", "tests/test_a.py::TestIt::test_y", "tests/test_a.py::test_plain"],
    )

    assert (found.sure, found.unsure, found.nameless) == ((), (), (idle,))


def test_what_a_script_recorded_is_never_unused() -> None:
    path = CONFIG.cassettes / "login.yaml"

    found = unused_cassettes(CONFIG, {path: ("use_cassette(login.yaml)",)}, ["tests/test_a.py::test_x"])

    assert (found.sure, found.unsure) == ((), ())
