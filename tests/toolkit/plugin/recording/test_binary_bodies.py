"""
Large binary bodies in a project: files beside the cassette, through recording, replay and review.
"""

from __future__ import annotations

from pathlib import Path

from tests.toolkit.conftest import Project

SPOKEN = """
SAID = b"RIFF\\xff\\xfe" + os.environ["SAID"].encode() * 300


@pytest.mark.vcr
def test_spoken():
    with client() as c:
        answer = c.post("/echo", content=SAID, headers={"content-type": "audio/wav"})
    assert answer.content == SAID


@pytest.mark.vcr
def test_again():
    with client() as c:
        assert c.post("/echo", content=SAID, headers={"content-type": "audio/wav"}).content == SAID
"""
ONE, TWO = {"SAID": "one"}, {"SAID": "two"}


def wav(word: str) -> bytes:
    return b"RIFF\xff\xfe" + word.encode() * 300


def wavs(project: Project) -> list[bytes]:
    """
    Those that git would see: what an acceptance replaced is kept in the hidden folder of the store.
    """
    found = (project.root / "cassettes").rglob("*.wav")
    return sorted(path.read_bytes() for path in found if ".taketwo" not in path.parts)


def pending(project: Project) -> list[str]:
    return sorted(path.name for path in (project.root / "cassettes").rglob("*.new"))


def recorded(project: Project) -> Path:
    project.test(SPOKEN)
    assert project.pytest("--record-mode=rewrite", environment=ONE).tail == "2 passed"
    return project.cassette("test_spoken")


def test_a_binary_body_is_a_file_that_both_cassettes_refer_to(project: Project) -> None:
    cassette = recorded(project)

    replayed = project.pytest(environment=ONE)

    assert (replayed.tail, wavs(project)) == ("2 passed", [wav("one")])
    assert cassette.read_text().count(".wav") == 2
    before = project.tree()
    assert project.pytest("--record-mode=rewrite", environment=ONE).tail == "2 passed"
    kept = {name: item for name, item in project.tree().items() if name.endswith((".wav", ".yaml"))}
    assert kept == {name: item for name, item in before.items() if name in kept}


def test_the_old_file_goes_with_the_last_cassette_that_is_recorded_again(project: Project) -> None:
    recorded(project)

    assert project.pytest("--record-mode=rewrite", "-k", "spoken", environment=TWO).tail.startswith(
        "1 passed"
    )
    first = wavs(project)
    assert project.pytest("--record-mode=rewrite", environment=TWO).tail == "2 passed"

    assert (first, wavs(project)) == ([wav("one"), wav("two")], [wav("two")])


def test_a_failed_test_leaves_the_old_cassette_and_its_file(project: Project) -> None:
    recorded(project)
    project.test(SPOKEN + "    assert False\n")

    failed = project.pytest("--record-mode=rewrite", "-k", "again", environment=TWO)

    assert failed.code == 1
    assert wavs(project) == [wav("one")]


def test_a_lost_file_is_told_with_what_to_type(project: Project) -> None:
    recorded(project)
    [file] = (project.root / "cassettes").rglob("*.wav")
    file.unlink()

    lost = project.pytest("-k", "spoken", environment=ONE)

    assert f"the body is in {file}, which is missing; restore it from version control" in lost.said
    assert lost.code == 1


def test_a_pending_take_has_its_file_until_it_is_accepted_or_rejected(project: Project) -> None:
    recorded(project)
    waiting = ["test_again.yaml.new", "test_spoken.yaml.new"]
    seen = []

    for verdict in ("--reject", "--accept"):
        project.refresh("--all", environment=TWO)
        seen.append((pending(project), wavs(project)))
        assert project.refresh(verdict).code == 0
        seen.append((pending(project), wavs(project)))

    both = [wav("one"), wav("two")]
    assert seen == [(waiting, both), ([], [wav("one")]), (waiting, both), ([], [wav("two")])]
    assert project.pytest(environment=TWO).tail == "2 passed"


def test_a_check_leaves_no_file(project: Project) -> None:
    recorded(project)

    project.refresh("--all", "--check", environment=TWO)

    assert (pending(project), wavs(project)) == ([], [wav("one")])
