"""
One refresh in several parts, each on a machine of its own, and put together again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from taketwo.cassette.model import Cassette, Interaction, StoredRequest, StoredResponse
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cli.main import main
from taketwo.config.project import Config, load_config
from taketwo.errors import TakeTwoError
from taketwo.refresh.inventory import StoredCassette
from taketwo.refresh.shards import DURATIONS, MANIFEST, part_of, read_durations, write_manifest
from taketwo.results import CassetteResult, Shard, Status
from tests.toolkit.cli.conftest import MADE, made, taketwo
from tests.toolkit.conftest import PYPROJECT, Project
from tests.toolkit.refresh.test_bundle import carried

SUITE = """
@pytest.mark.vcr
@pytest.mark.parametrize("number", range(4))
def test_made(number):
    with client() as c:
        note = c.post("/notes", json={"text": f"note {number}"}).json()
        assert c.get(f"/notes/{note['id']}").json()["created"]


@pytest.mark.vcr
def test_text():
    with client() as c:
        assert c.post("/notes", json={"text": "any"}).json()["text"] == "any"
"""


def test_parts_on_several_machines_find_what_one_finds(project: Project, tmp_path: Path) -> None:
    project.test(SUITE)
    assert project.pytest("--record-mode=rewrite").tail == "5 passed"
    machines = [Project(tmp_path / f"machine{number}" / "project") for number in (1, 2)]
    for machine in machines:
        shutil.copytree(project.root, machine.root)
    changed = {"NOTEBOOK_FIELD": "words"}

    whole = project.told("-m", "taketwo", "refresh", "--all", "--markdown", "whole.md", environment=changed)
    waiting = project.files()
    for number, machine in enumerate(machines, 1):
        part = machine.refresh(
            *("--all", "--check", "--shard", f"{number}/2", "--pending", str(tmp_path / f"part{number}")),
            environment=changed,
        )
        assert part.code in {1, 2}, part
    merged = taketwo(
        machines[1], "merge", str(tmp_path / "part1"), str(tmp_path / "part2"), "--markdown", "whole.md"
    )

    assert (whole.code, merged.code) == (2, 2), merged
    assert machines[1].files() == waiting
    assert "4 changed" in merged.output
    assert "1 failed" in merged.output
    told = [(each.root / "whole.md").read_text(encoding="utf-8") for each in (project, machines[1])]
    assert told[0] == told[1]


def test_a_part_that_is_no_part_is_refused(project: Project) -> None:
    run = project.refresh("--all", "--shard", "3/2")

    assert (run.code, "'3/2' is no part of a whole, such as 2/5" in run.errors) == (3, True), run


# ------------------------------------------------------------ how tests are divided


def stored(weights: dict[str, int]) -> Iterable[StoredCassette]:
    for test, weight in weights.items():
        item = Interaction(StoredRequest(method="GET", url="http://a.test/"), StoredResponse(status=200))
        name = f"cassettes/{test.partition('::')[2]}.yaml"
        yield StoredCassette(
            path=Path(name), name=name, cassette=Cassette(test=test, interactions=(item,) * weight)
        )


def test_the_parts_are_all_tests_each_once_whatever_the_order() -> None:
    tests = [f"tests/test_a.py::test_{number}" for number in range(20)]
    weights = {test: number % 7 for number, test in enumerate(tests)}

    parts = [part_of(Shard(number, 3), tests, stored(weights)) for number in (1, 2, 3)]
    backwards = [part_of(Shard(number, 3), tests[::-1], list(stored(weights))[::-1]) for number in (1, 2, 3)]

    assert sorted(test for part in parts for test in part) == sorted(tests)
    assert [sorted(part) for part in backwards] == [sorted(part) for part in parts]
    assert parts[0] == sorted(parts[0], key=tests.index)


def test_the_parts_take_about_equally_long() -> None:
    weights = {"t.py::test_long": 30, **{f"t.py::test_{number}": 9 for number in range(3)}}

    first, second = (part_of(Shard(number, 2), weights, stored(weights)) for number in (1, 2))

    assert (first, len(second)) == (["t.py::test_long"], 3)


def test_tests_of_one_cassette_stay_together() -> None:
    tests = [f"t.py::test_{number}" for number in range(6)]
    parts = tuple(Cassette(test=test) for test in tests[:4])
    shared = StoredCassette(path=Path("s.yaml"), name="s.yaml", cassette=Cassette(test="", parts=parts))

    found = [part_of(Shard(number, 2), tests, [shared]) for number in (1, 2)]

    assert sorted(map(len, found)) == [2, 4]


def test_durations_that_the_project_keeps_count_more_than_requests() -> None:
    """
    A test without one counts for its requests, at what a request of the others took.
    """
    weights = {"t.py::test_many": 30, "t.py::test_slow": 1, "t.py::test_new": 9, "t.py::test_quick": 9}
    durations = {"t.py::test_many": 1.0, "t.py::test_slow": 20.0, "t.py::test_quick": 0.1}

    parts = [part_of(Shard(number, 2), weights, stored(weights), durations) for number in (1, 2)]

    assert parts == [["t.py::test_slow"], ["t.py::test_many", "t.py::test_new", "t.py::test_quick"]]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": "long"}', '{"a": NaN}', '{"a": -1}', '{"a": null}'])
def test_durations_that_are_damaged_are_named(project: Project, text: str) -> None:
    project.write(DURATIONS, text)
    config = load_config(project.root)
    assert config is not None

    with pytest.raises(TakeTwoError, match=r"\.test_durations is damaged: expected the seconds of each test"):
        read_durations(config)


def test_more_parts_than_tests_leave_some_empty() -> None:
    found = [part_of(Shard(number, 3), ["t.py::test_a"], ()) for number in (1, 2, 3)]

    assert sorted(map(len, found)) == [0, 0, 1]


# ------------------------------------------------------------ what does not fit together


class Parts:
    """
    A project with one cassette, and the folders of parts that were made of it.
    """

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capsys = capsys
        config = load_config(root)
        assert config is not None
        self.config: Config = config

    def part(
        self,
        number: int,
        count: int = 2,
        *,
        tests: Iterable[str] = ("t.py::test_a",),
        new: str = "",
        results: Sequence[CassetteResult] = (),
    ) -> Path:
        folder = self.root / f"part{number}"
        folder.mkdir(exist_ok=True)
        accepted = (self.root / MADE).read_text(encoding="utf-8")
        carried(folder, {MADE: (accepted, new)} if new else {})
        write_manifest(
            self.config,
            folder,
            shard=Shard(number, count),
            tests=tests,
            contracts=(),
            results=results,
            orphans=(),
        )
        return folder

    def merge(self, *folders: Path) -> tuple[int, str]:
        code = main(["merge", *map(str, folders)])
        captured = self._capsys.readouterr()
        return code, captured.out + captured.err

    def waiting(self) -> list[str]:
        return [path.name for path in (self.root / "cassettes").rglob("*.new")]


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Parts:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    cassette = tmp_path / MADE
    cassette.parent.mkdir(parents=True)
    cassette.write_text(dump_cassette(made()), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    return Parts(tmp_path, capsys)


def test_a_part_that_is_missing_or_there_twice_is_named(parts: Parts) -> None:
    first = parts.part(1, 3, new=dump_cassette(made("two")))
    again = parts.root / "again"
    shutil.copytree(first, again)

    code, said = parts.merge(first, again)

    assert code == 3
    assert f"part 1/3 is there 2 times: {first}, {again}" in said
    assert "part 2/3 is missing" in said
    assert parts.waiting() == []


def test_parts_of_other_tests_or_of_another_count_are_named(parts: Parts) -> None:
    first, second = parts.part(1), parts.part(2, tests=("t.py::test_b",))

    assert f"{second} divided other tests than {first}" in parts.merge(first, second)[1]
    assert f"{first} is one part of 2, {second} one of 5" in parts.merge(first, parts.part(2, 5))[1]


def test_parts_that_began_with_other_cassettes_are_named(parts: Parts) -> None:
    first, second = parts.part(1), parts.part(2)
    (parts.root / MADE).write_text(dump_cassette(made("accepted since")), encoding="utf-8")

    code, said = parts.merge(first, second)

    assert code == 3
    assert f"{second} began with other cassettes, locks or .test_durations than those here" in said


def test_parts_that_were_divided_by_other_durations_are_named(parts: Parts) -> None:
    first = parts.part(1)
    (parts.root / DURATIONS).write_text('{"t.py::test_a": 2.5}', encoding="utf-8")

    code, said = parts.merge(first, parts.part(2))

    assert code == 3
    assert f"{first} began with other cassettes, locks or .test_durations than those here" in said
    assert f"{parts.root / 'part2'} began" not in said


def test_two_recordings_of_one_cassette_are_refused_unless_they_are_equal(parts: Parts) -> None:
    two, three = dump_cassette(made("two")), dump_cassette(made("three"))
    first, second = parts.part(1, new=two), parts.part(2, new=three)

    code, said = parts.merge(first, second)
    assert (code, f"{first} and {second} have different recordings of {MADE}" in said) == (3, True), said
    assert parts.waiting() == []

    code, said = parts.merge(first, parts.part(2, new=two))
    assert (code, parts.waiting()) == (1, ["test_made.yaml.new"]), said


def test_tests_that_left_no_recording_are_reported_all_the_same(parts: Parts) -> None:
    same = CassetteResult(test="t.py::test_a", cassette="a.yaml", status=Status.UNCHANGED)
    failed = CassetteResult(
        test="t.py::test_b", cassette="b.yaml", status=Status.FAILED, message="assert 1 == 2"
    )

    code, said = parts.merge(parts.part(1, results=[same]), parts.part(2, results=[failed]))

    assert code == 2, said
    assert "assert 1 == 2" in said
    assert "2 tests recorded again: 1 failed, 1 unchanged" in said


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is damaged"),
        ("[]", "is damaged"),
        ('{"taketwo_shard": 9}', "has a format that this version of taketwo does not know"),
        ('{"taketwo_shard": 1}', "is damaged"),
        ("{", "is damaged"),
    ],
)
def test_a_damaged_manifest_is_refused(parts: Parts, text: str, reason: str) -> None:
    first = parts.part(1, 1)
    (first / MANIFEST).write_text(text, encoding="utf-8")

    code, said = parts.merge(first)

    assert (code, f"{first / MANIFEST} {reason}" in said) == (3, True), said


def test_a_manifest_with_more_than_it_may_hold_is_refused(parts: Parts) -> None:
    first = parts.part(1, 1)
    manifest = json.loads((first / MANIFEST).read_text(encoding="utf-8"))
    (first / MANIFEST).write_text(json.dumps({**manifest, "more": 1}), encoding="utf-8")

    assert parts.merge(first)[0] == 3


def test_a_folder_that_is_of_no_part_is_refused(parts: Parts) -> None:
    code, said = parts.merge(parts.root)

    assert (code, "holds no part of a refresh: there is no shard.json in it" in said) == (3, True), said
