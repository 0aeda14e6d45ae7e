"""
``taketwo pull``, ``taketwo push`` and ``taketwo gc``.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from taketwo.cassette.secrets.scan import Scanner
from taketwo.cassette.store.outside import NAME, read_store_lock
from taketwo.config.project import Config
from taketwo.config.store import StoreConfig
from taketwo.console.command import CLEAN, FOUND, Command, add_json
from taketwo.console.project import need_project, secrets_of, shown
from taketwo.console.terminal import Terminal
from taketwo.errors import ConfigError, SecretLeak, StoreError
from taketwo.features.store.garbage import tracked_files, unused_objects, used_contents
from taketwo.features.store.objects import ObjectStore
from taketwo.features.store.transfer import Pulled, Pushed, pull, push
from taketwo.report.text import Line

_DAYS = 14
_MOST_SHOWN = 10
_UNITS = (("GB", 10**9), ("MB", 10**6), ("kB", 10**3))


def _need() -> tuple[Config, StoreConfig]:
    config = need_project()
    if config.store is None:
        raise ConfigError(
            "there is no store in pyproject.toml; name one, such as\n"
            '[tool.taketwo.store]\nurl = "s3://bucket/recordings"'
        )
    return config, config.store


def _pull_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="cassettes or folders (default: everything)")
    parser.add_argument("--force", action="store_true", help="replace what was recorded here and not pushed")
    add_json(parser)


def _pull(options: argparse.Namespace, terminal: Terminal) -> int:
    config, store = _need()
    wanted = [_in_cassettes(config, name) for name in options.paths]
    pulled = pull(config.cassettes, partial(ObjectStore, store), wanted, force=options.force)
    if options.json:
        terminal.json(
            {
                "fetched": list(pulled.fetched),
                "bytes": pulled.size,
                "present": pulled.present,
                "changed": list(pulled.changed),
            }
        )
    else:
        terminal.show(_pulled_lines(pulled))
    return CLEAN


def _pulled_lines(pulled: Pulled) -> Iterator[Line]:
    yield Line(
        f"fetched {_files(len(pulled.fetched))}, {_bytes(pulled.size)}; {pulled.present} were here", "green"
    )
    yield from _list("recorded here and not pushed, so left as they are:", pulled.changed)


def _in_cassettes(config: Config, name: str) -> str:
    path = Path(os.path.abspath(name))  # noqa: PTH100 - a cassette that is a link stays what it is called
    if not path.is_relative_to(config.cassettes):
        raise StoreError(f"{name} is not in the folder of the cassettes, {shown(config.cassettes)}")
    return path.relative_to(config.cassettes).as_posix()


def _push_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="write objects again that the store has")
    parser.add_argument(
        "--prune", action="store_true", help=f"let {NAME} name no more what is not here; nothing is deleted"
    )
    add_json(parser)


def _push(options: argparse.Namespace, terminal: Terminal) -> int:
    config, settings = _need()
    store = ObjectStore(settings)
    store.refuse_read_only("push")
    scanner = Scanner(secrets_of(config), config.redact, config.keep)
    pushed = push(
        config.cassettes,
        store,
        settings.larger_than,
        check=partial(_refuse_secrets, scanner),
        force=options.force,
        prune=options.prune,
    )
    tracked = tracked_files(config.root, config.cassettes, read_store_lock(config.cassettes))
    if options.json:
        terminal.json(
            {
                "named": list(pushed.named),
                "uploaded": pushed.uploaded,
                "bytes": pushed.packed,
                "older": list(pushed.older),
                "missing": list(pushed.missing),
                "dropped": list(pushed.dropped),
                "tracked": tracked,
            }
        )
    else:
        terminal.show(_pushed_lines(pushed, tracked, shown(config.cassettes / NAME)))
    return CLEAN


def _refuse_secrets(scanner: Scanner, files: Sequence[Path]) -> None:
    """
    :raises SecretLeak: naming each place of a secret; what is in a store is harder to take back than a file.
    """
    leaks = [
        f"  {shown(file)}, line {finding.line}: {finding.secret}"
        for file in files
        for finding in scanner.scan(file.read_bytes(), name=file.name).findings
    ]
    if leaks:
        raise SecretLeak(
            "\n".join(["nothing was pushed, since there are secrets in:", *leaks, "see: taketwo scan"])
        )


def _pushed_lines(pushed: Pushed, tracked: Sequence[str], lock: str) -> Iterator[Line]:
    yield Line(
        f"pushed {pushed.uploaded} object{'' if pushed.uploaded == 1 else 's'}, {_bytes(pushed.packed)} "
        f"compressed; {lock} has {_files(len(pushed.named))} more or other than before",
        "green",
    )
    yield from _list("named no more:", pushed.dropped)
    yield from _list(
        "older than the lock file says; to have those of this revision: taketwo pull", pushed.older
    )
    yield from _list(
        "not here, and kept in the lock file; to have them: taketwo pull; to drop them: taketwo push --prune",
        pushed.missing,
    )
    if tracked:
        yield from _list("in the store now, and still in git; to take them out of it:", tracked)
        yield Line("  git rm --cached --quiet -- " + " ".join(tracked[:_MOST_SHOWN]))


def _gc_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="delete them")
    parser.add_argument(
        "--days",
        type=_days,
        default=_DAYS,
        metavar="N",
        help=f"keep what was written in the last N days, and may be named soon (default: {_DAYS})",
    )
    parser.add_argument("--history", action="store_true", help="keep what any commit names")
    add_json(parser)


def _days(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days")
    return int(text)


def _gc(options: argparse.Namespace, terminal: Terminal) -> int:
    config, settings = _need()
    used = used_contents(config.cassettes, config.root, history=options.history)
    store = ObjectStore(settings)
    store.refuse_read_only("gc")
    objects = list(store.objects())
    unused = unused_objects(objects, used, older_than=timedelta(days=options.days))
    if options.yes:
        for one in unused:
            store.delete(one)
    size = sum(one.size for one in unused)
    if options.json:
        terminal.json(
            {
                "objects": len(objects),
                "unused": [one.path for one in unused],
                "bytes": size,
                "deleted": options.yes and bool(unused),
            }
        )
    else:
        verb = "deleted" if options.yes else "no branch or tag names"
        terminal.say(f"{verb} {len(unused)} of {len(objects)} objects, {_bytes(size)}")
        if unused and not options.yes:
            terminal.say("to delete them: taketwo gc --yes")
    return FOUND if unused and not options.yes else CLEAN


def _list(title: str, names: Sequence[str]) -> Iterator[Line]:
    if names:
        yield Line(title, "yellow")
    for name in names[:_MOST_SHOWN]:
        yield Line(f"  {name}")
    if len(names) > _MOST_SHOWN:
        yield Line(f"  and {len(names) - _MOST_SHOWN} more")


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"


def _bytes(size: int) -> str:
    for unit, factor in _UNITS:
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"


PULL = Command(
    description=f"""\
