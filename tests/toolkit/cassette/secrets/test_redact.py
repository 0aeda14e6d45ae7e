"""
Secrets: none is ever in the text of a cassette, wherever it stood and however it was written.
"""

from __future__ import annotations

import base64
import html
import json
import re
import zlib
from collections.abc import Callable, Mapping
from urllib.parse import quote, quote_plus, unquote, urlencode

import pytest

from taketwo.cassette.content import whole
from taketwo.cassette.match import fingerprint
from taketwo.cassette.model import LiveRequest, LiveResponse
from taketwo.cassette.secrets.redact import Redactor, secrets_of_environment
from taketwo.cassette.text.writer import dump_cassette
from taketwo.errors import SecretLeak
from tests.toolkit.cassette.exchanges import (
    FORM,
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
from tests.toolkit.effort import calls_of

SECRETS = {
    "plain": "k3y-of-the-notebook",
    "word": "correcthorsebattery",
    "signs": "p@ss:w/rd+100%&=?#;",
    "quotes": 'it\'s "quoted" <b>',
    "backslash": "C:\\keys\\new\tone",
    "script": "pässwörd-日本-🎉",
    "lines": "-----BEGIN KEY-----\nMIIEvQIBADANBg/+kqhkiG9w0B==\n-----END KEY-----\n",
    "long": "0123456789abcdef/+" * 40,
}

Encode = Callable[[str], str]
Exchanged = tuple[LiveRequest, LiveResponse]

ENCODINGS: Mapping[str, Encode] = {
    "plain": str,
    "URL": quote,
    "URL, all of it": lambda secret: quote(secret, safe=""),
    "URL, hardly": lambda secret: quote(secret, safe="@:+;=&/"),
    "URL, lower case": lambda secret: re.sub("%..", lambda found: found[0].lower(), quote(secret)),
    "form": quote_plus,
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 without padding": lambda secret: base64.b64encode(secret.encode()).decode().rstrip("="),
    "base64, one byte before": lambda secret: base64.b64encode(f"u{secret}:rest".encode()).decode(),
    "base64, two bytes before": lambda secret: base64.b64encode(f"us{secret}:re".encode()).decode(),
    "base64, three bytes before": lambda secret: base64.b64encode(f"usr{secret}:r".encode()).decode(),
    "base64 in lines": lambda secret: base64.encodebytes(f"{'x' * 40}{secret}{'y' * 40}".encode()).decode(),
    "base64 in a URL": lambda secret: quote(base64.b64encode(f"u{secret}".encode()).decode(), safe=""),
    "urlsafe base64": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "urlsafe base64, inside": lambda secret: base64.urlsafe_b64encode(f"u{secret}>>>???".encode()).decode(),
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON, any script": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "JSON as PHP writes it": lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
    "JSON as Go writes it": lambda secret: (
        json.dumps(secret)[1:-1].replace("<", "\\u003c").replace("&", "\\u0026")
    ),
    "hex": lambda secret: secret.encode().hex(),
    "hex, upper case": lambda secret: secret.encode().hex().upper(),
    "HTML": html.escape,
    "HTML, text only": lambda secret: html.escape(secret, quote=False),
    "HTML as others write it": lambda secret: html.escape(secret).replace("&#x27;", "&apos;"),
}

PLACES: Mapping[str, Callable[[str], Exchanged]] = {
    "request header": lambda text: (get("http://a.test/", (("x-any", one_line(text)),)), answer()),
    "response header": lambda text: (get("http://a.test/"), answer(headers=(("x-any", one_line(text)),))),
    "query": lambda text: (get(f"http://a.test/?{urlencode({'any': text})}"), answer()),
    "name in the query": lambda text: (get(f"http://a.test/?{urlencode({text: 'any'})}"), answer()),
    "path": lambda text: (get(f"http://a.test/in/{quote(text)}/path"), answer()),
    "path, hardly encoded": lambda text: (
        get(f"http://a.test/in/{quote(text, safe='@:+;=&/')}/path"),
        answer(),
    ),
    "user of the URL": lambda text: (get(f"http://me:{quote(text, safe='')}@a.test/"), answer()),
    "JSON value": lambda text: (post("http://a.test/", as_json({"any": text})), answer()),
    "JSON value in the answer": lambda text: (
        get("http://a.test/"),
        answer(as_json([{"any": [f"it is {text}!"]}])),
    ),
    "JSON key": lambda text: (get("http://a.test/"), answer(as_json({"a": {f"is {text}": 1}}))),
    "JSON kept as text": lambda text: (
        get("http://a.test/"),
        answer(json.dumps({"any": text}, indent=7).encode()),
    ),
    "JSON in JSON": lambda text: (
        get("http://a.test/"),
        answer(as_json({"any": json.dumps({"inner": text})})),
    ),
    "form": lambda text: (post("http://a.test/", urlencode({"any": text}).encode(), FORM), answer()),
    "text": lambda text: (get("http://a.test/"), answer(f"before {text} after".encode(), TEXT)),
    "cookie": lambda text: (get("http://a.test/", (("cookie", f"a=b; c={one_line(text)}"),)), answer()),
    "cookie set": lambda text: (
        get("http://a.test/"),
        answer(headers=(("set-cookie", f"c={one_line(text)}; Path=/"),)),
    ),
    "binary": lambda text: (get("http://a.test/"), answer(b"\xff\xfe" + text.encode() + b"\xff", TEXT)),
    "reason": lambda text: (get("http://a.test/"), answer(reason=one_line(text))),
    "compressed": lambda text: (
        get("http://a.test/"),
        answer(zlib.compress(text.encode()), (*TEXT, ("content-encoding", "deflate"))),
    ),
    "test": lambda text: (get("http://a.test/"), answer(text.encode(), TEXT)),
}


def one_line(text: str) -> str:
    """
    *text* as a header can hold it.
    """
    return text.replace("\n", "%0A").replace("\t", "%09")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_nowhere_in_a_cassette(secret: str, place: str) -> None:
    """
    In no encoding: it has been replaced, or the recording is refused with the place and without the value.
    """
    value = SECRETS[secret]
    redactor = Redactor({"MESH_SECRET": value})

    for name, encode in ENCODINGS.items():
        try:
            text = dump_cassette(take_of(PLACES[place](encode(value)), redactor=redactor))
        except SecretLeak as error:
            text = str(error)
            assert text.startswith(
                "the recording of tests/test_a.py::test_a was refused: it still holds a secret\n"
            )

        assert "MESH_SECRET" in text or "<secret:c>" in text or "<secret:password>" in text, name
        assert traces_of(value, text) == [], name


def traces_of(value: str, text: str) -> list[str]:
    """
    The encodings in which *value* is in *text*, looked for in a way that is not the redactor's.
    """
    plain = "".join(text.split())
    readings = {
        "plain": plain,
        "URL": unquote(plain),
        "HTML": html.unescape(plain),
        "JSON": plain.replace("\\/", "/").replace("\\\\", "\\").replace('\\"', '"'),
        "base64": "".join(unbased(plain)),
    }
    wanted = "".join(value.split())
    found = [name for name, reading in readings.items() if wanted in "".join(reading.split())]
    return [*found, *(["hex"] if value.encode().hex() in plain.lower() else [])]


def unbased(text: str) -> list[str]:
    """
    What each stretch of base64 says, from each of its first four signs on.
    """
    signs = text.replace("-", "+").replace("_", "/").replace("%2B", "+").replace("%2F", "/")
    runs = "".join(
        sign if sign.isascii() and (sign.isalnum() or sign in "+/") else " " for sign in signs
    ).split()
    said = []
    for run in runs:
        for start in range(min(4, len(run))):
            rest = run[start:]
            said.append(base64.b64decode(rest[: len(rest) // 4 * 4]).decode("utf-8", "replace"))
    return said


@pytest.mark.parametrize(
    ("exchange", "expected"),
    [
        (PLACES["text"]("k3y-of-the-notebook"), "text: before <secret:KEY> after"),
        (PLACES["path"]("k3y-of-the-notebook"), "url: http://a.test/in/<secret:KEY>/path"),
        (PLACES["query"]("k3y-of-the-notebook"), "any: <secret:KEY>"),
        (PLACES["JSON key"]("k3y-of-the-notebook"), "is <secret:KEY>: 1"),
        (PLACES["user of the URL"]("k3y-of-the-notebook"), "url: http://me:<secret:password>@a.test/"),
        (PLACES["cookie"]("k3y-of-the-notebook"), "cookie: a=b; c=<secret:KEY>"),
        (PLACES["cookie set"]("k3y-of-the-notebook"), "set-cookie: c=<secret:KEY>; Path=/"),
        (PLACES["form"]("k3y-of-the-notebook"), "any: <secret:KEY>"),
    ],
)
def test_a_secret_is_replaced_by_its_name(exchange: Exchanged, expected: str) -> None:
    text = dump_cassette(take_of(exchange, redactor=Redactor({"KEY": "k3y-of-the-notebook"})))

    assert expected in [line.strip() for line in text.splitlines()]


@pytest.mark.parametrize(
    ("exchange", "expected"),
    [
        (
            (
                get("http://a.test/", (("Authorization", "Bearer abcdef-123456"),)),
                answer(b"abcdef-123456", TEXT),
            ),
            ["authorization: Bearer <secret:authorization>", "text: <secret:authorization>"],
        ),
        (
            (get("http://a.test/", (("X-Api-Key", "abcdef-123456"),)), answer(b"abcdef-123456", TEXT)),
            ["x-api-key: <secret:x-api-key>", "text: <secret:x-api-key>"],
        ),
        (
            (get("http://a.test/?access_token=abc%2F1234567&a=1"), answer(b"abc/1234567", TEXT)),
            ["access_token: <secret:access_token>", "text: <secret:access_token>"],
        ),
        (
            (post("http://a.test/", b"user=me&password=abc%2F1234567", FORM), answer(b"abc/1234567", TEXT)),
            ["user: me", "password: <secret:password>", "text: <secret:password>"],
        ),
        (
            (get("http://me:abc%2F1234567@a.test/"), answer(b"abc/1234567", TEXT)),
            ["url: http://me:<secret:password>@a.test/", "text: <secret:password>"],
        ),
        (
            (get("http://a.test/"), answer(as_json({"user": {"clientSecret": ["a", 1, None, True, ""]}}))),
            ["- <secret:clientSecret>", "- 1", "- null", "- true", '- ""'],
        ),
        (
            (get("http://a.test/"), answer(b'{"user": {"secret":"a", "tokens": NaN}, "pwd" : "b"}')),
            ['text: \'{"user": {"secret":"<secret:secret>", "tokens": NaN}, "pwd" : "<secret:pwd>"}\''],
        ),
        (
            (get("http://a.test/"), answer(b'{"user": {"secret":"a", "tokens": 3.10}, "pwd" : 1.20}')),
            ["secret: <secret:secret>", "pwd: 1.2", "spelled:", '"5": "3.10"'],
        ),
        (
            (get("http://a.test/"), answer(b"oauth_token=abc&token=abcd-12345&x=1", FORM)),
            ["oauth_token: <secret:oauth_token>", "token: <secret:token:[0-9a-f]{4}-[0-9a-f]{5}>"],
        ),
        (
            (get("http://a.test/", (("cookie", "sid=abc-12345678"),)), answer(b"abc-12345678", TEXT)),
            ["cookie: sid=<secret:sid>", "text: <secret:sid>"],
        ),
        (
            (
                get("http://a.test/"),
                answer(
                    b"abc/1234567", (*TEXT, ("location", "http://b.test/?a=1&access_token=abc%2F1234567#x"))
                ),
            ),
            [
                'location: "http://b.test/?a=1&access_token=<secret:access_token:[0-9a-f]{3}/[0-9a-f]{7}>#x"',
                "text: <secret:access_token:[0-9a-f]{3}/[0-9a-f]{7}>",
            ],
        ),
        (
            (
                get("http://a.test/"),
                answer(headers=(("set-cookie", "sid=s3ss10n.1; Path=/"), ("x-session-token", "x"))),
            ),
            [
                "set-cookie: sid=<secret:sid:[0-9a-z]{7}[.][0-9a-z]{1}>; Path=/",
                "x-session-token: <secret:x-session-token>",
            ],
        ),
    ],
)
def test_a_place_gives_a_secret_away(exchange: Exchanged, expected: list[str]) -> None:
    """
    By the name of the header, parameter or member; its echoes are found by their value.
    """
    text = dump_cassette(take_of(exchange))

    lines = [line.strip() for line in text.splitlines()]
    assert [line for line in lines if line in expected] == expected


def test_two_secrets_of_one_name_are_both_looked_for() -> None:
    cassette = take_of(
        (get("http://a.test/", (("authorization", "Bearer first-12345"),)), answer(b"first-12345", TEXT)),
        (get("http://a.test/", (("authorization", "Bearer other-12345"),)), answer(b"other-12345", TEXT)),
    )

    assert "12345" not in dump_cassette(cassette)


def test_a_secret_that_begins_like_another_leaves_no_tail() -> None:
    redactor = Redactor({"A": "abcdefgh", "B": "abcdefgh-and-more"})

    assert redactor.text("abcdefgh-and-more, abcdefgh") == "<secret:B>, <secret:A>"


def test_a_number_can_be_a_secret() -> None:
    redactor = Redactor({"PIN": "12345678"})

    text = dump_cassette(
        take_of((get("http://a.test/"), answer(as_json({"a": 12345678}))), redactor=redactor)
    )

    assert "a: <secret:PIN:8-digits>" in text


def test_further_names_come_from_the_configuration() -> None:
    redactor = Redactor({}, ["licence-plate"])

    text = dump_cassette(
        take_of(
            (get("http://a.test/?licencePlate=a"), answer(as_json({"licence_plate": "b"}))), redactor=redactor
        )
    )

    assert "licencePlate: <secret:licencePlate>" in text
    assert "licence_plate: <secret:licence_plate>" in text


def test_a_binary_body_with_a_secret_is_refused() -> None:
    with pytest.raises(SecretLeak) as caught:
        take_of(PLACES["binary"]("pässwörd-1"), redactor=Redactor({"KEY": "pässwörd-1"}))

    assert str(caught.value) == (
        "the recording of tests/test_a.py::test_a was refused: it still holds a secret\n"
        "  - KEY in interaction 1, response body\n"
        "if it is one: keep it out of what is recorded, or name its header, parameter or JSON member\n"
        "in pyproject.toml: [tool.taketwo] redact = [...]\n"
        "a body of bytes is recorded as it is, with what is packed in it: send it with its Content-Encoding, "
        "which is unpacked, or without the secret\n"
        "if it is none: name it, its path or a /pattern/ of its value under keep = [...]"
    )


def test_a_header_named_like_a_secret_is_refused() -> None:
    with pytest.raises(SecretLeak) as caught:
        take_of(
            (get("http://a.test/", (("k3y-12345", "1"),)), answer()), redactor=Redactor({"KEY": "k3y-12345"})
        )

    assert str(caught.value).splitlines()[1:-3] == ["  - KEY in interaction 1, request headers"]


def test_a_test_named_like_a_secret_is_refused_without_its_name() -> None:
    with pytest.raises(SecretLeak) as caught:
        take_of(
            (get("http://a.test/"), answer()), redactor=Redactor({"KEY": "k3y-12345"}), test="a[k3y-12345]"
        )

    assert str(caught.value).splitlines()[:-3] == [
        "the recording of a[<secret:KEY>] was refused: it still holds a secret",
        "  - the id of the test",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["A" * 30, "%41" * 3, '"\\' * 10])
def test_a_text_that_is_ten_times_longer_takes_at_most_ten_times_the_steps(piece: str) -> None:
    redactor = Redactor(SECRETS)
    short, long = piece * 1_000, piece * 10_000

    of_short, of_long = calls_of(lambda: redactor.text(short)), calls_of(lambda: redactor.text(long))

    assert of_long.total() <= 10 * of_short.total()
    assert redactor.text(long) == long


def test_secrets_are_the_listed_variables_and_those_named_so() -> None:
    environment = {
        "MESH_SHARED_SECRET": "s" * 8,
        "github_token": "t" * 8,
        "APIKEY": "a" * 8,
        "DB_PASSWORD_FILE": "p" * 8,
        "SHORT_TOKEN": "1234567",
        "TOKENIZER": "bert-base",
        "SECRETARY": "Miss Moneypenny",
        "LISTED": "x",
        "EMPTY": "",
        "HOME": "/home/me",
    }

    assert sorted(secrets_of_environment(environment, ["LISTED", "EMPTY", "ABSENT"])) == [
        "APIKEY",
        "DB_PASSWORD_FILE",
        "LISTED",
        "MESH_SHARED_SECRET",
        "github_token",
    ]


def test_no_secrets_leave_everything_as_it_is() -> None:
    assert Redactor({"EMPTY": ""}).text("text") == "text"


@pytest.mark.parametrize("now", ["k3y-of-the-notebook", "an0ther-key", None])
def test_a_replay_knows_a_secret_whatever_its_value_is_now(now: str | None) -> None:
    recorded = "k3y-of-the-notebook"
    request = post("http://a.test/", as_json({"any": recorded, "other": 1}))
    cassette = take_of(
        (request, answer(f"it is {recorded}".encode(), TEXT)), redactor=Redactor({"KEY": recorded})
    )

    secrets = {"KEY": now} if now else {}
    replay = replay_of(cassette, redactor=Redactor(secrets), reveal=secrets)
    shown = now or "secret-KEY"
    sent = post("http://a.test/", as_json({"any": shown, "other": 1}))

    assert replay.response(0).body == f"it is {shown}".encode()
    assert fingerprint(replay.incoming(sent, NO_BASES)) == fingerprint(replay.requests()[0])
    assert shown not in repr(replay.incoming(sent, NO_BASES))


def test_what_a_service_handed_out_as_a_secret_is_known_when_it_comes_back() -> None:
    login = (post("http://a.test/login", b"{}"), answer(as_json({"token": "abcd-12345"})))
    use = (post("http://a.test/use", as_json({"text": "with abcd-12345"})), answer(b"used", TEXT))

    replay = replay_of(take_of(login, use))
    token = json.loads(whole(replay.response(0).body))["token"]
    sent = post("http://a.test/use", as_json({"text": f"with {token}"}))

    assert (len(token), token[4]) == (10, "-")
    assert token != "abcd-12345"
    assert fingerprint(replay.incoming(sent, NO_BASES)) == fingerprint(replay.requests()[1])


def test_a_secret_that_the_test_holds_itself_is_known_by_its_place_in_a_replay_too() -> None:
    login = post("http://a.test/login", as_json({"password": "hunter2-hunter2", "note": "hunter2-hunter2"}))
    later = post("http://a.test/echo", b"hunter2-hunter2", TEXT)

    replay = replay_of(take_of((login, answer()), (later, answer())))
    incoming = [replay.incoming(request, NO_BASES) for request in (login, later)]

    assert list(map(fingerprint, incoming)) == list(map(fingerprint, replay.requests()))
    assert "hunter2" not in repr(incoming)


def test_secrets_that_have_no_value_now_are_told_apart_when_they_come_back() -> None:
    """
    One stand-in may begin like another.
    """
    redactor = Redactor({"KEY": "first-12345", "KEY_2": "other-12345"})
    request = post("http://a.test/", b"other-12345 first-12345", TEXT)

    replay = replay_of(take_of((request, answer()), redactor=redactor))
    sent = post("http://a.test/", b"secret-KEY_2 secret-KEY", TEXT)

    assert fingerprint(replay.incoming(sent, NO_BASES)) == fingerprint(replay.requests()[0])


@pytest.mark.parametrize("headers", [JSON, ()])
def test_a_service_may_lay_out_its_json_as_it_likes(headers: tuple[tuple[str, str], ...]) -> None:
    body = b'{ "password" : "a/b", "password": "c" }'

    text = dump_cassette(take_of((get("http://a.test/"), answer(body, headers))))

    assert '{ "password" : "<secret:password>", "password": "<secret:password>" }' in text
