"""
``taketwo init``.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from taketwo.cassette.store.read import is_vcrpy_file
from taketwo.config.edit import with_table
from taketwo.console.command import CLEAN, Command
from taketwo.console.project import shown
from taketwo.console.terminal import Terminal
from taketwo.errors import ConfigError
from taketwo.features.init import findings as of
from taketwo.features.init.findings import Found
from taketwo.features.init.write import GIT_ATTRIBUTES, PRE_COMMIT, example, table
from taketwo.report.text import Line

_MOST_SOURCES = 500
_SKIPPED = frozenset(
    {".git", ".tox", ".venv", "venv", "node_modules", "__pycache__", "build", "dist", "site-packages"}
)
_COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_DOTENV = (".env", ".env.example", ".env.sample", ".env.template")
_CASSETTES = "cassettes"


@dataclass(frozen=True, slots=True)
class _File:
    """
    What becomes of one file: its new ``text``, of which ``added`` is new; without one, ``why`` it stays.
    """

    path: Path
    text: str = ""
    added: str = ""
    why: str = ""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be written, and write nothing"
    )


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    root = _root()
    found = look(root)
    files = list(_files(root, found))
    if not options.dry_run:
        for file in files:
            if file.text:
                file.path.write_text(file.text, encoding="utf-8")
    terminal.show(list(_lines(found, files, dry_run=options.dry_run)))
    return CLEAN


def look(root: Path) -> Found:
    """
    What the project at *root* has.
    """
    texts = {name: _text(root / name) for name in ("pyproject.toml", "pytest.ini", "tox.ini", "setup.cfg")}
    settings = of.pytest_settings(texts)
    folders = [path.name for path in root.iterdir() if path.is_dir()]
    tests = of.folder_of_tests(settings, folders, has_tests_on_top=any(root.glob("test_*.py")))
    requirements = [
        line for path in sorted(root.glob("*requirements*.txt")) for line in _text(path).splitlines()
    ]
    packages = of.packages_in(of.tables_in(texts["pyproject.toml"]), requirements)
    modules = of.modules_in(map(_text, _sources(root)))
    compose = next((name for name in _COMPOSE if (root / name).is_file()), "")
    dotenv = next((name for name in _DOTENV if (root / name).is_file()), "")
    secrets, addresses = of.variables_in(_text(root / dotenv)) if dotenv else ((), ())
    old = [path for path in (root / tests).rglob("*") if of.is_of_vcrpy(path.relative_to(root))]
    return Found(
        tests=tests,
        clients=of.known_of(of.CLIENTS, packages, modules),
        refused=of.known_of(of.REFUSED, packages, modules),
        services=of.compose_services(_text(root / compose)) if compose else (),
        compose_file=compose,
        dotenv=dotenv,
        secrets=secrets,
        addresses=addresses,
        old_cassettes=sum(map(is_vcrpy_file, old)),
        record_mode=of.record_mode_of(settings),
    )


def _root() -> Path:
    """
    The project that one is in: the nearest folder with a ``pyproject.toml``, or this one.
    """
    here = Path.cwd()
    return next((home for home in (here, *here.parents) if (home / "pyproject.toml").is_file()), here)


def _sources(root: Path) -> Iterator[Path]:
    count = 0
    for home, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in _SKIPPED and not name.startswith(".")]
        for name in names:
            if name.endswith(".py") and count < _MOST_SOURCES:
                count += 1
                yield Path(home) / name


def _files(root: Path, found: Found) -> Iterator[_File]:
    project = root / "pyproject.toml"
    text = _text(project)
    if "taketwo" in of.tables_in(text).get("tool", {}):
        yield _File(project, why="has a [tool.taketwo] already")
    else:
        added = table(found)
        yield _File(project, with_table(text, added, root=root), added)
    yield _new_file(root / ".gitattributes", GIT_ATTRIBUTES.format(cassettes=_CASSETTES), f"{_CASSETTES}/")
    yield _new_file(root / ".pre-commit-config.yaml", PRE_COMMIT.format(cassettes=_CASSETTES), "taketwo")


def _new_file(path: Path, text: str, named: str) -> _File:
    """
    A file that is written where there is none; what is there says already what is *named*, or is left alone.
    """
    if not os.path.lexists(path):
        return _File(path, text, text)
    if named in _text(path):
        return _File(path, why="has its entry already")
    return _File(path, why=f"is there, and stays as it is; add to it:\n{text.rstrip()}")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        if path.name == "pyproject.toml":
            raise ConfigError(f"{path} cannot be read: {error}") from None
        return ""


def _lines(found: Found, files: list[_File], *, dry_run: bool) -> Iterator[Line]:
    yield from _found_lines(found)
    for file in files:
        name = shown(file.path)
        if file.text:
            yield Line(f"{'would write' if dry_run else 'wrote'} {name}", "green")
        else:
            yield Line(f"{name} {file.why}")
        if file.text and dry_run:
            yield Line("\n".join(f"  {line}" for line in file.added.splitlines()))
    yield from _next(found)


def _found_lines(found: Found) -> Iterator[Line]:
    yield Line(f"clients: {', '.join(found.clients) or 'none that is known among the packages and imports'}")
    yield Line(f"tests: {found.tests}/")
    if found.services:
        yield Line(f"services in {found.compose_file}: {', '.join(one.name for one in found.services)}")
    if found.secrets:
        yield Line(f"secrets in {found.dotenv}: {', '.join(found.secrets)}")
    for name in found.refused:
        what = (
            "cannot run beside taketwo: pip uninstall pytest-vcr"
            if name == "pytest-vcr"
            else "cannot be recorded"
        )
        yield Line(f"{name} {what}", "yellow")
    if found.record_mode:
        mode = found.record_mode
        yield Line(
            f"addopts has --record-mode={mode}, which CI refuses: take it out, and type it when you record",
            "yellow",
        )


def _next(found: Found) -> Iterator[Line]:
    yield Line("")
    yield Line("next:", "bold")
    if found.old_cassettes:
        count = found.old_cassettes
        yield Line(
            f"  {count} cassettes of VCR.py are played as they are; what differs: taketwo adopt --dry-run"
        )
        yield Line("  to have them in taketwo's form: taketwo convert --help")
        return
    yield Line("  mark a test:")
    yield Line("\n".join(f"    {line}" for line in example(found).splitlines()))
    yield Line("  record it:    pytest --record-mode=once")
    yield Line("  replay it:    pytest")
    yield Line("  look at it:   taketwo list; taketwo show")


COMMAND = Command(
    description="""\
Write the first configuration of a project: a commented [tool.taketwo] behind what pyproject.toml has, and,
where there are none, a .gitattributes and a .pre-commit-config.yaml. It looks at the packages and imports, at
pytest's settings, at compose files and at the names in .env, whose values it never shows. What is there is
never changed: of a file that exists, the lines to add are shown.
""",
    examples="""\
  %(prog)s --dry-run
  %(prog)s
""",
    exit_codes="""\
  0  done, or nothing to do
  3  could not run: pyproject.toml cannot be read
""",
    arguments=_arguments,
    run=_run,
)
