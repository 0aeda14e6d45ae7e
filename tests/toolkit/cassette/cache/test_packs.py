"""
Compiled cassettes: equal to what was read, never trusted when anything is odd, and never missed.
"""

from __future__ import annotations

import os
import threading
from itertools import cycle
from pathlib import Path

import pytest

from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.cache import packs
from taketwo.cassette.cache.compiled import CompiledInteractions
from taketwo.cassette.cache.packs import pack_in, save_packs
from taketwo.cassette.cache.store import cache_of, key_of
from taketwo.cassette.index import Index
from taketwo.cassette.match import fingerprint
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Cassette,
    Interaction,
    JsonBody,
    JsonStyle,
    JsonValue,
    Pairs,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.replay import Replay
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.store.read import attachments_in, read_cassette
from taketwo.cassette.store.staging import StagingDir, promote
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.errors import CassetteFormatError

SOUND = b"\xff\x00" * 400


def holding(count: int, sound: bytes = SOUND) -> Cassette:
    """
    A cassette whose last answer is a file beside it.
    """
    odd = [None, True, "\n<a>\u2028", "long " * 200]
    bodies: list[Body] = [JsonBody({"n": number, "x": 1.5 * number, "é": odd}) for number in range(count)]
    bodies.append(BinaryBody(sound))
    return Cassette(
        test="a",
        interactions=tuple(
            Interaction(
                StoredRequest(method="GET", url=f"http://a.test/{number}", query=(("a", "1"), ("a", "2"))),
                StoredResponse(status=200, headers=(("content-type", "application/json"),), body=body),
            )
            for number, body in enumerate(bodies)
        ),
    )


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("TAKETWO_CACHE", str(folder))
    monkeypatch.setattr(packs, "_open", [])  # those of other tests are not saved here
    pack_in.cache_clear()
    return folder


def put(folder: Path, cassette: Cassette) -> Path:
    staging = StagingDir(folder)
    path = folder / "tests" / "a.yaml"
    promote(staging.stage(dump_cassette(cassette), attachments(cassette)), path)
    staging.close()
    return path


def read_in_a_new_process(path: Path) -> Cassette | None:
    """
    The cassette at *path* as a process reads it that knows what the ones before it saved.
    """
    pack_in.cache_clear()
    try:
        return read_cassette(path)
    finally:
        save_packs()


def pack_file(cache: Path, path: Path) -> Path:
    return cache / f"{key_of(f'cassettes in {path.parent}')}.compiled"


def compiled(cache: Path) -> Path:
    [file] = cache.iterdir()
    return file


def test_a_compiled_cassette_is_the_same_in_every_way(tmp_path: Path, cache: Path) -> None:
    cassette = holding(60)
    path = put(tmp_path, cassette)
    first = read_in_a_new_process(path)
    file = compiled(cache)
    written = file.stat()

    second = read_in_a_new_process(path)

    assert second is not None
    assert (first, second) == (cassette, cassette)
    assert cassette == second
    assert type(second.interactions) is not tuple
    assert (second.interactions[-1], second.interactions[3:5]) == (
        cassette.interactions[-1],
        cassette.interactions[3:5],
    )
    assert second.interactions[7] is second.interactions[7]
    assert repr(second.interactions) == repr(cassette.interactions)
    assert dump_cassette(second) == path.read_text()
    assert (written.st_mode & 0o777, cache.stat().st_mode & 0o777) == (0o600, 0o700)
    assert file.stat().st_mtime_ns == written.st_mtime_ns
    with pytest.raises(IndexError):
        second.interactions[61]


@pytest.mark.parametrize(
    "odd", ["plain", "<id:1>", "<secret:KEY>", "a<b", "%3C"], ids=lambda text: text.strip("<>")
)
def test_a_compiled_cassette_is_played_as_its_text_is(tmp_path: Path, cache: Path, odd: str) -> None:
    """
    Requests that are equal, in whatever words, have their answers in recorded order; all are asked for twice.
    """
    bodies = [None, JsonBody({"a": 1, "b": odd}), JsonBody({"b": odd, "a": 1.0}), TextBody(odd)]
    queries: list[Pairs] = [(("a", "1"), ("b", "2")), (("b", "2"), ("a", "1")), ()]
    asked = [
        StoredRequest(method="POST", url=f"http://a.test/{place}", query=query, body=body)
        for place in ("here", "there", odd, "here")
        for query in queries
        for body in bodies
    ]
    items = tuple(map(Interaction, asked, cycle(_answers(odd))))
    path = put(tmp_path, Cassette(test="a", interactions=items))
    read = load_cassette(path.read_text(), name=str(path))
    first, again = read_in_a_new_process(path), read_in_a_new_process(path)
    assert first is not None
    assert again is not None

    played = [_played(cassette) for cassette in (read, first, again)]

    assert compiled(cache).exists()
    assert isinstance(again.interactions, CompiledInteractions)
    assert bool(again.interactions.outline()) == (odd == "plain")
    assert played[0] == played[1] == played[2]


