"""
``taketwo scan``.
"""

from __future__ import annotations

import json

import pytest

from tests.toolkit.cli.conftest import MADE, PAGE, taketwo
from tests.toolkit.conftest import Project

TOKEN = {"MY_TOKEN": "t0k3n-of-mine"}
VCRPY = """\
interactions:
- request:
    body: null
    headers:
      Authorization: [Bearer abc.def]
    method: GET
    uri: https://api.test/?x=t0k3n-of-mine
  response:
    body: {string: hello}
    headers: {}
    status: {code: 200, message: OK}
version: 1
"""
FOUND = """\
old/one.yaml:5: Authorization in interaction 1, request headers.Authorization[0]
old/one.yaml:7: MY_TOKEN in interaction 1, request uri
2 secrets in 1 of 1 file
record those again (pytest --record-mode=rewrite); a secret that was committed is to be changed
"""


def test_cassettes_without_secrets_are_clean(kept: Project) -> None:
    run = taketwo(kept, "scan", environment=TOKEN)

    assert (run.code, run.output, run.errors) == (0, "no secrets in 3 files\n", "")


def test_the_secrets_of_the_services_are_found_by_value(kept: Project) -> None:
    text = (kept.root / MADE).read_text()
    kept.write(MADE, text.replace("text: one", "text: so k3y-of-the-notebook it is", 1))

    run = taketwo(kept, "scan", "cassettes/test_notes/test_made.yaml")

    line = text.splitlines().index("      text: one") + 1
    assert run.code == 1
    assert run.output.splitlines()[0] == f"{MADE}:{line}: NOTEBOOK_KEY in interaction 1, request json.text"
    assert "k3y-of-the-notebook" not in run.output


def test_what_the_environment_says_instead_is_a_secret_too(kept: Project) -> None:
    kept.write("notes.txt", "one\nmy-own-k3y\n")

    run = taketwo(kept, "scan", "notes.txt", environment={"NOTEBOOK_KEY": "my-own-k3y"})

    assert (run.code, run.output.splitlines()[0]) == (1, "notes.txt:2: NOTEBOOK_KEY")


def test_a_folder_of_vcrpys_needs_no_configuration(project: Project) -> None:
    (project.root / "pyproject.toml").unlink()
    project.write("old/one.yaml", VCRPY)
    project.write("old/.git/two.yaml", VCRPY)

    run = taketwo(project, "scan", "old", environment=TOKEN)

    assert (run.code, run.output, run.errors) == (1, FOUND, "")


def test_a_script_gets_findings_and_damages(kept: Project) -> None:
    kept.write("old/one.yaml", VCRPY)
    kept.write(PAGE, "taketwo: 1\ntaketwo: 1\n")

    run = taketwo(kept, "scan", "old/one.yaml", PAGE, "--json", environment=TOKEN)

    assert run.code == 1
    assert json.loads(run.output) == {
        "files": 2,
        "findings": [
            {
                "file": "old/one.yaml",
                "line": 5,
                "secret": "Authorization",
                "place": "interaction 1, request headers.Authorization[0]",
            },
            {
                "file": "old/one.yaml",
                "line": 7,
                "secret": "MY_TOKEN",
                "place": "interaction 1, request uri",
            },
        ],
        "damaged": [{"file": PAGE, "reason": f"{PAGE}, line 2: the key 'taketwo' appears twice"}],
    }


def test_a_damaged_cassette_is_not_skipped_silently(kept: Project) -> None:
    kept.write(PAGE, "taketwo: 1\ntaketwo: 1\n")

    run = taketwo(kept, "scan", PAGE)

    assert (run.code, run.output) == (
        1,
        f"damaged: {PAGE}, line 2: the key 'taketwo' appears twice\nno secrets in 1 file\n",
    )


def test_a_path_at_which_nothing_is_is_told(kept: Project) -> None:
    run = taketwo(kept, "scan", "nope.yaml")

    assert (run.code, run.errors) == (
        3,
        "error: there is no nope.yaml; name files or folders, or nothing for the cassettes\n",
    )


FORMS = {
    "github-token": "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "gitlab-token": "glpat-q7Rk9ZtX4mWc2LpV8sNd",
    "aws-access-key": "AKIAQ3EGRIQ3XWZ7TABC",
    "google-api-key": "AIzaSyD-q7Rk9ZtX4mWc2LpV8sNdq7Rk9ZtX4mW",
    "slack-token": "xoxb-123456789012-abcdefGHIJKL34",
    "stripe-key": "sk_" + "live_q7Rk9ZtX4mWc2LpV8sNd",
    "anthropic-key": "sk-ant-api03-q7Rk9ZtX4mWc2LpV8sNd",
    "openai-key": "sk-proj-q7Rk9ZtX4mWc2LpV8sNd",
    "npm-token": "npm_q7Rk9ZtX4mWc2LpV8sNdq7Rk9ZtX4mWc2LpV",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.q7Rk9ZtX4mWc2LpV8sNd",
    "private-key": f"-----BEGIN PRIVATE KEY-----\n{'q7Rk9ZtX4mWc2LpV8sNd' * 3}\n-----END PRIVATE KEY-----",
}


@pytest.mark.parametrize("rule", FORMS)
def test_a_token_is_known_by_its_form(project: Project, rule: str) -> None:
    project.write("notes.txt", f"one\nuse {FORMS[rule]} for it\n")

    run = taketwo(project, "scan", "notes.txt")

    assert (run.code, run.output.splitlines()[0]) == (1, f"notes.txt:2: {rule}")


@pytest.mark.parametrize(
    "text",
    [
        "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "task-force-of-the-notebook",
        "AKIA-NOTES",
        "eyJ",
    ],
)
def test_an_example_of_a_token_is_none(project: Project, text: str) -> None:
    project.write("notes.txt", f"{text}\n")

    assert taketwo(project, "scan", "notes.txt").code == 0


def test_a_finding_is_explained(project: Project) -> None:
    (project.root / "pyproject.toml").unlink()
    project.write("old/one.yaml", VCRPY)

    run = taketwo(project, "scan", "old", "--explain", environment=TOKEN)
    told = taketwo(project, "scan", "old", "--explain", "--json", environment=TOKEN)

    assert run.output.splitlines()[:4] == [
        "old/one.yaml:5: Authorization in interaction 1, request headers.Authorization[0]",
        '  because its name is one of secrets; if it is no secret: [tool.taketwo] keep = ["Authorization"]',
        "old/one.yaml:7: MY_TOKEN in interaction 1, request uri",
        '  because it is the value of MY_TOKEN; if it is no secret: [tool.taketwo] keep = ["MY_TOKEN"]',
    ]
    assert [finding["reason"] for finding in json.loads(told.output)["findings"]] == [
        "its name is one of secrets",
        "it is the value of MY_TOKEN",
    ]


def test_what_a_pattern_of_the_project_matches_is_found(project: Project) -> None:
    pyproject = project.root / "pyproject.toml"
    text = pyproject.read_text(encoding="utf-8")
    pyproject.write_text(f"[tool.taketwo]\nredact = ['/VIN-[A-Z0-9]{{8}}/']\n{text}", encoding="utf-8")
    project.write("notes.txt", "one\nthe car VIN-ABCD1234 is red\n")

    run = taketwo(project, "scan", "notes.txt", "--explain")

    assert run.output.splitlines()[:2] == [
        "notes.txt:2: redact",
        '  because it matches a pattern of redact; if it is no secret: [tool.taketwo] keep = ["redact"]',
    ]
