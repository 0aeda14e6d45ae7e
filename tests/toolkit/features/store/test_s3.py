"""
A store that is S3: a server of it on this machine, with credentials of the environment.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from taketwo.cassette.store.outside import read_store_lock
from tests.toolkit.features.store.kept import FILMS, SONGS, Checkout, body

moto = pytest.importorskip("moto.server", reason="the extra s3 is not installed")
pytest.importorskip("s3fs", reason="the extra s3 is not installed")
boto3 = pytest.importorskip("boto3")

pytestmark = pytest.mark.filterwarnings("default")  # what the server and its client warn of is theirs
BUCKET = "recordings"


def key_of(sha256: str) -> str:
    return f"of/films/sha256/{sha256[:2]}/{sha256[2:]}.zst"


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "id-of-the-test",
        "AWS_SECRET_ACCESS_KEY": "s3cr3t-of-the-test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    try:
        yield url
    finally:
        server.stop()


@pytest.mark.usefixtures("endpoint")
def test_it_is_pushed_pulled_damaged_and_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = (
        Checkout.made(tmp_path / name, f"s3://{BUCKET}/of/films", monkeypatch, capsys)
        for name in ("here", "there")
    )
    contents = [body(seed, 200_000) for seed in range(8)]
    here.record(FILMS, *contents)
    there.record(FILMS, *contents)
    there.record(SONGS, body(99, 200_000))
    before = {name: content for name, content in there.files().items() if name.endswith(".bin")}
    url = f"s3://{BUCKET}/of/films"
    threads = [threading.Thread(target=one.push_alone, args=(url,)) for one in (here, there)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    there.lose()

    pulled = there.json("pull")
    client = boto3.client("s3")
    keys = [one["Key"] for one in client.list_objects_v2(Bucket=BUCKET)["Contents"]]
    damaged, lost = sorted(one.sha256 for one in read_store_lock(here.cassettes).values())[:2]
    client.put_object(Bucket=BUCKET, Key=key_of(damaged), Body=b"damaged")
    client.delete_object(Bucket=BUCKET, Key=key_of(lost))
    here.lose()
    code, _, errors = here.taketwo("pull")
    there.done("push", "--force")
    here.done("pull")

    assert (pulled["bytes"], len(keys)) == (9 * 200_000, 9)
    assert {name: content for name, content in there.files().items() if name.endswith(".bin")} == before
    assert (code, key_of(lost) in keys) == (3, True)
    assert f"the object {damaged[:16]}… in s3://{BUCKET}/of/films is damaged" in errors
    assert f"no object {lost[:16]}… is in s3://{BUCKET}/of/films" in errors
    assert "s3cr3t" not in errors
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"s3cr3t" in path.read_bytes()]


@pytest.mark.usefixtures("endpoint")
def test_a_bucket_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = Checkout.made(tmp_path / "here", "s3://elsewhere/films", monkeypatch, capsys)
    here.record(FILMS, body(1))

    code, _, errors = here.taketwo("push")

    assert (code, (here.cassettes / "store.lock").exists()) == (3, False)
    assert errors.startswith("error: s3://elsewhere/films cannot be used: ")