@pytest.mark.parametrize("place", ["url", "header", "kind", "body"])
def test_a_secret_that_is_played_is_known_wherever_it_is_compiled(
    tmp_path: Path, cache: Path, place: str
) -> None:
    says = {place: "<secret:KEY>"}
    request = StoredRequest(
        method="GET", url=f"http://a.test/{says.get('url')}", headers=(("a", says.get("header", "b")),)
    )
    answer = StoredResponse(
        status=200, headers=(("c", says.get("kind", "d")),), body=JsonBody([says.get("body"), "long " * 99])
    )
    path = put(tmp_path, Cassette(test="a", interactions=(Interaction(request, answer),) * 60))
    read_in_a_new_process(path)
    found = read_in_a_new_process(path)
    assert found is not None

    replay = Replay(found, redactor=Redactor({}), reveal={"KEY": "what nobody may see"})

    assert compiled(cache).exists()
    assert replay.redactor.text("it is what nobody may see") == "it is <secret:KEY>"


def _answers(odd: str) -> list[StoredResponse]:
    """
    Answers of each kind, of which most go to the client as they are compiled.
    """
    headers = (("etag", odd),)
    value: JsonValue = {"a": [odd, 1.5, None], "b\n": "é"}
    return [
        StoredResponse(status=200, body=TextBody("an answer " * 400)),
        StoredResponse(status=200, headers=headers, body=TextBody(f"{odd}\nü")),
        StoredResponse(status=200, headers=headers, body=JsonBody(value)),
        StoredResponse(status=200, body=JsonBody(value, JsonStyle.INDENTED)),
        StoredResponse(status=200, reason=odd, body=JsonBody(value)),
        StoredResponse(status=200, body=JsonBody(value), ended="client"),
        StoredResponse(status=200, body=TextBody("in two"), chunks=(2, 4)),
        StoredResponse(status=204),
        StoredResponse(status=404, headers=(("content-length", "7"),)),
        StoredResponse(status=500, body=BinaryBody(b"\xff<id:1>")),
    ]


def _played(cassette: Cassette) -> list[object]:
    """
    The numbers of what is played to every request of *cassette* in turn, found in either way, and all else
    that is looked at.
    """
    replay = Replay(cassette, redactor=Redactor({}), reveal={})
    requests, wires = replay.requests(), replay.wires()
    index = Index(requests, fingerprint, wires, replay.equals())
    found: list[object] = [list(requests), wires, list(map(replay.response, range(len(wires))))]
    for request, wire in [*zip(requests, wires, strict=True)] * 2:
        group = index.by_wire(wire)
        found += [
            group and group.numbers,
            index.take(fingerprint(request)),
            index.played(fingerprint(request)),
        ]
    return found


def test_what_a_process_read_is_compiled_when_it_is_read_again(tmp_path: Path, cache: Path) -> None:
    cassette = Cassette(test="a", interactions=holding(1).interactions[:1])
    (tmp_path / "a.yaml").write_text(dump_cassette(cassette))

    first, again = read_cassette(tmp_path / "a.yaml"), read_cassette(tmp_path / "a.yaml")

    assert first == again == cassette
    assert again is not None
    assert isinstance(again.interactions, CompiledInteractions)
    assert not cache.exists()


def test_the_cassettes_of_a_folder_share_a_file(tmp_path: Path, cache: Path) -> None:
    path = put(tmp_path, holding(60))
    other = path.with_name("b.yaml")
    other.write_text(dump_cassette(Cassette(test="b")))
    read_in_a_new_process(path)

    read_in_a_new_process(other)

    pack_in.cache_clear()
    pack, attached = pack_in(str(path.parent)), attachments_in(path.parent)
    found = [pack.read(one.read_text(), name=one.name, attached=attached) for one in (path, other)]
    assert found == [holding(60), Cassette(test="b")]
    assert compiled(cache) == pack_file(cache, path)


