"""
The project's ``.env`` is read before anything else, and never overrides the environment.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toolkit.conftest import PYPROJECT, Project

SHOWS = """
def test_hue():
    assert os.environ.get("HUE") == os.environ.get("WANTED")
"""


def with_setting(setting: str) -> str:
    return f"[tool.taketwo]\n{setting}\n{PYPROJECT}"


def test_it_is_read(project: Project) -> None:
    project.write(".env", "HUE=blue # as the sky\n")
    project.test(SHOWS)

    assert project.pytest(environment={"WANTED": "blue"}).tail == "1 passed"


def test_it_never_overrides_the_environment(project: Project) -> None:
    project.write(".env", "HUE=blue\n")
    project.test(SHOWS)

    assert project.pytest(environment={"HUE": "", "WANTED": ""}).tail == "1 passed"


def test_another_file_may_be_named(project: Project) -> None:
    project.write("pyproject.toml", with_setting('dotenv = "settings/test.env"'))
    project.write(".env", "HUE=blue\n")
    project.write("settings/test.env", "HUE=red\n")
    project.test(SHOWS)

    assert project.pytest(environment={"WANTED": "red"}).tail == "1 passed"


def test_it_may_be_switched_off(project: Project) -> None:
    project.write("pyproject.toml", with_setting("dotenv = false"))
    project.write(".env", "HUE=blue\n")
    project.test(SHOWS)

    assert project.pytest().tail == "1 passed"


def test_one_above_the_project_is_not_read(project: Project) -> None:
    (project.root.parent / ".env").write_text("HUE=blue\n")
    project.test(SHOWS)

    assert project.pytest().tail == "1 passed"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ('dotenv = "../.env"', "tool.taketwo.dotenv leads outside of the project, to "),
        (
            'dotenv = "gone.env"',
            "tool.taketwo.dotenv names gone.env, and there is no such file; false reads none",
        ),
        (
            "dotenv = 3",
            "tool.taketwo.dotenv: expected the path of a file in the project, or false, got a number",
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(project: Project, setting: str, message: str) -> None:
    project.write("pyproject.toml", with_setting(setting))
    project.test(SHOWS)

    run = project.pytest()

    assert run.code == 4
    assert message in run.output


def test_a_link_that_leads_outside_is_refused(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "credentials"
    outside.write_text("HUE=blue\n")
    (project.root / ".env").symlink_to(outside)
    project.test(SHOWS)

    run = project.pytest()

    assert run.code == 4
    assert f"tool.taketwo.dotenv leads outside of the project, to {outside.resolve()}; " in run.output


def test_one_that_is_not_text_is_reported_without_its_content(project: Project) -> None:
    (project.root / ".env").write_bytes(b"HUE=\xff\xfesecret\n")
    project.test(SHOWS)

    run = project.pytest()

    assert run.code == 4
    assert f"{project.root / '.env'} cannot be read: it is not UTF-8" in run.output
    assert "secret" not in run.output


def test_it_may_name_a_service_that_runs_already(project: Project, another: str) -> None:
    project.write(".env", f"NOTEBOOK_URL={another}\n")
    project.test('@pytest.mark.vcr\ndef test_note():\n    assert get("/notes").json() == []\n')

    assert project.pytest("--record-mode=rewrite").tail == "1 passed"
    assert project.started() == []
    assert project.refresh("--check").code == 0
    assert project.started() == []


def test_its_secrets_reach_no_cassette(project: Project) -> None:
    project.write(".env", "API_TOKEN=a-token-of-the-file\n")
    project.test(
        """
        @pytest.mark.vcr
        def test_note():
            with client() as c:
                c.post("/echo", json={"said": os.environ["API_TOKEN"]})
        """
    )

    assert project.pytest("--record-mode=rewrite").tail == "1 passed"
    (text,) = (text for name, text in project.files().items() if name.endswith("test_note.yaml"))
    assert "a-token-of-the-file" not in text
    assert "<secret:API_TOKEN>" in text


def test_pytest_in_process_leaves_the_environment_as_it_was(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(".env", "HUE=blue\n")
    project.write("tests/test_one.py", "import os\ndef test_one():\n    assert os.environ['HUE'] == 'blue'\n")
    script: Path = project.write(
        "twice.py",
        """
        import os, pytest
        for _ in range(2):
            assert pytest.main(["-q", "-p", "no:cacheprovider", "tests/test_one.py"]) == 0
            assert "HUE" not in os.environ
        """,
    )
    monkeypatch.delenv("HUE", raising=False)

    assert project.run(str(script)).code == 0
