"""
``taketwo prune``.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from taketwo.cassette.store.names import find_cassettes
from taketwo.cassette.store.outside import forget
from taketwo.cassette.store.read import read_cassette
from taketwo.cassette.store.staging import FolderByFolder, discard
from taketwo.config.project import Config
from taketwo.console.command import CLEAN, FOUND, Command, add_json
from taketwo.console.project import need_config, redactor_of, shown
from taketwo.console.terminal import Terminal
from taketwo.errors import CassetteError, TakeTwoError
from taketwo.features.prune.render import Pruned, prune_json, prune_lines
from taketwo.features.prune.unused import Unused, unused_cassettes
from taketwo.refresh.pending import pending_of
from taketwo.refresh.runner import PytestRunner


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="delete them and their pending recordings")
    add_json(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    config = need_config()
    owners, damaged = _owners(config)
    found = unused_cassettes(config, owners, _tests(config, owners)) if owners else Unused()
    if options.yes:
        with FolderByFolder(removes_empty=True) as clean:
            for path in found.sure:
                pending_of(path).unlink(missing_ok=True)
                discard(path, clean=clean)
                forget(config.cassettes, path)
    pruned = Pruned(
        unused=tuple(map(shown, found.sure)),
        unsure=tuple(map(shown, found.unsure)),
        nameless=tuple(map(shown, found.nameless)),
        damaged=damaged,
        deleted=options.yes,
    )
    if options.json:
        terminal.json(prune_json(pruned))
    else:
        terminal.show(prune_lines(pruned))
    return FOUND if damaged or (found.sure and not options.yes) else CLEAN


def _owners(config: Config) -> tuple[dict[Path, tuple[str, ...]], tuple[str, ...]]:
    """
    The tests that recorded each cassette, and why some name none.
    """
    owners, damaged = {}, []
    for path in find_cassettes(config.cassettes):
        try:
            cassette = read_cassette(Path(shown(path)))
        except CassetteError as error:
            damaged.append(redactor_of(config).text(str(error)))
        else:
            owners[path] = cassette.tests if cassette is not None else ()
    return owners, tuple(damaged)


def _tests(config: Config, owners: dict[Path, tuple[str, ...]]) -> set[str]:
    """
    All tests that have a cassette, also those that pytest leaves out when it is given no path.
    """
    files = {config.root / test.partition("::")[0] for tests in owners.values() for test in tests}
    outside = {file for file in files if file.is_file() and not file.is_relative_to(config.tests)}
    everywhere = [path for path in (config.tests, *sorted(outside)) if path.exists()]
    redactor = redactor_of(config)
    # What a user adds to every run may be a selection, and on a selection nothing is judged.
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    runner = PytestRunner(root=config.root, redact=redactor.text, environment=environment)
    tests = runner.owners([str(path) for path in everywhere])
    if not tests:
        raise TakeTwoError(
            f"pytest finds no test that has a cassette in {', '.join(map(shown, everywhere))}, "
            "so no cassette is judged; is [tool.taketwo] tests the folder of the tests?"
        )
    return tests


COMMAND = Command(
    description="""\
List the cassettes that no test uses any more, and delete them with --yes. All tests of the project are asked
for, never a selection of them. A cassette is used when the test that recorded it is still there, or when a
test would look for it where it lies. One that lies elsewhere than its test would look, because of
default_cassette or vcr_cassette_dir, may be another test's too: it is listed, and never deleted.
""",
    examples="""\
  %(prog)s
  %(prog)s --yes
  %(prog)s --json | jq -r '.unused[]'
""",
    exit_codes="""\
  0  every cassette is used, or those that are not are deleted
  1  some are not used, and not deleted; or a cassette is damaged
  3  could not run: pytest cannot collect the tests, or finds none
""",
    arguments=_arguments,
    run=_run,
)
