"""
The workflows in the documentation: each of their shell steps is executed, with what it calls replaced.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from taketwo.cli.main import whole_parser

PAGE = Path(__file__).parents[3] / "tools" / "taketwo" / "docs" / "ci.md"
FAKE = """#!/bin/sh
{ printf '%s' "${0##*/}"; printf '\\t%s' "$@"; echo; } >> "$LOG"
case "$*" in *--paginate*) printf '%s' "$EARLIER" ;; esac
"""
CALLED = ("curl", "gh", "pip", "taketwo")
GITHUB = {"GITHUB_REPOSITORY": "o/shop", "NUMBER": "7", "GH_TOKEN": "t"}
GITLAB = {
    "CI_API_V4_URL": "https://gitlab.test/api/v4",
    "CI_MERGE_REQUEST_IID": "7",
    "CI_PROJECT_ID": "3",
}


def workflows(word: str) -> list[Any]:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [found for found in map(yaml.safe_load, blocks) if word in str(found)]


def executed(folder: Path, script: str, environment: Mapping[str, str]) -> list[list[str]]:
    """
    What a step calls, word for word.
    """
    for name in CALLED:
        (folder / name).write_text(FAKE, encoding="utf-8")
        (folder / name).chmod(0o755)
    log = folder / "log"
    log.write_text("", encoding="utf-8")
    subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],  # noqa: S607 - as the runners do
        cwd=folder,
        env={"PATH": f"{folder}:{os.environ['PATH']}", "LOG": str(log), **environment},
        check=True,
    )
    return [line.split("\t") for line in log.read_text(encoding="utf-8").splitlines()]


def github_steps() -> Iterator[str]:
    for workflow in workflows("runs-on"):
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                yield step.get("run", "").replace("${{ matrix.part }}", "2")


def test_each_step_calls_commands_that_there_are(tmp_path: Path) -> None:
    (tmp_path / "parts" / "part-1").mkdir(parents=True)
    gitlab = [line for one in workflows("CI_API") for line in one["recordings"]["script"]]

    called = [
        call
        for script in [*github_steps(), *gitlab]
        for call in executed(tmp_path, script, {**GITHUB, "EARLIER": ""})
    ]

    ours = [words[1:] for words in called if words[0] == "taketwo"]
    assert [words[0] for words in ours] == ["refresh", "refresh", "merge", "refresh"]
    assert all(vars(whole_parser().parse_args(words)) for words in ours)
    assert ours[1][:5] == ["refresh", "--all", "--check", "--shard", "2/3"]
    assert ours[2] == ["merge", "parts/part-1", "--github"]


@pytest.mark.parametrize(
    ("earlier", "method", "place"),
    [
        ("", "POST", "repos/o/shop/issues/7/comments"),
        ("41\n52\n", "PATCH", "repos/o/shop/issues/comments/41"),
    ],
)
def test_the_comment_of_an_earlier_run_is_replaced(
    tmp_path: Path, earlier: str, method: str, place: str
) -> None:
    script = next(script for script in github_steps() if "gh api" in script)

    listed, written = executed(tmp_path, script, {**GITHUB, "EARLIER": earlier})

    assert listed[1:4] == ["api", "--paginate", "repos/o/shop/issues/7/comments"]
    assert written[1:] == ["api", "--method", method, place, "--field", "body=@out/comment.md"]


@pytest.mark.parametrize(("token", "calls"), [("t", 1), ("", 0)])
def test_gitlab_gets_the_report_where_there_is_a_token(tmp_path: Path, token: str, calls: int) -> None:
    [workflow] = workflows("CI_API")
    script = "\n".join(workflow["recordings"]["after_script"])

    called = executed(tmp_path, script, {**GITLAB, "REPORT_TOKEN": token})

    assert len(called) == calls
    assert all(call[-1] == "https://gitlab.test/api/v4/projects/3/merge_requests/7/notes" for call in called)