Fetch the cassettes and bodies that {NAME} names and that are not here, from the store of
[tool.taketwo.store]. A test fetches what it needs by itself; commands that look at all cassettes need all
of them. What was recorded here and not pushed stays as it is.
""",
    examples="""\
  %(prog)s
  %(prog)s cassettes/test_films/test_trailer.yaml
""",
    exit_codes="""\
  0  everything that was asked for is here
  3  could not run: an object is missing or damaged, or the store cannot be reached
""",
    arguments=_pull_arguments,
    run=_pull,
)

PUSH = Command(
    description=f"""\
Put cassettes and bodies into the store of [tool.taketwo.store] that are larger than larger_than says, and
name them in {NAME}, which is committed in their place; .gitignore has git leave the files alone. Equal
contents are stored once. A secret of this project in a cassette stops the push.
""",
    examples="""\
  %(prog)s
  git add cassettes/store.lock cassettes/.gitignore
""",
    exit_codes="""\
  0  the store has everything that the lock file names here
  3  could not run: a secret, or the store cannot be written
""",
    arguments=_push_arguments,
    run=_push,
)

GC = Command(
    description=f"""\
List the objects of the store that {NAME} of no branch, tag or work tree names; with --yes, delete them.
What was written lately is kept: somebody may have pushed it and not committed yet. Branches that this clone
does not have are not known: fetch them first.
""",
    examples="""\
  %(prog)s
  %(prog)s --days 30 --yes
""",
    exit_codes="""\
  0  there are none, or they are deleted
  1  there are some, and they are not deleted
  3  could not run: this clone is shallow, or the store cannot be reached
""",
    arguments=_gc_arguments,
    run=_gc,
)
