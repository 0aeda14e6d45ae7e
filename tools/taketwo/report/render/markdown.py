"""
A refresh as Markdown, short enough for a comment on a pull request.

What a service sent is shown as code, where GitHub and GitLab read neither markup nor names nor numbers of
issues.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from taketwo.compare.side_by_side import visible
from taketwo.report.render.terminal import difference_text, reach, sign
from taketwo.report.result_text import VERDICTS, counts_text, headline
from taketwo.report.text import count
from taketwo.results import CassetteResult, Cause, Difference, RefreshResult, Status, Verdict

#: What GitHub takes as a comment; bytes here, so that it holds however the signs are counted.
LARGEST: Final = 65_536

#: What the body of the comment on a pull request begins with.
MARK: Final = "<!-- taketwo -->"

_TICKS = re.compile("`+")
_MEANT = re.compile(r"[^A-Za-z0-9\s/.:-]")
_MOST_LINES = 30
_MOST_DIFFERENCES = 30
_LONGEST_TEXT = 6_000
_MOST_NAMES = 10
_ROOM_FOR_THE_END = 1_500


@dataclass(frozen=True, slots=True)
class _Section:
    """
    Blocks under one title, of which as many stand as there is room for.
    """

    title: str
    noun: str
    blocks: Sequence[str]
    head: str = ""


def refresh_markdown(report: RefreshResult, *, largest: int = LARGEST) -> str:
    """
    The worst first; what there is no room for is counted at the end.
    """
    end = "\n".join(_end(report))
    text = "\n".join(_head(report))
    room = largest - _size(text) - _size(end) - _ROOM_FOR_THE_END
    left_out: list[str] = []
    for section in _sections(report):
        part, without = _fitting(section, room)
        text += part
        room -= _size(part)
        if without:
            left_out.append(count(without, section.noun))
    if left_out:
        text += f"\nLeft out, since there is no room for more: {', '.join(left_out)}.\n"
    return text + end


def refresh_comment(report: RefreshResult) -> str:
    """
    The same for a comment that each run writes anew: by its first line, which nobody sees, it is found again.
    """
    return f"{MARK}\n{refresh_markdown(report, largest=LARGEST - len(MARK) - 1)}"


def _head(report: RefreshResult) -> Iterator[str]:
    yield f"## taketwo: {headline(report)}"
    yield ""
    if report.error:
        yield fenced(report.error)
        return
    if report.verdict is not Verdict.CLEAN and report.of(Status.FAILED):
        yield f"**{report.verdict.value}**: {VERDICTS[report.verdict]}"
        yield ""
    yield f"{counts_text(report) or 'nothing was recorded again'}"
    yield ""


def _sections(report: RefreshResult) -> Iterator[_Section]:
    yield _Section(
        "Tests that no longer pass", "failing test", [_failed(one) for one in report.of(Status.FAILED)]
    )
    table = "| severity | where | what | reach | cause |\n| --- | --- | --- | --- | --- |\n"
    unexplained = [_row(one) for one in report.unexplained_causes]
    yield _Section("Changes that no contract explains", "change", unexplained, table)
    yield _Section("Changes of contracts", "change", [_row(one) for one in report.contract_causes], table)
    yield _Section("Differences", "differing cassette", [_changed(one) for one in report.of(Status.CHANGED)])
    yield from _lists(report)


def _lists(report: RefreshResult) -> Iterator[_Section]:
    lists: list[tuple[str, Sequence[str]]] = [
        ("Recorded for the first time", [case.cassette for case in report.of(Status.NEW)]),
        ("The same under the changed contract", [case.cassette for case in report.of(Status.RENEWED)]),
        ("Contracts without a lock", report.unlocked),
        ("No test uses", report.orphans),
    ]
    for title, names in lists:
        if names:
            shown = ", ".join(code(name) for name in names[:_MOST_NAMES])
            more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
            yield _Section(title, "list", [f"{shown}{more}\n"])


def _end(report: RefreshResult) -> Iterator[str]:
    if not report.has_pending:
        return
    yield ""
    yield "### To decide"
    yield ""
    yield fenced("\n".join(_commands(report)), "sh")


def _commands(report: RefreshResult) -> Iterator[str]:
    if report.pending:
        yield f"taketwo accept --from {report.pending}    # the folder, from the artifacts of this run"
        return
    if not report.written:
        yield f"{report.command}    # records what differs, to be reviewed"
        return
    yield f"{report.command} --review"
    for verb in ("accept", "reject"):
        yield f"{report.command} --{verb}"
    for cause in [cause for cause in report.causes if cause.explained][:_MOST_NAMES]:
        yield f"{report.command} --accept --cause {cause.id}"


def _failed(case: CassetteResult) -> str:
    lines = visible(case.message.strip()).splitlines()[-_MOST_LINES:]
    return _folded(code_html(case.test), fenced("\n".join(lines)[-_LONGEST_TEXT:], "text"))


def _row(cause: Cause) -> str:
    cells = [
        f"**{cause.severity.value}**" if cause.cassettes or cause.failing else cause.severity.value,
        code(cause.coordinate, table=True),
        code(cause.sentence, table=True),
        reach(cause),
        code(cause.id),
    ]
    return f"| {' | '.join(cells)} |\n"


def _changed(case: CassetteResult) -> str:
    severity = f", {case.severity.value}" if case.severity else ""
    title = f"{code_html(case.cassette)}: {count(len(case.differences), 'difference')}{severity}"
    if case.message:
        return _folded(f"{code_html(case.cassette)} cannot be read", fenced(case.message, "text"))
    text = "\n".join(_diff(case.differences))
    return _folded(title, fenced(text, "diff"))


def _diff(differences: Sequence[Difference]) -> Iterator[str]:
    heading = ""
    for difference in differences[:_MOST_DIFFERENCES]:
        if difference.location.heading != heading:
            heading = difference.location.heading
            yield f"@@ {heading} @@"
        mark = {"~": "!"}.get(sign(difference), sign(difference))
        yield f"{mark} {difference_text(difference)}  ({difference.severity.value})"
    if len(differences) > _MOST_DIFFERENCES:
        yield f"  and {len(differences) - _MOST_DIFFERENCES} more"


def _fitting(section: _Section, room: int) -> tuple[str, int]:
    if not section.blocks:
        return "", 0
    text = f"\n### {section.title}\n\n{section.head}"
    for index, block in enumerate(section.blocks):
        if _size(text) + _size(block) > room:
            return (text if index else ""), len(section.blocks) - index
        text += block
    return text, 0


def _folded(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n</details>\n"


def fenced(text: str, language: str = "") -> str:
    """
    A block of code that nothing in *text* ends.
    """
    shown = visible(text)
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}\n"


def code(text: str, *, table: bool = False) -> str:
    """
    *text* as code within a line; in a *table*, without the sign that would end its cell.
    """
    shown = " ".join(visible(text).split()) or " "
    if table:
        shown = shown.replace("|", "\\|")
    ticks = "`" * (_longest_run(shown) + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{space}{shown}{space}{ticks}"


def code_html(text: str) -> str:
    """
    The same where GitHub reads HTML: every sign that could mean anything is a number.
    """
    shown = " ".join(visible(text).split())
    return f"<code>{_MEANT.sub(lambda found: f'&#{ord(found[0])};', shown)}</code>"


def _longest_run(text: str) -> int:
    return max((len(run) for run in _TICKS.findall(text)), default=0)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
