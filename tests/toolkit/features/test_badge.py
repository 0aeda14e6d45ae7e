"""
Contract coverage as a badge.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from taketwo.cli.main import main
from taketwo.features.coverage.badge import coverage_badge
from taketwo.features.coverage.render import Share


def share(total: int, left: int) -> Share:
    names = tuple(f"GET /{number}" for number in range(left))
    return Share(service="shop", kind="openapi", what="operation", total=total, left=names)


def text_of(svg: str) -> str:
    return str(ET.fromstring(svg).attrib["aria-label"])  # noqa: S314 - our own document


@pytest.mark.parametrize(
    ("shares", "text", "colour"),
    [
        ([share(4, 1), share(6, 0)], "contract coverage: 90 %", "#3f8f29"),
        ([share(3, 1)], "contract coverage: 66 %", "#a8861a"),
        ([share(3, 3)], "contract coverage: 0 %", "#b6432f"),
        ([], "contract coverage: no contract", "#666"),
    ],
)
def test_a_badge_tells_the_share_of_all_coordinates(shares: list[Share], text: str, colour: str) -> None:
    svg = coverage_badge(shares)

    assert text_of(svg) == text
    assert f'fill="{colour}"' in svg


def test_coverage_writes_it_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.taketwo]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    code = main(["coverage", "--badge", "out/coverage.svg"])

    assert code == 0
    written = (tmp_path / "out/coverage.svg").read_text(encoding="utf-8")
    assert text_of(written) == "contract coverage: no contract"
