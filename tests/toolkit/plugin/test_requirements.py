"""
What the plugin needs of other packages, said when pytest starts.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from taketwo.plugin.requirements import OLDEST
from tests.toolkit.conftest import OF_PYTEST, PYPROJECT, Project

ROOT = Path(__file__).parents[3]


def test_the_oldest_releases_are_those_of_the_package() -> None:
    package = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    oldest = dict(line.partition(",")[0].split(">=") for line in package["dependencies"])

    assert {name: oldest[name] for name in OLDEST} == OLDEST


def install(folder: Path, name: str, release: str) -> None:
    """
    Put the metadata of a release into *folder*, as an installation leaves it.
    """
    info = folder / f"{name.replace('-', '_')}-{release}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {release}\n")


def test_releases_that_are_too_old_are_named_with_the_command_that_helps(
    project: Project, tmp_path: Path
) -> None:
    install(tmp_path / "old", "vcrpy", "6.0.2")
    install(tmp_path / "old", "pytest-recording", "0.13.4")
    project.test("def test_nothing():\n    pass\n")

    run = project.pytest(environment={"PYTHONPATH": str(tmp_path / "old")})

    assert run.code == 4
    assert (
        "taketwo cannot record or replay with what is installed:\n"
        "  pytest-recording 0.13.4, needed is 0.14 or later\n"
        "  vcrpy 6.0.2, needed is 8.3 or later\n"
        "pip install 'pytest-recording>=0.14' 'vcrpy>=8.3'"
    ) in run.output


@pytest.mark.parametrize("release", ["8.3", "8.3.0", "8.10.1", "9.0.0rc1"])
def test_later_releases_are_fine(project: Project, tmp_path: Path, release: str) -> None:
    install(tmp_path / "new", "vcrpy", release)
    project.test("def test_nothing():\n    pass\n")

    assert project.pytest(environment={"PYTHONPATH": str(tmp_path / "new")}).tail == "1 passed"


MARKED = """
    import urllib.request

    @pytest.mark.vcr
    def test_asks():
        urllib.request.urlopen("http://127.0.0.1:1/never")
"""
ABSENT = """
import importlib.metadata as metadata

_distribution = metadata.distribution


def distribution(name):
    if name == {name!r}:
        raise metadata.PackageNotFoundError(name)
    return _distribution(name)


metadata.distribution = distribution
"""


def without(folder: Path, name: str) -> dict[str, str]:
    """
    An environment in which the package *name* is not installed, as far as its metadata tells.
    """
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(ABSENT.format(name=name))
    return {"PYTHONPATH": str(folder)}


def test_a_missing_package_is_refused_before_any_request(project: Project, tmp_path: Path) -> None:
    project.test(MARKED)

    run = project.pytest("--record-mode=none", environment=without(tmp_path / "site", "pytest-recording"))

    assert run.code == 4
    assert (
        "taketwo cannot record or replay with what is installed:\n"
        "  pytest-recording is not installed, needed is 0.14 or later\n"
        "pip install 'pytest-recording>=0.14'"
    ) in run.output


def test_a_graphql_contract_needs_what_reads_it(project: Project, tmp_path: Path) -> None:
    project.write("pyproject.toml", PYPROJECT.replace("openapi = ", 'graphql = "/graphql", openapi = '))
    project.test(MARKED)

    run = project.pytest(environment=without(tmp_path / "site", "graphql-core"))

    assert run.code == 4
    assert (
        "  graphql-core is not installed, needed is 3.2.6 or later for the GraphQL contract of notebook\n"
        "pip install 'taketwo[graphql]'"
    ) in run.output


def test_without_a_graphql_contract_nothing_asks_for_graphql_core(project: Project, tmp_path: Path) -> None:
    project.test("def test_nothing():\n    pass\n")

    run = project.pytest(environment=without(tmp_path / "site", "graphql-core"))

    assert run.tail == "1 passed"


@pytest.mark.parametrize(
    ("options", "environment", "how"),
    [
        (("-p", "no:recording"), {}, "switched off with -p no:recording"),
        (("-p", "taketwo.plugin"), {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, "not loaded"),
    ],
)
def test_a_run_without_pytest_recording_is_refused(
    project: Project, options: tuple[str, ...], environment: dict[str, str], how: str
) -> None:
    """
    The tests that are marked would send their requests, and nobody would notice.
    """
    project.write("pyproject.toml", f"[tool.taketwo]\n{OF_PYTEST}")
    project.test(MARKED)

    run = project.pytest(*options, environment=environment)

    assert run.code == 4
    assert (
        f"taketwo needs the plugin of pytest-recording, which is installed and was {how}\n"
        "load it with -p pytest_recording.plugin, or switch taketwo off with -p no:taketwo"
    ) in run.output


@pytest.mark.parametrize(
    ("module", "name", "package"),
    [("pytest_vcr", "vcr", "pytest-vcr"), ("cassetter.pytest_plugin", "cassetter", "cassetter")],
)
def test_a_plugin_that_records_too_is_named(
    project: Project, tmp_path: Path, module: str, name: str, package: str
) -> None:
    """
    Its stand-in here has the module and the entry point of the real one, and does nothing.
    """
    file = tmp_path / "other" / f"{module.replace('.', '/')}.py"
    file.parent.mkdir(parents=True)
    file.touch()
    install(tmp_path / "other", package, "1.0")
    entry = f"[pytest11]\n{name} = {module}\n"
    (tmp_path / "other" / f"{package.replace('-', '_')}-1.0.dist-info" / "entry_points.txt").write_text(entry)
    project.test(MARKED)

    beside = project.pytest(environment={"PYTHONPATH": str(tmp_path / "other")})
    without_it = project.pytest(
        "-p", f"no:{name}", "--collect-only", environment={"PYTHONPATH": str(tmp_path / "other")}
    )

    assert beside.code == 4
    assert f"taketwo and {package} cannot record in one run: " in beside.output
    assert (
        f"pip uninstall {package}, or switch it off with -p no:{name}; "
        "to keep it and switch taketwo off: -p no:taketwo"
    ) in beside.output
    assert without_it.code == 0
