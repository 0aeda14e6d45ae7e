"""
Large binary bodies: files beside the cassette, that come and go with it.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from pathlib import Path

import pytest

from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.model import BinaryBody, Cassette, Interaction, Pairs, StoredRequest, StoredResponse
from taketwo.cassette.store.read import read_cassette
from taketwo.cassette.store.staging import FolderByFolder, StagingDir, discard, promote
from taketwo.cassette.text.writer import dump_cassette
from taketwo.errors import CassetteFormatError
from tests.toolkit.effort import calls_of

WAV: Pairs = (("content-type", "audio/wav"),)
ONE, TWO = b"\xff\x00one" * 60, b"\xff\x00two" * 60


def holding(*contents: bytes, headers: Pairs = WAV) -> Cassette:
    return Cassette(
        test="a",
        interactions=tuple(
            Interaction(
                StoredRequest(method="GET", url="http://a.test/"),
                StoredResponse(status=200, headers=headers, body=BinaryBody(content)),
            )
            for content in contents
        ),
    )


def put(folder: Path, name: str, cassette: Cassette) -> Path:
    staging = StagingDir(folder)
    path = folder / "tests" / name
    promote(staging.stage(dump_cassette(cassette), attachments(cassette)), path)
    staging.close()
    return path


def wavs(folder: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in (folder / "tests").glob("*.wav"))


def name_of(content: bytes) -> str:
    [name] = attachments(holding(content))
    return name


@pytest.mark.parametrize(
    ("headers", "suffix"),
    [
        (WAV, ".wav"),
        ((("content-type", "Image/PNG; a=b"),), ".png"),
        ((("content-type", "application/octet-stream"),), ".bin"),
        ((("content-encoding", "br"), ("content-type", "image/png")), ".bin"),
        ((), ".bin"),
    ],
)
def test_a_file_is_named_by_what_it_holds(headers: Pairs, suffix: str) -> None:
    [name] = attachments(holding(ONE, ONE, headers=headers))

    assert name == name_of(ONE).replace(".wav", suffix)
    assert len(name) == 16 + len(suffix)


def test_the_cassette_refers_to_it(tmp_path: Path) -> None:
    cassette = holding(ONE, bytes(256))

    path = put(tmp_path, "a.yaml", cassette)

    name = name_of(ONE)
    sha256 = hashlib.sha256(ONE).hexdigest()
    shown = path.read_text().replace('"', "")
    assert f"    file:\n      name: {name}\n      size: 300\n      sha256: {sha256}\n" in shown
    assert name == f"{sha256[:16]}.wav"
    assert path.read_text().count("base64: |") == 1
    assert wavs(tmp_path) == [ONE]
    assert read_cassette(path) == cassette
    assert (path.parent / name).stat().st_mode & 0o777 == 0o644


def test_it_is_stored_once_and_goes_with_the_last_cassette_that_refers_to_it(tmp_path: Path) -> None:
    first = put(tmp_path, "a.yaml", holding(ONE, ONE))
    put(tmp_path, "b.yaml", holding(ONE, TWO))
    states = [wavs(tmp_path)]

    for name, cassette in [("b.yaml", holding(TWO)), ("a.yaml", holding(b"small")), ("b.yaml", holding())]:
        put(tmp_path, name, cassette)
        states.append(wavs(tmp_path))

    assert states == [[ONE, TWO], [ONE, TWO], [TWO], []]
    assert read_cassette(first) == holding(b"small")


def test_what_a_pending_take_refers_to_stays_until_it_is_discarded(tmp_path: Path) -> None:
    accepted = put(tmp_path, "a.yaml", holding(ONE))
    pending = put(tmp_path, "a.yaml.new", holding(TWO))
    before = wavs(tmp_path)

    discard(pending)

    assert (before, wavs(tmp_path)) == ([ONE, TWO], [ONE])
    assert read_cassette(accepted) == holding(ONE)


def test_an_accepted_take_leaves_nothing_of_the_old_one(tmp_path: Path) -> None:
    accepted = put(tmp_path, "a.yaml", holding(ONE))
    pending = put(tmp_path, "a.yaml.new", holding(TWO))

    promote(pending, accepted)

    assert (wavs(tmp_path), read_cassette(accepted)) == ([TWO], holding(TWO))


def test_what_is_staged_elsewhere_or_is_nobodys_is_not_collected(tmp_path: Path) -> None:
    """
    A recording of another process waits for its test; and a file may have a name like ours by chance.
    """
    put(tmp_path, "a.yaml", holding(ONE))
    waiting = StagingDir(tmp_path)
    waiting.stage(dump_cassette(holding(ONE)), attachments(holding(ONE)))
    stranger = tmp_path / "tests" / "0123456789abcdef.wav"
    stranger.write_bytes(b"mine")

    put(tmp_path, "a.yaml", holding())

    assert wavs(tmp_path) == [b"mine", ONE]


def test_a_file_that_was_lost_is_there_again_when_the_same_is_recorded(tmp_path: Path) -> None:
    path = put(tmp_path, "a.yaml", holding(ONE))
    (path.parent / name_of(ONE)).unlink()

    put(tmp_path, "a.yaml", holding(ONE))

    assert read_cassette(path) == holding(ONE)


@pytest.mark.parametrize("damage", [b"", ONE[:-1], ONE + b"x", TWO, None])
def test_a_file_that_is_not_what_was_recorded_is_told(tmp_path: Path, damage: bytes | None) -> None:
    path = put(tmp_path, "a.yaml", holding(ONE))
    file = path.parent / name_of(ONE)
    file.unlink() if damage is None else file.write_bytes(damage)

    with pytest.raises(CassetteFormatError) as caught:
        read_cassette(path)

    problem = "is missing" if damage is None else "is not as it was recorded"
    line = path.read_text(encoding="utf-8").partition("    file:")[0].count("\n") + 1
    assert str(caught.value) == (
        f"{path}, line {line}: interactions[0]: response: file: the body is in {file}, which {problem}; "
        "restore it from version control, or record again with --record-mode=rewrite"
    )


@pytest.mark.parametrize("name", ["../0123456789abcdef.wav", "/etc/passwd", "0123456789abcdef.wav", "a.yaml"])
def test_a_cassette_reads_no_file_that_is_not_its_own(tmp_path: Path, name: str) -> None:
    path = put(tmp_path, "a.yaml", holding(ONE))
    path.write_text(path.read_text().replace(name_of(ONE), name))

    with pytest.raises(CassetteFormatError, match=f"{name!r} is no file of a cassette"):
        read_cassette(path)


def test_a_size_that_no_memory_holds_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "a.yaml", holding(ONE))
    path.write_text(path.read_text().replace("size: 300", f"size: {10**18}"))

    with pytest.raises(CassetteFormatError, match="is not as it was recorded"):
        read_cassette(path)


LOOP = """
import sys
from pathlib import Path
from taketwo.cassette.model import BinaryBody, Cassette, Interaction, StoredRequest, StoredResponse
from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.store.staging import StagingDir, promote
from taketwo.cassette.text.writer import dump_cassette

