"""
boto3: an API of XML and files (S3), and one of JSON in which a header says what is asked (DynamoDB, SQS).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, IncompleteReadError, ReadTimeoutError, ResponseStreamingError

from tests.toolkit.clients.server.exchange import FILE
from tests.toolkit.clients.suite.cell import LONG, SHORT, Cell, spoken

COUNT = 24
_BROKEN = (IncompleteReadError, ResponseStreamingError)


def client(
    cell: Cell,
    service: str = "s3",
    *,
    timeout: float = LONG,
    retries: int = 1,
    secure: bool = False,
) -> Any:
    address = cell.secure_url if secure else cell.url
    return boto3.client(
        service,
        endpoint_url=f"{address}/{'s3' if service == 's3' else 'aws/'}",
        region_name="eu-central-1",
        aws_access_key_id="AKIAOFTHEMATRIX00000",
        aws_secret_access_key="s3cr3t/of+the+matrix/0123456789012345678",
        verify=cell.authority if secure else None,
        config=Config(
            read_timeout=timeout,
            max_pool_connections=32,
            retries={"total_max_attempts": retries, "mode": "standard"},
            s3={"addressing_style": "path"},
        ),
    )


@contextmanager
def _stored(cell: Cell, content: bytes, key: str = "") -> Iterator[Any]:
    """
    A client of S3, and an object there.
    """
    with closing(client(cell)) as c:
        c.put_object(Bucket="box", Key=key or cell.word, Body=content)
        yield c


def get(cell: Cell) -> None:
    with _stored(cell, b"a " + cell.word.encode()) as c:
        listed = c.list_objects_v2(Bucket="box", Prefix=cell.word)

    assert [one["Key"] for one in listed["Contents"]] == [cell.word]


def json_object(cell: Cell) -> None:
    key = {"name": {"S": cell.word}}

    with closing(client(cell, "dynamodb")) as c:
        c.put_item(TableName="fruits", Item={**key, "count": {"N": "3"}})
        found = c.get_item(TableName="fruits", Key=key)

    assert found["Item"]["name"] == {"S": cell.word}


def headers(cell: Cell) -> None:
    """
    Requests that differ in the header that says what is asked, in another order when they are replayed.
    """
    with closing(client(cell, "dynamodb")) as c:
        asked = [c.list_tables, c.describe_endpoints]
        told = [ask() for ask in (reversed(asked) if cell.is_turned else asked)]
        c.get_item(TableName="fruits", Key={"name": {"S": cell.word}})

    assert {"TableNames", "Endpoints"} <= {key for one in told for key in one}
    assert ("Endpoints" in told[0]) is cell.is_turned


def message(cell: Cell) -> None:
    with closing(client(cell, "sqs")) as c:
        sent = c.send_message(QueueUrl=f"{cell.url}/aws/1/queue", MessageBody=f"an {cell.word}")

    assert len(sent["MessageId"]) == 36


def generator_body(cell: Cell) -> None:
    """
    A body that is read as it is sent, with a checksum behind it.
    """
    with closing(client(cell)) as c:
        c.put_object(Bucket="box", Key="note", Body=io.BytesIO(f"an {cell.word} a day".encode()))
        read = c.get_object(Bucket="box", Key="note")["Body"].read()

    assert read == f"an {cell.word} a day".encode()


def binary(cell: Cell) -> None:
    content = FILE + cell.word.encode()

    with _stored(cell, content) as c:
        assert c.get_object(Bucket="box", Key=cell.word)["Body"].read() == content


def head(cell: Cell) -> None:
    with _stored(cell, FILE) as c:
        found = c.head_object(Bucket="box", Key=cell.word)

    assert found["ContentLength"] == len(FILE)


def no_content(cell: Cell) -> None:
    with closing(client(cell)) as c:
        gone = c.delete_object(Bucket="box", Key=cell.word)

    assert gone["ResponseMetadata"]["HTTPStatusCode"] == 204


def not_modified(cell: Cell) -> None:
    with _stored(cell, FILE, key="file") as c:
        tag = c.head_object(Bucket="box", Key="file")["ETag"]
        with pytest.raises(ClientError, match="304"):
            c.get_object(Bucket="box", Key="file", IfNoneMatch=tag if cell.word == "apple" else '"pear"')


def ranges(cell: Cell) -> None:
    last = 99 if cell.word == "apple" else 120

    with _stored(cell, FILE, key="file") as c:
        found = [
            c.get_object(Bucket="box", Key="file", Range=f"bytes={span}")["Body"].read()
            for span in ("0-9", f"10-{last}")
        ]

    assert b"".join(found) == FILE[: last + 1]


def error(cell: Cell) -> None:
    with closing(client(cell)) as c, pytest.raises(ClientError, match="NoSuchKey"):
        c.get_object(Bucket="box", Key=cell.word)


def streamed(cell: Cell) -> None:
    with closing(client(cell)) as c:
        pieces = _pieces(cell, c)

    assert pieces == spoken(cell, 5)


def early_close(cell: Cell) -> None:
    with closing(client(cell)) as c:
        pieces = _pieces(cell, c, count=2)

    assert pieces == spoken(cell, 2)


def broken(cell: Cell) -> None:
    pieces: list[str] = []

    with closing(client(cell)) as c, pytest.raises(_BROKEN):
        _pieces(cell, c, "broken", into=pieces)

    assert pieces == spoken(cell, 1)


def timeout(cell: Cell) -> None:
    pieces: list[str] = []

    with closing(client(cell, timeout=SHORT)) as c, pytest.raises(ReadTimeoutError):
        _pieces(cell, c, "stalled", into=pieces)

    assert pieces == spoken(cell, 1)


def _pieces(
    cell: Cell, c: Any, key: str = "pieces", *, count: int = 0, into: list[str] | None = None
) -> list[str]:
    pieces = [] if into is None else into
    # What S3 itself takes for a query there is: the word has no other place.
    body = c.get_object(Bucket="box", Key=key, ResponseCacheControl=cell.word)["Body"]
    while piece := body.read(len(f"0 {cell.word} in time\n")):
        pieces.append(piece.decode().rstrip())
        if len(pieces) == count:
            break
        cell.received(len(pieces) - 1)
    body.close()
    return pieces


def retries(cell: Cell) -> None:
    with closing(client(cell, "dynamodb", retries=3)) as c:
        limits = c.describe_limits()
        c.get_item(TableName="fruits", Key={"name": {"S": cell.word}})

    assert limits["AccountMaxReadCapacityUnits"] == 80


def threads(cell: Cell, many: int = 8, count: int = COUNT) -> None:
    def ask(number: int) -> tuple[str, str]:
        found = c.get_item(TableName="fruits", Key={"name": {"S": f"{cell.word} {number}"}})["Item"]
        return found["name"]["S"], found["serial"]["S"]

    with closing(client(cell, "dynamodb")) as c, ThreadPoolExecutor(many) as pool:
        told = list(pool.map(ask, range(count)))

    assert [name for name, _ in told] == [f"{cell.word} {number}" for number in range(count)]
    assert len({serial for _, serial in told}) == count


crowd = partial(threads, many=20, count=400)


def tls(cell: Cell) -> None:
    with closing(client(cell, secure=True)) as c:
        c.put_object(Bucket="box", Key="note", Body=f"an {cell.word}".encode())
        assert c.get_object(Bucket="box", Key="note")["Body"].read() == f"an {cell.word}".encode()
