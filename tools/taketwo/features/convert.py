"""
``taketwo convert``.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from taketwo.cassette.content import Content, pieces_of_content
from taketwo.cassette.model import Cassette
from taketwo.cassette.secrets.redact import Redactor, secrets_of_environment
from taketwo.cassette.store.names import SUFFIX, SUFFIXES, file_name, name_in_pytest_recording, raw_name
from taketwo.cassette.store.read import is_vcrpy, read_cassette, read_text
from taketwo.cassette.store.staging import Clean, FolderByFolder, StagingDir, promote
from taketwo.cassette.text.writer import write_cassette
from taketwo.cassette.vcrpy.convert import from_vcrpy, same_exchanges
from taketwo.cassette.vcrpy.har import har_text
from taketwo.cassette.vcrpy.write import vcrpy_json, vcrpy_text
from taketwo.console.command import CLEAN, FOUND, Command, add_json
from taketwo.console.project import find_config, shown
from taketwo.console.terminal import Terminal
from taketwo.errors import CassetteError, TakeTwoError
from taketwo.refresh.runner import PytestRunner
from taketwo.refresh.select import is_looked_for
from taketwo.report.text import Line

_FORMS = ("taketwo", "vcrpy", "vcrpy-json", "har")
_SUFFIXES = {"vcrpy-json": ".json", "har": ".har"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """
    ``is_named``: the target was typed as it is, and keeps its name.
    """

    source: Path
    target: Path
    is_named: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """
    ``problem`` is why nothing was written; ``left_out`` what the other form cannot hold; ``path`` is where a
    cassette was written that names no test.
    """

    source: str
    target: str
    problem: str = ""
    left_out: str = ""
    path: Path | None = None


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="cassettes, or folders of them")
    parser.add_argument("--to", required=True, choices=_FORMS, help="the form to write")
    parser.add_argument("-o", "--output", metavar="PATH", help="a file, or a folder that mirrors PATH")
    parser.add_argument("--force", action="store_true", help="replace existing files")
    parser.add_argument("--test", default="", metavar="ID", help="the test that owns it, for --to taketwo")
    add_json(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    jobs = list(_jobs(options))
    if options.test and len(jobs) > 1:
        raise TakeTwoError(f"--test names one test, and {len(jobs)} cassettes are to be converted")
    redactor = _redactor()
    with FolderByFolder() as clean:
        outcomes = [_convert(job, options, redactor, clean) for job in jobs]
    unowned, unknown = _unowned(outcomes)
    if options.json:
        terminal.json(
            [
                {
                    "from": one.source,
                    "to": one.target,
                    "problem": one.problem,
                    "left_out": one.left_out,
                    "unowned": one.target in unowned,
                }
                for one in outcomes
            ]
        )
    else:
        terminal.show([*map(_line, outcomes), *_unowned_lines(unowned, unknown)])
    return FOUND if any(one.problem for one in outcomes) else CLEAN


def _jobs(options: argparse.Namespace) -> Iterator[_Job]:
    """
    Each file with the place for what it becomes.
    """
    suffix = _SUFFIXES.get(options.to, SUFFIX)
    for name in options.paths:
        path = Path(name)
        if not path.exists():
            raise TakeTwoError(f"there is no {path}; name cassettes, or folders of them")
        output = Path(options.output) if options.output else None
        if path.is_dir():
            home = output or path
            for file in sorted(each for each in path.rglob("*") if _is_cassette(each, path)):
                yield _Job(source=file, target=(home / file.relative_to(path)).with_suffix(suffix))
        elif output is not None and (output.suffix not in SUFFIXES or len(options.paths) > 1):
            yield _Job(source=path, target=(output / path.name).with_suffix(suffix))
        else:
            yield _Job(source=path, target=output or path.with_suffix(suffix), is_named=output is not None)


def _is_cassette(path: Path, home: Path) -> bool:
    inside = path.relative_to(home).parts
    hidden = any(part.startswith(".") for part in inside)
    return path.is_file() and path.suffix in SUFFIXES and not hidden and inside[0] != "contracts"


def _convert(job: _Job, options: argparse.Namespace, redactor: Redactor, clean: Clean) -> _Outcome:
    source, target = shown(job.source), shown(job.target)
    try:
        cassette = _read(job)
        job = job if job.is_named or not options.to.startswith("vcrpy") else _as_they_name_it(job, cassette)
        target = shown(job.target)
        if job.target.exists() and not options.force:
            problem = f"{target} is there already; name another with --output, or replace it with --force"
            return _Outcome(source=source, target=target, problem=problem)
        left_out = _made(job, cassette, options, redactor, clean)
    except (CassetteError, TakeTwoError) as error:
        return _Outcome(source=source, target=target, problem=redactor.text(str(error)))
    names_none = options.to == "taketwo" and not any((options.test, *cassette.tests))
    return _Outcome(source=source, target=target, left_out=left_out, path=job.target if names_none else None)


def _read(job: _Job) -> Cassette:
    cassette = read_cassette(Path(shown(job.source)))
    if cassette is None:
        raise TakeTwoError(f"there is no {shown(job.source)}")
    return cassette


def _as_they_name_it(job: _Job, cassette: Cassette) -> _Job:
    """
    *job* with the name by which pytest-recording finds it, where ours is another one.
    """
    if len(cassette.tests) != 1 or job.source.stem != file_name(raw_name(cassette.test)):
        return job
    name = name_in_pytest_recording(cassette.test, job.target.suffix)
    return replace(job, target=job.target.with_name(name))


def _made(
    job: _Job, cassette: Cassette, options: argparse.Namespace, redactor: Redactor, clean: Clean
) -> str:
    if options.to == "taketwo":
        is_theirs = is_vcrpy(read_text(job.source) or "")
        written = from_vcrpy(cassette, test=options.test, redactor=redactor) if is_theirs else cassette
        _write(job.target, *write_cassette(written), written, clean)
        return ""
    text = _text(cassette, options.to)
    _write(job.target, text, {}, replace(cassette, conversations=()), clean)
    spoken = len(cassette.conversations)
    return f"{spoken} WebSocket conversations, which VCR.py cannot hold" if spoken else ""


def _write(target: Path, text: str, files: dict[str, Content], meant: Cassette, clean: Clean) -> None:
    """
    Put *text* in place, once what is read out of it is what is *meant*.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = StagingDir(target.parent)
    try:
        staged = staging.stage(text, files)
        check = staged.with_name(f"check{target.suffix}")
        check.write_text(text, encoding="utf-8")
        for name, content in files.items():
            with check.with_name(name).open("wb") as opened:
                opened.writelines(pieces_of_content(content))
        again = read_cassette(check)
        if again is None or not same_exchanges(again, meant):
            raise TakeTwoError("what would be written does not play the same; nothing was written")
        promote(staged, target, clean=clean)
    finally:
        staging.close()


