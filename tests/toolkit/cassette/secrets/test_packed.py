"""
Values that are known to be secret, escaped and packed: found in each encoding, alone and in one another.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import json
import quopri
import zipfile
import zlib
from collections.abc import Callable, Mapping
from itertools import pairwise
from urllib.parse import quote

import brotli
import pytest
from backports import zstd

from taketwo.cassette.content import whole
from taketwo.cassette.match import fingerprint
from taketwo.cassette.model import BinaryBody, JsonBody, JsonStyle
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.writer import dump_cassette
from taketwo.errors import SecretLeak
from tests.toolkit.cassette.exchanges import (
    JSON,
    NO_BASES,
    TEXT,
    answer,
    as_json,
    get,
    post,
    replay_of,
    take_of,
)

SECRETS = (
    "k3y-of-the-notebook",
    "p@ss:w/rd+100%&=?#;",
    "pässwörd-日本-🎉",
    "correcthorsebattery",
    "12345678",
)
Encode = Callable[[str], str]


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def archive(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("a.txt", text)
    return file.getvalue()


ENCODINGS: Mapping[str, Encode] = {
    "each character as %XX": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "each character as %25XX": lambda text: "".join(f"%25{byte:02x}" for byte in text.encode()),
    "each character as \\uXXXX": lambda text: "".join(f"\\u{unit}" for unit in utf16_units(text)),
    "each character as &#NN;": lambda text: "".join(f"&#{ord(sign)};" for sign in text),
    "each character as &#xNN;": lambda text: "".join(f"&#x{ord(sign):X};" for sign in text),
    "base64": lambda text: b64(text.encode()),
    "base64 of base64": lambda text: b64(b64(f"a:{text}".encode()).encode()),
    "base64 of base64 of base64": lambda text: b64(b64(b64(text.encode()).encode()).encode()),
    "base64 of gzip": lambda text: b64(gzip.compress(f"a {text} b".encode())),
    "base64 of zlib": lambda text: b64(zlib.compress(text.encode())),
    "base64 of zip": lambda text: b64(archive(f"a {text} b")),
    "base64 of zstd": lambda text: b64(zstd.compress(f"a {text} b".encode())),
    "base64 of UTF-16, big-endian": lambda text: b64(f"a {text}".encode("utf-16-be")),
    "UTF-16": lambda text: f"a {text} b".encode("utf-16-le").decode("latin-1") if text.isascii() else text,
    "base64 of JSON": lambda text: b64(json.dumps({"any": text}).encode()),
    "base64 of UTF-16": lambda text: b64(f"a {text}".encode("utf-16-le")),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "base85": lambda text: base64.b85encode(text.encode()).decode(),
    "Ascii85": lambda text: base64.a85encode(text.encode()).decode(),
    "quoted-printable": lambda text: quopri.encodestring(text.encode(), quotetabs=True).decode(),
    "quoted-printable in a query": lambda text: quote(
        quopri.encodestring(text.encode(), quotetabs=True).decode(), safe=""
    ),
    "each character as =XX": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
    "hex": lambda text: text.encode().hex(),
    "hex in mixed case": lambda text: "".join(
        sign.upper() if number % 3 else sign for number, sign in enumerate(text.encode().hex())
    ),
    "hex with colons": lambda text: text.encode().hex(":"),
    "hex with commas": lambda text: text.encode().hex(","),
    "each byte as \\xXX": lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
    "each byte as \\xXX in JSON": lambda text: json.dumps(
        "".join(f"\\x{byte:02X}" for byte in text.encode())
    ),
    "hex with spaces": lambda text: text.encode().hex(" "),
    "hex of base64": lambda text: b64(text.encode()).encode().hex(),
    "hexdump": lambda text: binascii.hexlify(text.encode(), "-", 1).decode(),
}


def utf16_units(text: str) -> list[str]:
    units = text.encode("utf-16-be").hex()
    return [units[start : start + 4] for start in range(0, len(units), 4)]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_value_is_found_in_each_encoding(secret: str, encoding: str) -> None:
    encoded = ENCODINGS[encoding](secret)
    redactor = Redactor({"KEY": secret})

    for text in (encoded, f"before {encoded} after", json.dumps({"any": encoded})):
        assert "<secret:KEY" in redactor.text(text)
        assert redactor.text(redactor.text(text)) == redactor.text(text)


@pytest.mark.parametrize(
    "body", [gzip.compress, zlib.compress, zstd.compress, lambda raw: gzip.compress(gzip.compress(raw))]
)
def test_a_packed_file_with_a_known_value_is_refused(body: Callable[[bytes], bytes]) -> None:
    request = post("http://a.test/", body(b'{"any": "k3y-of-the-notebook"}'), TEXT)

    with pytest.raises(SecretLeak, match="KEY in interaction 1, request body"):
        take_of((request, answer()), redactor=Redactor({"KEY": "k3y-of-the-notebook"}))


@pytest.mark.parametrize(
    "body", [archive, lambda text: text.encode("utf-16-le"), lambda text: text.encode("utf-16-be")]
)
def test_a_file_of_another_form_with_a_known_value_is_refused(body: Callable[[str], bytes]) -> None:
    content = body('{"any": "k3y-of-the-notebook"}')

    for exchange in (
        (post("http://a.test/", content, TEXT), answer()),
        (get("http://a.test/"), answer(content, (("content-type", "application/octet-stream"),))),
    ):
        with pytest.raises(SecretLeak, match="KEY in interaction 1"):
            take_of(exchange, redactor=Redactor({"KEY": "k3y-of-the-notebook"}))


def test_json_with_a_zero_behind_each_character_is_a_text_like_any_other() -> None:
    text = '{"a": "b"}'.encode("utf-16-le").decode()
    request = post("http://a.test/", as_json({"said": text}))

    cassette = take_of((request, answer()))

    assert fingerprint(replay_of(cassette).incoming(request, NO_BASES)) == fingerprint(
        replay_of(cassette).requests()[0]
    )


CODINGS: Mapping[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstd.compress),
    "gzip, then br": ("gzip, br", lambda raw: brotli.compress(gzip.compress(raw))),
    "gzip twice, named once": ("gzip", lambda raw: gzip.compress(gzip.compress(raw))),
}


@pytest.mark.parametrize("coding", CODINGS)
def test_a_compressed_request_is_stored_unpacked_without_its_secrets(coding: str) -> None:
    name, pack = CODINGS[coding]
    redactor = Redactor({"KEY": "k3y-of-the-notebook"})
    content = as_json({"any": "k3y-of-the-notebook", "password": "hunter22hunter"})
    request = post("http://a.test/", pack(content), (*JSON, ("content-encoding", name)))

    cassette = take_of((request, answer()), redactor=redactor)

    assert cassette.interactions[0].request.body == JsonBody(
        {"any": "<secret:KEY>", "password": "<secret:password>"}, JsonStyle.COMPACT
    )
    replay = replay_of(cassette, redactor=redactor)
    assert fingerprint(replay.incoming(request, NO_BASES)) == fingerprint(replay.requests()[0])
    assert fingerprint(replay.incoming(replay.live_request(0), NO_BASES)) == fingerprint(replay.requests()[0])


def test_a_request_with_another_text_in_it_is_another_request() -> None:
    headers = (*JSON, ("content-encoding", "gzip"))
    asked, other = (post("http://a.test/", gzip.compress(text), headers) for text in (b'{"a":1}', b'{"a":2}'))

    replay = replay_of(take_of((asked, answer())))

    assert fingerprint(replay.incoming(other, NO_BASES)) != fingerprint(replay.requests()[0])


def test_what_cannot_be_unpacked_is_kept_as_it_is() -> None:
    request = post("http://a.test/", b"no gzip", (*JSON, ("content-encoding", "gzip")))

    cassette = take_of((request, answer()))

    assert cassette.interactions[0].request.body == BinaryBody(b"no gzip")


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("12345678", "order 912345678 of 123456789"),
        ("test", "the latest attest in tests_of"),
        ("admin", "administrator"),
        ("test", "test_a"),
        ("abc123", "xabc1234"),
    ],
)
def test_a_word_or_a_number_is_found_only_by_itself(secret: str, text: str) -> None:
    redactor = Redactor({"KEY": secret})

    assert redactor.text(text) == text
    assert redactor.text(f"it is {secret}, is it?") == "it is <secret:KEY>, is it?"


def test_a_number_stays_a_number() -> None:
    redactor = Redactor({"PIN": "12345678"})
    exchange = (
        post("http://a.test/", as_json({"order": 12345678, "other": 123456789})),
        answer(as_json({"order": 12345678, "other": 123456789, "text": "12345678"})),
    )

    cassette = take_of(exchange, redactor=redactor)
    known = replay_of(cassette, redactor=redactor, reveal={"PIN": "12345678"}).response(0)
    unknown = json.loads(whole(replay_of(cassette).response(0).body))

    assert "12345678\n" not in dump_cassette(cassette)
    assert json.loads(whole(known.body)) == {"order": 12345678, "other": 123456789, "text": "12345678"}
    assert (type(unknown["order"]), len(str(unknown["order"])), unknown["other"]) == (int, 8, 123456789)


def test_a_word_is_no_secret_in_a_host_a_key_or_the_id_of_a_test() -> None:
    redactor = Redactor({"KEY": "test"})
    exchange = (get("http://a.test/test/"), answer(as_json({"test": "a test"})))

    text = dump_cassette(take_of(exchange, redactor=redactor, test="tests/test.py::test"))

    assert "url: http://a.test/<secret:KEY>/" in text
    assert "test: a <secret:KEY>" in text
    assert "test: tests/test.py::test" in text


def test_a_token_keeps_its_prefix_its_claims_and_its_length() -> None:
    claims = {"sub": "user-1", "iat": 1700000000, "exp": 1700003600, "roles": ["a b", "<c>"]}
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": "RS256"}, claims)
    ]
    jwt = ".".join([*parts, "q7Rk9ZtX4mWc2LpV8sNd" * 17])
    body = {"id_token": jwt, "token": "ghp_16C7e42F292c6912E7710c838347Ae178B4a"}

    cassette = take_of((get("http://a.test/"), answer(as_json(body))))
    played = json.loads(whole(replay_of(cassette).response(0).body))

    header, payload, signature = played["id_token"].split(".")
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {"alg": "RS256"}
    moved = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert moved == {**claims, "iat": moved["iat"], "exp": moved["iat"] + 3600}
    assert len(signature) == 17 * 20
    assert played["token"].startswith("ghp_")
    assert len(played["token"]) == 40
    assert "q7Rk9ZtX4mWc2LpV8sNd" not in dump_cassette(cassette)


def test_a_thousand_values_take_no_longer_than_their_texts() -> None:
    """
    Each is found in the answer that gives it and in the request that brings it back, and nothing is left.
    """
    cookies = [f"{number:08x}q7Rk9ZtX4mWc2LpV8sNd" for number in range(1000)]
    exchanges = [
        (
            get("http://a.test/", (("cookie", f"session={before}"),)),
            answer(f"welcome {after}".encode(), (*TEXT, ("set-cookie", f"session={after}; Path=/"))),
        )
        for before, after in pairwise(cookies)
    ]

    text = dump_cassette(take_of(*exchanges))

    assert "q7Rk9ZtX4mWc2LpV8sNd" not in text
