"""
The benchmarks run, name who is missing, and count answers that are wrong.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from tests.benchmarks import many
from tests.benchmarks.client_styles import FLOOR, OURS, STYLES, Style, suite_files
from tests.benchmarks.client_suites import Suite, table
from tests.benchmarks.peers.protocol import Send
from tests.benchmarks.refreshing import Spent
from tests.benchmarks.samples import Sample
from tests.benchmarks.secret_corpus import FORMS, PACKED, VARIABLES, packed, secrets
from tests.benchmarks.secret_search import is_in, read
from tests.benchmarks.work import Job, replay

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("form", [*FORMS, *PACKED])
def test_a_secret_is_found_in_what_was_written_in_each_encoding(form: str) -> None:
    """
    With what the tables of secrets are counted: one that it misses would count as hidden.
    """
    for value in (secrets()[name] for name in VARIABLES):
        written = packed(form, value).body if form in PACKED else f"a: {FORMS[form](value)}\n".encode()

        assert is_in(read(written), value)
        assert not is_in(read(written), value[::-1])


def test_the_command_prints_tables_and_writes_json_and_a_page(tmp_path: Path) -> None:
    data, page = tmp_path / "out.json", tmp_path / "out.html"
    sections = ["load", "replay", "start-up"]
    files = ["--json", str(data), "--html", str(page)]
    only = [part for section in sections for part in ("--only", section)]

    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--rounds", "1", *only, *files, "--sizes", "3", "6"],
        cwd=ROOT,
        env={**os.environ, "CI": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert re.search(r"^dvd-rw +not installable: no release on PyPI$", done.stdout, re.MULTILINE)
    found = json.loads(data.read_text())
    assert [section["name"] for section in found["sections"]] == sections
    for section in found["sections"]:
        assert list(section["sizes"]) == ["3", "6"]
        for by_peer in section["sizes"].values():
            assert {"taketwo", "vcrpy", "respx"} & set(by_peer)
            assert (by_peer["taketwo"]["wrong"], by_peer["taketwo"]["failure"]) == (0, "")
            assert all(median > 0 for median in by_peer["taketwo"]["medians"].values())
    assert found["sections"][1]["sizes"]["6"]["taketwo"]["checked"] == 6
    text = page.read_text()
    assert text.count("<svg") == 8
    assert not re.search(r"(?:src|href)=", text)


@pytest.mark.parametrize(
    ("said", "wrong", "rewritten"),
    [
        (b'{"price": 0.1}', 0, 2),
        (b'{"price":0.1}', 0, 0),
        (b'{"price":0.10000000000000002}', 2, 0),
        (b"", 2, 0),
    ],
)
def test_an_answer_that_is_not_the_recorded_one_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes, wrong: int, rewritten: int
) -> None:
    samples = [Sample(url=f"http://a.test/{number}", answer=b'{"price":0.1}') for number in range(2)]
    monkeypatch.setattr("tests.benchmarks.work.mixed", lambda _count: samples)
    peer = ModuleType("peer")

    @contextmanager
    def use(_path: Path, _samples: Sequence[Sample]) -> Iterator[Send]:
        yield lambda _sample: said

    peer.__dict__["use"] = use

    measured = replay(Job(module=peer, folder=tmp_path, suffix=".yaml", size=2))

    assert (measured.checked, measured.wrong, measured.rewritten) == (2, wrong, rewritten)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_a_suite_of_each_client_has_a_cassette_for_each_of_its_tests(style: Style) -> None:
    files = suite_files(style, OURS, 2, own_client=True)

    compile(files["suite/test_suite.py"], "test_suite.py", "exec")
    cassettes = [text for name, text in files.items() if name.startswith("cassettes/")]
    assert len(cassettes) == 2
    assert style.url.format(number=2) in cassettes[0]


def test_ratios_are_those_to_the_least_time_of_the_floor() -> None:
    style = STYLES[0]
    took = {
        Suite(style, FLOOR, own_client=False): [2.0, 1.0],
        Suite(style, OURS, own_client=False): [1.3, 9.0],
    }

    printed = table([style], took, {})

    assert re.search(r"^httpx +floor +1\.00", printed, re.MULTILINE)
    assert re.search(r"^httpx +taketwo +1\.30 +1\.30x +-", printed, re.MULTILINE)


def test_growth_is_listed_and_drawn() -> None:
    found = {
        "list": {size: Spent(code=0, seconds=9, processor=size / 100, megabytes=40) for size in (100, 1000)},
        "replay, taketwo": {100: Spent(code=0, seconds=9, processor=2.5, megabytes=57)},
    }

    listed, drawn = many.table(found), many.page(found)

    assert listed.splitlines()[1:] == [
        "list             1.0 s 40 MB  10.0 s 40 MB",
        "replay, taketwo  2.5 s 57 MB",
    ]
    assert drawn.count("<svg") == 4
    assert "list 10 s</text>" in drawn
    assert "replay, taketwo 57 MB</text>" in drawn