def _text(cassette: Cassette, form: str) -> str:
    try:
        return _WRITERS[form](cassette)
    except CassetteError as error:
        raise TakeTwoError(f"{error}; use --to vcrpy") from None


_WRITERS = {"vcrpy": vcrpy_text, "vcrpy-json": vcrpy_json, "har": har_text}


def _unowned(outcomes: Sequence[_Outcome]) -> tuple[list[str], str]:
    """
    What was converted into the folder of the cassettes, and no test looks for; and why that is not known.
    """
    config = find_config()
    paths = [] if config is None else [one.path.absolute() for one in outcomes if one.path is not None]
    if config is None or not (paths := [path for path in paths if path.is_relative_to(config.cassettes)]):
        return [], ""
    runner = PytestRunner(root=config.root, redact=_redactor().text, environment=os.environ)
    try:
        tests = runner.owners([str(config.tests)] if config.tests.exists() else [])
    except TakeTwoError as error:
        return [], f"whether a test uses them is not known: {error}"
    return [shown(path) for path in paths if not is_looked_for(config, path, tests)], ""


def _redactor() -> Redactor:
    config = find_config()
    if config is None:
        return Redactor(secrets_of_environment(os.environ, ()))
    own = {name: value for one in config.services.values() for name, value in one.secrets.items()}
    return Redactor({**secrets_of_environment(os.environ, config.secrets), **own}, config.redact, config.keep)


def _unowned_lines(unowned: Sequence[str], unknown: str) -> Iterator[Line]:
    if unknown:
        yield Line(unknown, "yellow")
    if unowned:
        yield Line("no test is known that looks for:", "yellow")
        yield from (Line(f"  {name}") for name in unowned)
        yield Line("they are kept; a test may name them by default_cassette or vcr_cassette_dir")


def _line(outcome: _Outcome) -> Line:
    if outcome.problem:
        # A damaged file is named by its error already.
        named = outcome.problem.startswith(outcome.source)
        return Line(outcome.problem if named else f"{outcome.source}: {outcome.problem}", "red")
    more = f"; left out: {outcome.left_out}" if outcome.left_out else ""
    return Line(f"{outcome.source} → {outcome.target}{more}", "yellow" if more else "")


COMMAND = Command(
    description="""\
Write cassettes in another form: taketwo's own, the YAML or JSON of VCR.py, or HAR. A file is written beside
its source, or to --output; a folder is mirrored. Nothing that is there is replaced without --force, and each
file is read again before it is put in place: it must play what its source plays.

Secrets stay out: on the way to taketwo's form what a recording would have redacted becomes a stand-in such as
<secret:NAME>, on the way to VCR.py's each stand-in becomes a dummy. On the way to VCR.py placeholders become
the values of a replay. Ids and times of VCR.py's stay as they are until the next recording, since tests may
name them. What VCR.py cannot hold (WebSocket conversations) is left out and listed. On the way to VCR.py a
cassette has the name by which pytest-recording finds it; on the way to ours those are named that no test
looks for.
""",
    examples="""\
  %(prog)s tests/cassettes --to taketwo -o cassettes
  %(prog)s tests/cassettes --to taketwo --force                   in place
  %(prog)s cassettes/test_notes/test_made.yaml --to vcrpy -o made.yaml
  %(prog)s old.yaml --to taketwo --test tests/test_a.py::test_a -o new.yaml
""",
    exit_codes="""\
  0  everything is converted
  1  a file was not: damaged, there already, or it would not have played the same; its line says why
  3  could not run
""",
    arguments=_arguments,
    run=_run,
)