def test_much_that_was_compiled_is_saved_before_the_process_ends(tmp_path: Path, cache: Path) -> None:
    answer = StoredResponse(status=200, body=TextBody("long " * 2_000_000))
    asked = StoredRequest(method="GET", url="http://a.test/")
    answer = StoredResponse(status=200, body=TextBody("long " * 2_000_000))
    asked = StoredRequest(method="GET", url="http://a.test/")
    long = Cassette(test="a", interactions=(Interaction(asked, answer),))
    (tmp_path / "a.yaml").write_text(dump_cassette(long))
    pack_in.cache_clear()

    assert read_cassette(tmp_path / "a.yaml") == long

    assert compiled(cache).stat().st_size > 8 * 1024 * 1024


def test_a_changed_text_is_read_anew(tmp_path: Path, cache: Path) -> None:
    path = put(tmp_path, holding(60))
    read_in_a_new_process(path)
    path.write_text(path.read_text().replace("http://a.test/7", "http://a.test/seven"))

    found = read_in_a_new_process(path)

    assert found is not None
    assert found.interactions[7].request.url == "http://a.test/seven"
    assert compiled(cache).is_file()


def test_what_is_damaged_is_never_compiled(tmp_path: Path, cache: Path) -> None:
    path = put(tmp_path, holding(60))
    path.write_text(path.read_text().replace("    status: 200\n", "    status: ok\n", 1))

    for _ in range(2):
        with pytest.raises(CassetteFormatError, match="'status' is not a whole number"):
            read_in_a_new_process(path)

    assert not cache.exists()


@pytest.mark.parametrize("damage", [b"other", None])
def test_a_file_beside_the_cassette_is_looked_at_though_it_is_compiled(
    tmp_path: Path, cache: Path, damage: bytes | None
) -> None:
    path = put(tmp_path, holding(60))
    read_in_a_new_process(path)
    assert compiled(cache).exists()
    [sound] = path.parent.glob("*.bin")
    sound.unlink() if damage is None else sound.write_bytes(damage)

    with pytest.raises(CassetteFormatError) as caught:
        read_in_a_new_process(path)

    problem = "is missing" if damage is None else "is not as it was recorded"
    line = path.read_text(encoding="utf-8").partition("    file:")[0].count("\n") + 1
    assert str(caught.value).startswith(
        f"{path}, line {line}: interactions[60]: response: file: the body is in {sound}, which {problem}; "
    )


@pytest.mark.parametrize("place", [0, 30, 64, 65, 100, -1])
@pytest.mark.parametrize("change", ["flip", "cut", "insert"])
def test_a_corrupted_file_is_as_if_there_were_none(
    tmp_path: Path, cache: Path, place: int, change: str
) -> None:
    cassette = holding(60)
    path = put(tmp_path, cassette)
    read_in_a_new_process(path)
    file = compiled(cache)
    sound = file.read_bytes()
    before, sign, after = sound[:place], sound[place : place + 1] or sound[-1:], sound[place:][1:]
    changed = {"flip": bytes([sign[0] ^ 1]), "cut": b"", "insert": sign * 2}[change]
    file.write_bytes(before + changed + after)
    assert file.read_bytes() != sound

    assert read_in_a_new_process(path) == cassette
    again = read_in_a_new_process(path)
    assert again is not None
    assert isinstance(again.interactions, CompiledInteractions)
    assert again == cassette


def test_the_file_of_another_cassette_is_not_taken(tmp_path: Path, cache: Path) -> None:
    put(tmp_path / "other", holding(70))
    read_in_a_new_process(tmp_path / "other" / "tests" / "a.yaml")
    other = compiled(cache)
    path = put(tmp_path, holding(60))
    other.rename(pack_file(cache, path))

    assert read_in_a_new_process(path) == holding(60)


@pytest.mark.parametrize("mode", [0o602, 0o620, 0o666])
def test_a_file_that_others_can_write_is_not_taken(tmp_path: Path, cache: Path, mode: int) -> None:
    path = put(tmp_path, holding(60))
    read_in_a_new_process(path)
    compiled(cache).chmod(mode)

    assert cache_of(os.environ).get(pack_file(cache, path).stem) is None
    assert read_in_a_new_process(path) == holding(60)


