"""
``taketwo completion``: scripts that shells can read, with every command and option.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from taketwo.cli.completion import completion
from taketwo.cli.main import SUMMARIES, main

ASK = """
source "$1"
COMP_WORDS=({words})
COMP_CWORD={last}
_shtab_taketwo
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def completed(tmp_path: Path, *words: str) -> set[str]:
    """
    What bash offers for the last of *words*.
    """
    script = tmp_path / "taketwo.bash"
    script.write_text(completion("bash"))
    asked = ASK.format(words=" ".join(f"'{word}'" for word in ("taketwo", *words)), last=len(words))
    bash = shutil.which("bash")
    assert bash is not None
    done = subprocess.run(
        [bash, "-c", asked, "bash", str(script)], check=True, capture_output=True, text=True, timeout=60
    )
    return set(done.stdout.split())


def test_every_command_is_offered(tmp_path: Path) -> None:
    assert completed(tmp_path, "") >= set(SUMMARIES)


def test_options_of_a_command_are_offered(tmp_path: Path) -> None:
    assert completed(tmp_path, "convert", "--f") == {"--force"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_each_shell_gets_a_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["completion", shell])

    output = capsys.readouterr().out
    assert code == 0
    assert all(name in output for name in SUMMARIES)


def test_an_unknown_shell_is_an_error_with_those_that_are_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["completion", "fish"])

    assert code == 3
    assert "choose from" in capsys.readouterr().err
