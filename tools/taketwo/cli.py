"""
The command line: the composition root of a terminal, and the one module that prints.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from taketwo.config import Config, load_config
from taketwo.errors import ConfigError, TakeTwoError

if TYPE_CHECKING:
    from rich.console import Console

    from taketwo.refresh import Observer, Refreshed
    from taketwo.report import Line

CLEAN, COULD_NOT_RUN, INTERRUPTED = 0, 3, 130

_DESCRIPTION = """\
Compare the contracts of the services with their locks, record again what a change touches, and show what
differs. New cassettes are put in place at once; one that differs from the accepted cassette waits beside it,
as <name>.yaml.new, until it is accepted or rejected.
"""

_EPILOG = """\
examples:
  %(prog)s                     what the changed contracts touch
  %(prog)s --all               every cassette
  %(prog)s tests/integration -k html
  %(prog)s --check             for CI: say what differs, write nothing
  %(prog)s --accept            put every pending take in place

exit codes:
  0  clean
  1  drift to review: a contract, or something that was said, differs
  2  breaking drift, or a test that no longer passes
  3  could not run
"""


def run() -> None:
    """
    The console script ``taketwo``.
    """
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str], *, prog: str = "taketwo refresh") -> int:
    """
    Run one command; *arguments* begin with its name. Returns the exit code.
    """
    if not arguments or arguments[0] in {"-h", "--help"}:
        print("usage: taketwo refresh [options]\n\ncommands:\n  refresh   compare, record again, review")
        return CLEAN if arguments else COULD_NOT_RUN
    name, *rest = arguments
    if name != "refresh":
        print(f"taketwo: there is no command {name!r}; the commands are: refresh", file=sys.stderr)
        return COULD_NOT_RUN
    return _guarded(lambda: _refresh(rest, prog=prog))


def _guarded(command: Callable[[], int]) -> int:
    try:
        return command()
    except TakeTwoError as error:
        print(f"error: {error}", file=sys.stderr)
    except ModuleNotFoundError as error:
        print(f"error: {error.name} is not installed; try: pip install -e '.[record]'", file=sys.stderr)
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted; no cassette was replaced", file=sys.stderr)
        return INTERRUPTED
    return COULD_NOT_RUN


def _refresh(arguments: Sequence[str], *, prog: str) -> int:
    options = _parser(prog).parse_args(arguments)
    config = _config()
    options.paths = [_from_root(path, config.root) for path in options.paths]
    if options.accept or options.reject:
        return _review(config, options)
    return _record(config, options, prog)


def _from_root(path: str, root: Path) -> str:
    """
    *path*, as it was typed here, as it is called in the folder of the project.
    """
    file, colons, test = path.partition("::")
    here = Path.cwd() / file
    return f"{os.path.relpath(here, root)}{colons}{test}" if here.exists() else path


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=prog,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="tests, folders of tests, or cassettes")
    parser.add_argument(
        "-k", dest="keyword", default="", metavar="EXPR", help="tests whose name matches, as in pytest"
    )
    parser.add_argument(
        "--all", action="store_true", help="every cassette, whether a contract changed or not"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="write nothing; the exit code tells")
    what.add_argument("--accept", action="store_true", help="accept pending takes: all, or those at PATH")
    what.add_argument("--reject", action="store_true", help="reject pending takes: all, or those at PATH")
    return parser


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]  # argparse exits with 2, which means drift here
        self.print_usage(sys.stderr)
        self.exit(COULD_NOT_RUN, f"{self.prog}: {message}\n")


def _config() -> Config:
    for folder in (Path.cwd(), *Path.cwd().parents):
        config = load_config(folder)
        if config is not None:
            return config
    raise ConfigError(
        f"no pyproject.toml with a [tool.taketwo] in {Path.cwd()} or above it; "
        "run this in the project, or add the section"
    )


def _review(config: Config, options: argparse.Namespace) -> int:
    from taketwo.refresh import accept, reject  # noqa: PLC0415 - what is not used is not imported

    act, word = (accept, "accepted") if options.accept else (reject, "rejected")
    files = act(config, options.paths)
    for file in files:
        print(f"{word} {os.path.relpath(file, Path.cwd())}")
    if not files:
        print("nothing is pending")
    return CLEAN


def _record(config: Config, options: argparse.Namespace, prog: str) -> int:
    from taketwo.cassette import Redactor, secrets_of_environment  # noqa: PLC0415
    from taketwo.refresh import PytestRunner, Refresh, Wanted  # noqa: PLC0415
    from taketwo.services import Service  # noqa: PLC0415

    services = [Service(one, environment=os.environ) for one in config.services.values()]
    own = {name: value for service in services for name, value in service.secrets.items()}
    secrets = {**secrets_of_environment(os.environ, config.secrets), **own}
    redactor = Redactor(secrets, config.redact)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"} if options.check else dict(os.environ)
    runner = PytestRunner(root=config.root, redact=redactor.text, environment=environment)
    wanted = Wanted(everything=options.all, paths=tuple(options.paths), keyword=options.keyword)
    with _observer() as observer:
        refresh = Refresh(config=config, runner=runner, observer=observer, environment=environment)
        found = refresh.run(wanted, check=options.check)
    _print_lines(_told(found, prog))
    return found.exit_code


def _told(found: Refreshed, prog: str) -> list[Line]:
    from taketwo.report import Story, refresh_lines  # noqa: PLC0415

    retakes = defaultdict(list)
    for retake in found.retakes:
        retakes[retake.status.value].append(retake)
    return refresh_lines(
        Story(
            changes={news.service: news.changes for news in found.news},
            unlocked=[news.service for news in found.news if not news.is_locked],
            retakes=dict(retakes),
            orphans=found.orphans,
            command=prog,
            written=found.written,
        )
    )


def _print_lines(lines: Sequence[Line]) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(soft_wrap=True)
    for line in lines:
        console.print(Text(line.text, style=line.style), soft_wrap=True)


@contextmanager
def _observer() -> Iterator[Observer]:
    """
    Tells what goes on to standard error: a bar where there is a terminal, a line for each step elsewhere.
    """
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    from taketwo.refresh import Observer  # noqa: PLC0415

    console = Console(stderr=True, soft_wrap=True)
    if not console.is_terminal:
        yield _plain_observer(console)
        return
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("recording", total=None, visible=False)
        yield Observer(
            say=lambda text: console.print(text, style="dim", markup=False, highlight=False),
            begin=lambda count: progress.update(task, total=count, visible=True),
            done=lambda _: progress.advance(task),
        )


def _plain_observer(console: Console) -> Observer:
    from taketwo.refresh import Observer  # noqa: PLC0415

    def say(text: str) -> None:
        console.print(text, markup=False, highlight=False)

    return Observer(
        say=say,
        begin=lambda count: say(f"recording {count} test{'' if count == 1 else 's'}"),
        done=lambda test: say(f"  recorded {test}"),
    )
