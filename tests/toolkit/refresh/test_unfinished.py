"""
A refresh that was interrupted goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from taketwo.cassette.model import Cassette, Interaction, StoredRequest, StoredResponse
from taketwo.cassette.store.source_digest import source_digest
from taketwo.cassette.text.writer import dump_cassette
from taketwo.config.project import Config
from taketwo.contract.document import Contracts
from taketwo.errors import TakeTwoError
from taketwo.refresh.ports import Collected, Outcome, RecordingRun
from taketwo.refresh.unfinished import Attempt, attempt_at, recorded_in_parts
from taketwo.results import RefreshRequest
from tests.toolkit.conftest import Project

TEST = "tests/test_a.py::test_a"
PLACE = "cassettes/test_a/test_a.yaml"
EVERYTHING = RefreshRequest(everything=True)
AGAIN = RefreshRequest(resumes=True)

SUITE = """
import os, signal
from pathlib import Path

@pytest.mark.vcr
@pytest.mark.parametrize("number", range(4))
def test_made(number):
    with client() as c:
        assert c.post("/notes", json={"text": f"note {number}"}).json()["text"]
    with Path(os.environ["COUNTED"]).open("a") as file:
        file.write(f"{number}\\n")
    if os.environ.get("KILLED") == str(number):
        os.kill(os.getppid(), signal.SIGKILL)
"""


class Bench:
    """
    A project, and what each attempt at its refresh does.
    """

    def __init__(self, root: Path) -> None:
        self.config = Config(root=root, cassettes=root / "cassettes", tests=root / "tests", services={})
        self.contracts: list[Contracts] = []
        self.runs: dict[str, RecordingRun] = {}
        self.said: list[str] = []
        (root / "tests").mkdir()
        (root / "tests/test_a.py").write_text("one", encoding="utf-8")

    def attempt(self, request: RefreshRequest, act: Callable[[Attempt], None]) -> None:
        with attempt_at(
            self.config,
            request,
            self.contracts,
            beside=self.config.root / "out",
            read=lambda journal: self.runs.get(journal.name, RecordingRun()),
            say=self.said.append,
        ) as attempt:
            act(attempt)

    def interrupt(self, outcome: Outcome | None = None, *, text: str | None = None) -> None:
        """
        Begin a refresh that records *outcome*, as *text*, and is interrupted then.
        """
        source = source_digest(self.config.root, TEST)
        ended = outcome or Outcome(TEST, passed=True, cassette=PLACE, source=source)

        def act(attempt: Attempt) -> None:
            file = attempt.recordings / PLACE
            file.parent.mkdir(parents=True)
            file.write_text(recording() if text is None else text, encoding="utf-8")
            self.runs[attempt.journal.name] = RecordingRun(tests=(TEST,), outcomes=(ended,))
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            self.attempt(EVERYTHING, act)

    def kept(self, request: RefreshRequest = AGAIN) -> list[str]:
        found: list[str] = []
        self.attempt(request, lambda attempt: found.extend(attempt.kept))
        return found


def recording() -> str:
    request = StoredRequest(method="GET", url="http://shop.test/")
    return dump_cassette(
        Cassette(test=TEST, interactions=(Interaction(request, StoredResponse(status=200)),))
    )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_what_was_recorded_whole_is_kept(bench: Bench) -> None:
    bench.interrupt()

    assert bench.kept() == [TEST]
    assert bench.said == ["1 recording kept; to go on: taketwo refresh --resume"]


def test_what_came_to_its_end_leaves_nothing(bench: Bench) -> None:
    bench.interrupt()

    first, second = bench.kept(), bench.kept()

    assert (first, second) == ([TEST], [])
    assert bench.said[1:] == ["there is no interrupted refresh to go on with: starting from the beginning"]
    assert not (bench.config.root / "out.unfinished").exists()


def test_a_refresh_that_does_not_resume_starts_anew(bench: Bench) -> None:
    bench.interrupt()

    assert bench.kept(EVERYTHING) == []
    assert bench.kept() == []


def test_without_a_selection_of_its_own_it_has_that_of_before(bench: Bench) -> None:
    found: list[RefreshRequest] = []
    bench.interrupt()

    bench.attempt(AGAIN, lambda attempt: found.append(attempt.request))

    assert found == [EVERYTHING]


def test_a_test_that_failed_is_recorded_again(bench: Bench) -> None:
    bench.interrupt(Outcome(TEST, passed=False, cassette=PLACE))

    assert bench.kept() == []


def test_a_damaged_recording_is_made_again(bench: Bench) -> None:
    bench.interrupt(text=recording()[:-20])

    assert bench.kept() == []


def test_a_test_that_was_edited_is_recorded_again(bench: Bench) -> None:
    bench.interrupt()
    (bench.config.root / "tests/test_a.py").write_text("two", encoding="utf-8")

    assert bench.kept() == []


def test_what_was_compared_with_another_cassette_is_recorded_again(bench: Bench) -> None:
    bench.interrupt()
    accepted = bench.config.root / PLACE
    accepted.parent.mkdir(parents=True)
    accepted.write_text(recording(), encoding="utf-8")

    assert bench.kept() == []


def test_nothing_is_kept_under_another_contract(bench: Bench) -> None:
    bench.interrupt()
    bench.contracts = [Contracts(service="shop")]

    assert bench.kept() == []
    assert bench.said[1:] == [
        "the contracts have changed since it was interrupted: what was recorded before is not kept"
    ]


def test_one_that_is_running_is_not_resumed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taketwo.refresh.unfinished._PATIENCE", 0.0)

    def act(_: Attempt) -> None:
        with pytest.raises(TakeTwoError, match="another refresh of this project is running"):
            bench.kept()

    bench.attempt(EVERYTHING, act)


def test_tests_of_one_recorded_fixture_are_kept_together() -> None:
    """
    The fixture is recorded again for those that are left, and may have other ids then.
    """
    one, two, three = (
        Outcome(name, passed=True, cassette=f"{name}.yaml") for name in ("one", "two", "three")
    )
    fixture = replace(one, test="fixture")
    attempt = Attempt(
        request=AGAIN,
        recordings=Path(),
        journal=Path(),
        kept={each.test: each for each in (one, two, three, fixture)},
        recorded={"one", "two", "three", "fixture"},
    )

    whole = attempt.kept_of(Collected(("one", "two", "three"), {"fixture": ("one", "two")}))
    part = attempt.kept_of(Collected(("one", "two", "three", "four"), {"fixture": ("one", "four")}))

    assert sorted(whole) == ["fixture", "one", "three", "two"]
    assert sorted(part) == ["three", "two"]


def test_tests_of_a_fixture_that_asked_for_nothing_are_kept_each_for_itself() -> None:
    one = Outcome("one", passed=True, cassette="one.yaml")
    attempt = Attempt(request=AGAIN, recordings=Path(), journal=Path(), kept={"one": one}, recorded={"one"})

    assert list(attempt.kept_of(Collected(("one", "two"), {"fixture": ("one", "two")}))) == ["one"]


def test_a_fixture_that_asks_only_now_takes_the_kept_tests_with_it() -> None:
    collected = Collected(
        ("one", "two", "three", "four"), {"fixture": ("one", "two"), "silent": ("one", "three")}
    )

    assert recorded_in_parts(collected, {"two", "fixture"}, {"one", "three"}) == ["one", "two"]
    assert recorded_in_parts(collected, {"two", "fixture"}, {"three"}) == []
    assert recorded_in_parts(collected, {"two"}, {"one", "three"}) == []


def test_what_is_recorded_once_more_is_not_kept_from_before(bench: Bench) -> None:
    """
    Killed before it is recorded again, it would be the recording that met another fixture.
    """
    bench.interrupt()

    def act(attempt: Attempt) -> None:
        again = attempt.again([TEST])
        bench.runs[again.journal.name] = RecordingRun(tests=(TEST,))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.attempt(AGAIN, act)

    assert bench.kept() == []


SHARED = """
import os, signal
from pathlib import Path

