"""
``taketwo init``: what it writes, and what it leaves alone.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from taketwo.cli.main import main
from taketwo.config.project import load_config

PYPROJECT = """\
[project]
name = "shop"
dependencies = ["requests"]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    (folder / "tests").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / ".env").write_text("SHOP_API_KEY=k3y-of-the-shop\nSHOP_URL=http://localhost:8080\n")
    (folder / "compose.yaml").write_text('services: {shop: {image: shop, ports: ["8080:80"]}}\n')
    monkeypatch.chdir(folder)
    return folder


def test_a_table_is_written_that_can_be_read_with_what_was_there(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["init"])

    output = capsys.readouterr().out
    text = (home / "pyproject.toml").read_text()
    config = load_config(home)
    assert code == 0
    assert text.startswith(PYPROJECT)
    assert config is not None
    assert (config.tests, config.secrets, config.services) == (home / "tests", ("SHOP_API_KEY",), {})
    assert (
        '# [tool.taketwo.services.shop]\n# command = ["docker", "compose", "up", "shop"]\n# port = 8080\n'
        in text
    )
    assert '# environment = { SHOP_URL = "{url}" }' in text
    assert (home / ".gitattributes").read_text() == "cassettes/** linguist-generated\n"
    assert "entry: taketwo scan" in (home / ".pre-commit-config.yaml").read_text()
    assert "import requests" in output
    assert "pytest --record-mode=once" in output
    assert "k3y-of-the-shop" not in output + text


def test_the_suggested_service_can_be_read_when_it_is_uncommented(home: Path) -> None:
    main(["init"])
    file = home / "pyproject.toml"
    head, table, services = file.read_text().partition("\n# [tool.taketwo.services")
    uncommented = (table + services).replace("\n# ", "\n")

    file.write_text(head + uncommented)

    config = load_config(home)
    assert config is not None
    assert list(config.services) == ["shop"]


def test_nothing_that_is_there_is_changed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / ".gitattributes").write_text("*.png binary\n")
    (home / ".pre-commit-config.yaml").write_text("repos: []\n")
    main(["init"])
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    shown = capsys.readouterr().out

    again = main(["init"])

    assert again == 0
    assert ".gitattributes is there, and stays as it is; add to it:\ncassettes/** linguist-generated" in shown
    assert "pyproject.toml has a [tool.taketwo] already" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_a_dry_run_shows_it_and_writes_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name for path in home.iterdir()}

    main(["init", "--dry-run"])

    output = capsys.readouterr().out
    assert "would write pyproject.toml\n  # Recorded HTTP." in output
    assert {path.name for path in home.iterdir()} == before
    assert (home / "pyproject.toml").read_text() == PYPROJECT


def test_in_an_empty_folder_there_is_a_pyproject_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["init"]) == 0
    assert load_config(tmp_path) is not None


def test_a_file_that_is_no_toml_stays_and_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "pyproject.toml").write_text("[project\n")

    assert main(["init"]) == 3
    assert "pyproject.toml could not be read with it" in capsys.readouterr().err
    assert not (home / ".gitattributes").exists()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('"pytest-vcr"', "pytest-vcr cannot run beside taketwo: pip uninstall pytest-vcr"),
        ('"grpcio"', "grpcio cannot be recorded"),
    ],
)
def test_what_cannot_work_is_named(
    home: Path, capsys: pytest.CaptureFixture[str], line: str, told: str
) -> None:
    (home / "pyproject.toml").write_text(PYPROJECT.replace('"requests"', f'"requests", {line}'))

    main(["init"])

    assert told in capsys.readouterr().out


def test_a_suite_of_vcrpy_is_led_to_adopt(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "tests" / "cassettes"
    folder.mkdir()
    (folder / "a.yaml").write_text("interactions: []\nversion: 1\n")

    main(["init"])

    assert (
        "1 cassettes of VCR.py are played as they are; what differs: taketwo adopt" in capsys.readouterr().out
    )
