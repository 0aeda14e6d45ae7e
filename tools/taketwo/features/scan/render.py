"""
The secrets that a scan found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from taketwo.cassette.model import JsonValue
from taketwo.cassette.secrets.scan import Finding
from taketwo.report.text import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedFile:
    """
    What is in one file; ``damage`` is why it was looked through as plain text only, if it was.
    """

    file: str
    findings: tuple[Finding, ...] = ()
    damage: str = ""


def scan_lines(files: Sequence[ScannedFile], *, explain: bool = False) -> list[Line]:
    """
    A line for each finding, as compilers write them, then what is damaged, then the sum and what to do.

    With *explain* each finding says why it is reported, and what to do if it is none.
    """
    return [
        *(
            line
            for file in files
            for finding in file.findings
            for line in _finding_lines(file.file, finding, explain=explain)
        ),
        *(Line(f"damaged: {file.damage}", "yellow") for file in files if file.damage),
        *_sum(files),
    ]


def scan_json(files: Sequence[ScannedFile], *, explain: bool = False) -> JsonValue:
    return {
        "files": len(files),
        "findings": [
            {
                "file": file.file,
                "line": finding.line,
                "secret": finding.secret,
                "place": finding.place or None,
                **({"reason": finding.reason} if explain else {}),
            }
            for file in files
            for finding in file.findings
        ],
        "damaged": [{"file": file.file, "reason": file.damage} for file in files if file.damage],
    }


def _finding_lines(file: str, finding: Finding, *, explain: bool) -> Iterator[Line]:
    yield Line(_finding(file, finding), "red")
    if explain:
        kept = json.dumps(finding.secret, ensure_ascii=False)
        yield Line(f"  because {finding.reason}; if it is no secret: [tool.taketwo] keep = [{kept}]", "dim")


def _finding(file: str, finding: Finding) -> str:
    where = f" in {finding.place}" if finding.place else ""
    return f"{file}:{finding.line}: {finding.secret}{where}"


def _sum(files: Sequence[ScannedFile]) -> list[Line]:
    secrets = sum(len(file.findings) for file in files)
    if not secrets:
        return [Line(f"no secrets in {_count(len(files), 'file')}", "green")]
    holders = sum(bool(file.findings) for file in files)
    return [
        Line(f"{_count(secrets, 'secret')} in {holders} of {_count(len(files), 'file')}", "bold"),
        Line(
            "record those again (pytest --record-mode=rewrite); a secret that was committed is to be changed"
        ),
    ]


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