folder, name = Path(sys.argv[1]), sys.argv[2]
staging = StagingDir(folder)
print("ready", flush=True)
for number in range(100_000):
    # Every second recording of the two processes is the same: one collects what the other refers to.
    content = b"\\xff" * 300 + str(number if number % 2 else number // 8).encode()
    response = StoredResponse(status=200, body=BinaryBody(content))
    interaction = Interaction(StoredRequest(method="GET", url="http://a.test/"), response)
    cassette = Cassette(test="a", interactions=(interaction,))
    promote(staging.stage(dump_cassette(cassette), attachments(cassette)), folder / "tests" / name)
"""


@pytest.mark.slow
def test_two_processes_that_are_killed_at_any_moment_leave_no_cassette_without_its_file(
    tmp_path: Path,
) -> None:
    paths = [tmp_path / "tests" / name for name in ("a.yaml", "b.yaml")]

    for step in range(12):
        running = [
            subprocess.Popen([sys.executable, "-c", LOOP, str(tmp_path), path.name], stdout=subprocess.PIPE)
            for path in paths
        ]
        for process in running:
            assert process.stdout is not None
            process.stdout.readline()
        try:
            until = time.monotonic() + 0.05 + 0.013 * step
            while time.monotonic() < until:
                for path in paths:
                    read_cassette(path)
        finally:
            for process in running:
                process.kill()
                process.communicate()

        assert all(read_cassette(path) for path in paths if path.exists())

    for path in paths:
        put(tmp_path, path.name, holding())
    assert sorted(path.name for path in (tmp_path / "tests").iterdir()) == ["a.yaml", "b.yaml"]


def test_a_folder_of_many_cassettes_is_searched_once_for_files_that_nothing_refers_to(tmp_path: Path) -> None:
    """
    Once for each of its cassettes would be 100 million reads in a folder of 10,000.
    """
    count = 12
    numbers = [bytes([number]) for number in range(count)]
    paths = [put(tmp_path, f"{n}.yaml", holding(ONE + number)) for n, number in enumerate(numbers)]
    staging = StagingDir(tmp_path)
    new = [holding(TWO + number) for number in numbers]
    staged = [staging.stage(dump_cassette(cassette), attachments(cassette)) for cassette in new]

    def replace_all() -> None:
        with FolderByFolder() as clean:
            for one, path in zip(staged, paths, strict=True):
                promote(one, path, clean=clean)

    calls = calls_of(replace_all)

    assert wavs(tmp_path) == [TWO + number for number in numbers]
    assert calls["delete_unreferenced"] == 1
    assert calls["names_in"] < 2 * count
    staging.close()


def test_a_folder_that_was_left_empty_goes_and_another_stays(tmp_path: Path) -> None:
    alone, other = put(tmp_path / "a", "1.yaml", holding(ONE)), put(tmp_path / "b", "1.yaml", holding(ONE))
    kept = put(tmp_path / "b", "2.yaml", holding(TWO))

    with FolderByFolder(removes_empty=True) as clean:
        discard(alone, clean=clean)
        discard(other, clean=clean)

    assert not alone.parent.exists()
    assert sorted(path.suffix for path in kept.parent.iterdir()) == [".wav", ".yaml"]