@pytest.fixture(scope="module")
def notes():
    with client() as c:
        yield c
        if os.environ.get("TIDY"):
            c.post("/notes", json={"text": "the end"})

@pytest.mark.vcr
@pytest.mark.parametrize("number", range(4))
def test_made(notes, number):
    assert notes.post("/notes", json={"text": f"note {number}"}).json()["text"]
    with Path(os.environ["COUNTED"]).open("a") as file:
        file.write(f"{number}\\n")
    if os.environ.get("KILLED") == str(number):
        os.kill(os.getppid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("tidy", "counted"), [("", "0123"), ("1", "01230123")])
def test_a_shared_client_makes_nothing_be_asked_for_twice_unless_it_asks(
    project: Project, tidy: str, counted: str
) -> None:
    project.test(SHARED)
    file = project.root.with_name("counted")
    environment = {"COUNTED": str(file), "TMPDIR": str(project.root.parent), "TIDY": tidy}

    project.refresh("--all", environment={**environment, "KILLED": "1"})
    resumed = project.refresh("--resume", environment=environment)
    asked = "".join(file.read_text().split())
    replayed = project.pytest("--record-mode=none", environment=environment)

    assert "2 of 4 tests were recorded before the interruption" in resumed.errors, resumed
    assert ("recording 4 tests together" in resumed.errors) == bool(tidy), resumed
    assert asked == counted
    assert replayed.tail == "4 passed", replayed


def test_a_killed_refresh_goes_on_and_asks_for_nothing_twice(project: Project) -> None:
    project.test(SUITE)
    counted = project.root.with_name("counted")
    environment = {"COUNTED": str(counted), "TMPDIR": str(project.root.parent)}

    killed = project.refresh("--all", environment={**environment, "KILLED": "1"})
    resumed = project.refresh("--resume", environment=environment)

    assert killed.code == -9, killed
    assert "2 of 4 tests were recorded before the interruption" in resumed.errors, resumed
    assert "4 tests recorded again: 4 new" in resumed.output, resumed
    assert sorted(counted.read_text().split()) == ["0", "1", "2", "3"]