def test_a_folder_that_others_can_write_is_not_used(tmp_path: Path, cache: Path) -> None:
    path = put(tmp_path, holding(60))
    read_in_a_new_process(path)
    cache.chmod(0o777)
    before = compiled(cache).stat()

    assert cache_of(os.environ).get(pack_file(cache, path).stem) is None
    assert read_in_a_new_process(path) == holding(60)
    assert compiled(cache).stat() == before


def test_links_are_not_followed(tmp_path: Path, cache: Path) -> None:
    path = put(tmp_path, holding(60))
    read_in_a_new_process(path)
    file = compiled(cache)
    moved = file.rename(tmp_path / "elsewhere")
    file.symlink_to(moved)

    assert cache_of(os.environ).get(pack_file(cache, path).stem) is None
    assert read_in_a_new_process(path) == holding(60)
    assert not compiled(cache).is_symlink()


@pytest.mark.parametrize("kind", ["file", "fifo", "folder"])
def test_whatever_stands_in_the_place_of_a_file_is_no_hindrance(
    tmp_path: Path, cache: Path, kind: str
) -> None:
    path = put(tmp_path, holding(60))
    cache.mkdir(mode=0o700)
    place = pack_file(cache, path)
    match kind:
        case "fifo":
            os.mkfifo(place, 0o600)
        case "folder":
            place.mkdir()
        case _:
            place.touch(0o600)

    assert read_in_a_new_process(path) == holding(60)


def test_a_place_that_cannot_be_written_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    path = put(tmp_path, holding(60))

    for place in (tmp_path / "file" / "cache", Path("/proc/none"), tmp_path / "file"):
        monkeypatch.setenv("TAKETWO_CACHE", str(place))
        assert read_in_a_new_process(path) == holding(60)


def test_the_environment_says_where_it_is(tmp_path: Path) -> None:
    own = tmp_path / "own"
    places: list[tuple[dict[str, str], Path | None]] = [
        ({"TAKETWO_CACHE": str(own), "XDG_CACHE_HOME": "/xdg", "HOME": "/me"}, own),
        ({"XDG_CACHE_HOME": str(tmp_path), "HOME": "/proc/me"}, tmp_path / "taketwo"),
        ({"XDG_CACHE_HOME": "not/absolute", "HOME": str(tmp_path)}, tmp_path / ".cache" / "taketwo"),
        ({"HOME": str(tmp_path), "TAKETWO_CACHE": "off"}, None),
        ({"HOME": str(tmp_path), "TAKETWO_CACHE": "OFF"}, None),
        ({}, None),
    ]
    for number, (environment, folder) in enumerate(places):
        kept = cache_of(environment)

        kept.put(f"key-{number}", b"content")

        assert kept.get(f"key-{number}") == (b"content" if folder else None)
        assert folder is None or (folder / f"key-{number}.compiled").read_bytes() == b"content"


def test_what_was_not_used_for_long_is_swept(tmp_path: Path) -> None:
    """
    Once per process and folder: a month is long for what is compiled, a day for what a killed process left.
    """
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    days = {"old.compiled": 31, "used.compiled": 29, "tmpold": 2, "tmpnew": 0}
    now = folder.stat().st_mtime
    for name, age in days.items():
        (folder / name).write_bytes(b"content")
        os.utime(folder / name, (now - age * 86400, now - age * 86400))
    (folder / "used.compiled").chmod(0o600)
    kept = cache_of({"TAKETWO_CACHE": str(folder)})

    assert kept.get("used") == b"content"
    kept.put("new", b"content")

    assert sorted(path.name for path in folder.iterdir()) == ["new.compiled", "tmpnew", "used.compiled"]
    assert (folder / "used.compiled").stat().st_mtime > now - 86400


def test_many_may_read_at_once(tmp_path: Path, cache: Path) -> None:
    path = put(tmp_path, holding(60))
    found: list[Cassette | None] = []
    threads = [threading.Thread(target=lambda: found.append(read_cassette(path))) for _ in range(16)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    save_packs()

    assert found == [holding(60)] * 16
    assert compiled(cache).is_file()
