"""
``taketwo push``, ``pull`` and ``gc`` with a store that is a folder, or in memory.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from taketwo.cassette.store.outside import parse_store_lock
from taketwo.config.project import parse_config
from taketwo.errors import ConfigError, StoreError
from tests.toolkit.features.store.kept import FILMS, SONGS, Checkout, body, objects_in

pytest.importorskip("fsspec")

MakeCheckout = Callable[..., Checkout]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def checkout(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> MakeCheckout:
    def make(name: str = "here", **options: str) -> Checkout:
        url = options.pop("url", store.as_uri())
        return Checkout.made(tmp_path / name, url, monkeypatch, capsys, **options)

    return make


def bodies(checkout: Checkout) -> list[str]:
    return sorted(name for name in checkout.files() if name.endswith(".bin"))


def test_what_is_pushed_and_lost_comes_back_byte_for_byte(checkout: MakeCheckout, store: Path) -> None:
    here = checkout()
    here.record(FILMS, body(1), body(2))
    here.record(SONGS, body(3))
    before = here.files()

    pushed = here.done("push")
    here.lose()
    lost = here.files()
    pulled = here.done("pull")

    kept = {name: content for name, content in here.files().items() if name in before}
    assert kept == before
    assert sorted(set(before) - set(lost)) == sorted(name for name in before if name.endswith(".bin"))
    assert pushed.startswith("pushed 3 objects, 12.")
    assert pulled == "fetched 3 files, 12.0 kB; 0 were here\n"
    assert len(objects_in(store)) == 3


def test_a_second_push_and_pull_change_nothing(checkout: MakeCheckout, store: Path) -> None:
    here = checkout()
    here.record(FILMS, body(1))
    here.done("push")
    before = here.files(), objects_in(store)

    again, pulled = here.json("push"), here.json("pull")

    assert (again["named"], again["uploaded"]) == ([], 0)
    assert pulled == {"fetched": [], "bytes": 0, "present": 1, "changed": []}
    assert (here.files(), objects_in(store)) == before


def test_equal_bodies_of_several_folders_are_one_object(checkout: MakeCheckout, store: Path) -> None:
    here = checkout()
    here.record(FILMS, body(1))
    here.record(SONGS, body(1))

    pushed = here.json("push")

    assert (pushed["uploaded"], len(objects_in(store))) == (1, 1)
    assert (pushed["named"], len(bodies(here))) == (bodies(here), 2)


def test_everything_is_kept_there_with_larger_than_0(checkout: MakeCheckout) -> None:
    here = checkout(settings="larger_than = 0")
    here.record(FILMS, b"")

    here.done("push")
    here.lose()
    here.done("pull", f"cassettes/{FILMS}")

    assert (here.cassettes / FILMS).is_file()


def test_one_cassette_is_pulled_with_its_bodies_alone(checkout: MakeCheckout) -> None:
    here = checkout(settings="larger_than = 0")
    here.record(FILMS, body(1))
    here.record("test_films/test_other.yaml", body(2))
    here.done("push")
    here.lose()

    pulled = here.json("pull", f"cassettes/{FILMS}")

    here_now = {name.rpartition(".")[2] for name in here.files() if name.startswith("test_films/")}
    assert (pulled["bytes"], here_now) == (4000 + (here.cassettes / FILMS).stat().st_size, {"bin", "yaml"})
    assert not (here.cassettes / "test_films/test_other.yaml").exists()


def test_commands_that_look_at_all_cassettes_want_all_of_them(checkout: MakeCheckout) -> None:
    here = checkout()
    here.record(FILMS, body(1))
    here.done("push")
    here.lose()

    code, _, errors = here.taketwo("list")

    assert code == 3
    assert errors.startswith(
        "error: of the files in cassettes/store.lock, 1 are not here, such as test_films/"
    )
    assert errors.endswith("fetch them first: taketwo pull\n")


@pytest.mark.parametrize("damage", ["cut", "other", "bomb", "noise"])
def test_a_damaged_object_is_named_and_nothing_of_it_is_kept(
    checkout: MakeCheckout, store: Path, damage: str
) -> None:
    here = checkout()
    here.record(FILMS, body(1), body(2))
    here.done("push")
    first, other = objects_in(store)
    packed = first.read_bytes()
    content = {"cut": packed[:-20], "other": other.read_bytes(), "noise": b"no zstd", "bomb": _bomb()}[damage]
    first.write_bytes(content)
    here.lose()

    code, _, errors = here.taketwo("pull")

    assert code == 3
    assert f"the object {first.parent.name}{first.name[:14]}… in {store.as_uri()} is damaged" in errors
    assert len([name for name in here.files() if name.endswith(".bin")]) == 1
    first.write_bytes(packed)
    assert here.json("pull")["fetched"] != []


def _bomb() -> bytes:
    zstd = pytest.importorskip("backports.zstd")
    return bytes(zstd.compress(bytes(50_000_000)))


def test_an_object_that_is_missing_is_named_beside_what_came(checkout: MakeCheckout, store: Path) -> None:
    here = checkout()
    here.record(FILMS, body(1), body(2))
    here.done("push")
    gone = objects_in(store)[0]
    gone.unlink()
    here.lose()

    code, _, errors = here.taketwo("pull")

    assert code == 3
    assert errors.startswith("error: not everything could be pulled:\n  test_films/")
    assert f"no object {gone.parent.name}{gone.name[:14]}… is in" in errors


def test_what_was_recorded_here_is_never_replaced_unless_by_force(checkout: MakeCheckout) -> None:
    here = checkout(settings="larger_than = 0")
    here.record(FILMS, body(1))
    here.done("push")
    here.record(FILMS, body(2))
    recorded = here.files()[FILMS]

    pulled = here.json("pull", f"cassettes/{FILMS}")
    after = here.files()[FILMS]
    here.done("pull", "--force")

    assert (pulled["changed"], after) == ([FILMS], recorded)
    assert here.files()[FILMS] != recorded


def test_a_file_of_another_revision_is_replaced(checkout: MakeCheckout) -> None:
    here = checkout(settings="larger_than = 0")
    here.git("init", "--quiet")
    here.record(FILMS, body(1))
    here.done("push")
    first = here.files()[FILMS]
    here.git("add", ".")
    here.git("commit", "--quiet", "-m", "first")
    here.record(FILMS, body(2))
    here.done("push")
    here.git("commit", "--quiet", "-am", "second")

    here.git("checkout", "--quiet", "HEAD~1")
    pushed = here.json("push")
    here.done("pull")

    assert pushed["older"] == [FILMS]
    assert here.files()[FILMS] == first
    assert here.git("status", "--porcelain") == ""


def test_git_ignores_what_is_in_the_store_and_other_lines_stay(checkout: MakeCheckout) -> None:
    here = checkout()
    here.git("init", "--quiet")
    (here.cassettes / ".gitignore").write_text("*.tmp\n", encoding="utf-8")
    here.record("test_films/test_trailer[a-b].yaml", body(1), test="tests/test_films.py::test_trailer[a-b]")
    here.git("add", ".")

    pushed = here.done("push")
    here.git("rm", "--force", "--cached", "--quiet", "-r", "cassettes")
    here.git("add", ".")

    assert "in the store now, and still in git" in pushed
    assert here.git("ls-files").split("\n") == [
        "cassettes/.gitignore",
        "cassettes/store.lock",
        "cassettes/test_films/test_trailer[a-b].yaml",
        "pyproject.toml",
        "",
    ]
    assert (here.cassettes / ".gitignore").read_text(encoding="utf-8").startswith("*.tmp\n# taketwo push")


def test_a_body_that_no_cassette_refers_to_any_more_is_dropped(checkout: MakeCheckout) -> None:
    here = checkout()
    here.record(FILMS, body(1))
    here.done("push")
    before = bodies(here)
    here.record(FILMS, body(2))

    pushed = here.json("push")

    assert (pushed["dropped"], pushed["named"]) == (before, bodies(here))
    assert here.json("pull")["present"] == 1


def test_a_cassette_that_is_not_here_stays_in_the_lock_file(checkout: MakeCheckout) -> None:
    here = checkout(settings="larger_than = 0")
    here.record(FILMS, body(1))
    here.done("push")
    (here.cassettes / FILMS).unlink()

    kept, pruned = here.json("push"), here.json("push", "--prune")

    assert (kept["missing"], kept["dropped"]) == ([FILMS], [])
    assert (pruned["missing"], pruned["dropped"]) == ([], [FILMS])


def test_two_writers_at_a_time_leave_whole_objects(checkout: MakeCheckout, store: Path) -> None:
    checkouts = [checkout(f"machine{number}") for number in range(4)]
    for number, one in enumerate(checkouts):
        one.record(FILMS, *(body(seed) for seed in range(20)))
        one.record(SONGS, body(100 + number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: one.push_alone(store.as_uri()), checkouts))
    for one in checkouts:
        one.lose()
        one.done("pull")

    assert len(objects_in(store)) == 25  # with the cassette of films, which is large
    assert all(len([name for name in one.files() if name.endswith(".bin")]) == 21 for one in checkouts)


def test_a_secret_is_never_pushed(
    checkout: MakeCheckout, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = checkout(settings="larger_than = 0")
    here.record(FILMS, b"")
    path = here.cassettes / FILMS
    path.write_text(path.read_text(encoding="utf-8").replace("films.test", "films.test/s3cr3t-of-films"))
    monkeypatch.setenv("FILMS_TOKEN", "s3cr3t-of-films")

    code, _, errors = here.taketwo("push")

    assert (code, objects_in(store)) == (3, [])
    assert errors.startswith(
        f"error: nothing was pushed, since there are secrets in:\n  cassettes/{FILMS}, line "
    )
    assert "s3cr3t" not in errors


# ------------------------------------------------------------ gc


def test_gc_deletes_what_no_branch_names(checkout: MakeCheckout, store: Path) -> None:
    here = checkout()
    here.git("init", "--quiet")
    for seed, branch in ((1, "main"), (2, "other"), (3, "main")):
        here.git("checkout", "--quiet", "-B", branch)
        here.record(FILMS, body(seed))
        here.done("push")
        here.git("add", ".")
        here.git("commit", "--quiet", "-m", f"of {branch}")
    here.record(FILMS, body(4))
    here.done("push")
    here.git("branch", "--quiet", "-D", "other")

    young = here.json("gc")
    listed = here.taketwo("gc", "--days", "0")
    of_history = here.json("gc", "--days", "0", "--history")
    deleted = here.json("gc", "--days", "0", "--yes")

    assert young["unused"] == []
    assert listed[0] == 1
    assert listed[1].startswith("no branch or tag names 2 of 4 objects, ")
    assert of_history["unused"] == []
    assert (deleted["deleted"], len(objects_in(store))) == (True, 2)


def test_gc_keeps_what_was_written_lately(checkout: MakeCheckout, store: Path) -> None:
    here = checkout()
    here.git("init", "--quiet")
    here.record(FILMS, body(1), body(2))
    here.done("push")
    (here.cassettes / "store.lock").unlink()
    old = objects_in(store)[0]
    os.utime(old, (time.time() - 20 * 86_400,) * 2)

    assert here.json("gc")["unused"] == [str(old)]


def test_gc_in_a_shallow_clone_is_refused(checkout: MakeCheckout) -> None:
    here = checkout()
    here.git("init", "--quiet")
    here.git("add", ".")
    for message in ("one", "two"):
        here.git("commit", "--quiet", "--allow-empty", "-m", message)
    clone = Checkout(here.root.with_name("clone"), here.monkeypatch, here.capsys)
    here.git("clone", "--quiet", "--depth", "1", here.root.as_uri(), str(clone.root))

    code, _, errors = clone.taketwo("gc")

    assert (code, errors.startswith("error: this clone is shallow")) == (3, True)


# ------------------------------------------------------------ other stores, and mistakes


def test_a_store_in_memory(checkout: MakeCheckout) -> None:
    here = checkout(url="memory://recordings")
    here.record(FILMS, body(1))

    here.done("push")
    here.lose()

    assert here.json("pull")["bytes"] == 4000


def test_a_store_behind_http_is_read_only(checkout: MakeCheckout) -> None:
    pytest.importorskip("aiohttp")
    here = checkout(url="http://127.0.0.1:9/recordings")

    code, _, errors = here.taketwo("push")

    assert (code, "a store that is reached by HTTP is read-only" in errors) == (3, True)


def test_a_kind_of_store_that_does_not_exist(checkout: MakeCheckout) -> None:
    here = checkout(url="nowhere://bucket")

    code, _, errors = here.taketwo("push")

    assert code == 3
    assert errors.startswith("error: [tool.taketwo.store] url nowhere://bucket cannot be used: ")


def test_without_a_store_the_table_is_shown(checkout: MakeCheckout) -> None:
    here = checkout()
    (here.root / "pyproject.toml").write_text("[tool.taketwo]\n", encoding="utf-8")

    code, _, errors = here.taketwo("pull")

    assert (code, '[tool.taketwo.store]\nurl = "s3://bucket/recordings"' in errors) == (3, True)


@pytest.mark.parametrize(
    ("store", "message"),
    [
        ({}, "tool.taketwo.store needs a url, such as s3://bucket/recordings"),
        ({"url": "s3://k:pass@bucket"}, "got one with a password or a query"),
        ({"url": "https://a.test/x?sig=abc"}, "got one with a password or a query"),
        ({"url": "bucket"}, "expected a URL such as s3://bucket/recordings or file:///mnt/recordings"),
        ({"url": "s3://b", "options": {"secret": "x"}}, "got the option secret"),
        (
            {"url": "s3://b", "options": {"aws_secret_access_key": "x"}},
            "got the option aws_secret_access_key",
        ),
        ({"url": "s3://b", "larger_than": -1}, "larger_than: expected a number of bytes, 0 for every file"),
    ],
)
def test_credentials_and_mistakes_in_the_settings_are_refused(
    store: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as error:
        parse_config({"store": store}, root=tmp_path)

    assert message in str(error.value)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/x.yaml",
        "../x.yaml",
        "a/../../x.yaml",
        "conftest.py",
        ".taketwo/x.yaml",
        "a//x.yaml",
        "a\\x.yaml",
    ],
)
def test_a_lock_file_names_nothing_but_cassettes_in_the_folder(path: str) -> None:
    with pytest.raises(StoreError, match="is no path of a cassette"):
        parse_store_lock(f"taketwo store 1\n{'0' * 64} 1 {path}\n", name="store.lock")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "store.lock: expected 'taketwo store 1' in its first line, got 'nothing'"),
        ("taketwo store 2\n", "got 'taketwo store 2'; restore it from git"),
        ("taketwo store 1\n<<<<<<< HEAD\n", "store.lock, line 2: expected a SHA-256, a size and a path"),
        (
            f"taketwo store 1\n{'0' * 64} 1 a.yaml\n{'1' * 64} 1 a.yaml\n",
            "store.lock, line 3: a.yaml is there twice",
        ),
    ],
)
def test_a_damaged_lock_file_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(StoreError) as error:
        parse_store_lock(text, name="store.lock")

    assert message in str(error.value)


def test_a_link_that_leads_out_of_the_folder_is_not_followed(checkout: MakeCheckout, tmp_path: Path) -> None:
    here = checkout()
    here.record(FILMS, body(1))
    here.done("push")
    here.lose()
    (here.cassettes / "test_films").rename(tmp_path / "outside")
    (here.cassettes / "test_films").symlink_to(tmp_path / "outside")

    code, _, errors = here.taketwo("pull")

    assert (code, "a link leads it out of the folder of the cassettes" in errors) == (3, True)
    assert [file.suffix for file in (tmp_path / "outside").iterdir()] == [".yaml"]
