"""
The benchmark of mistakes: each fits the bot as it is, and is found by the command that it is for.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.seeded import COMMANDS, FAULTS, ROOT, SEEDS, Seed, copy_of_bot, tried, with_mistake


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_a_mistake_is_python_and_changes_one_place(seed: Seed) -> None:
    text = (ROOT / "bot" / seed.file).read_text(encoding="utf-8")

    changed = with_mistake(text, seed)

    compile(changed, seed.file, "exec")
    assert changed != text


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_a_mistake_has_a_command_and_tests_that_are_there(seed: Seed) -> None:
    assert seed.by in COMMANDS
    for test in seed.tests:
        file, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / "tests" / "integration" / file).read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_mistake_is_found_by_its_command_alone(tmp_path: Path) -> None:
    seed = next(seed for seed in SEEDS if seed.name == "no timeout for speech")

    found = tried(copy_of_bot(tmp_path / "bot", seed), seed.tests)

    assert [command for command in found if found[command].code] == [FAULTS]
    assert any("hangs" in line for line in found[FAULTS].findings)
