"""
What the table of secrets tries: names by places, and values by encodings.

Each is a message that a client sends, or a service answers with; both sides make it here.
"""

# ruff: noqa: E501 - one place, or one encoding, in each line

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import quopri
import random
import re
import string
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

import brotli
from backports import zstd

NAMES = (
    "password",
    "newPassword",
    "current_password",
    "passwd",
    "pass",
    "passphrase",
    "pwd",
    "secret",
    "client_secret",
    "api_secret",
    "webhook_secret",
    "signing_secret",
    "secretAccessKey",
    "secret_key",
    "api_key",
    "apikey",
    "x-api-key",
    "access_key",
    "private_key",
    "encryption_key",
    "access_token",
    "refresh_token",
    "id_token",
    "auth_token",
    "bearer_token",
    "bot_token",
    "reset_token",
    "csrf_token",
    "csrfmiddlewaretoken",
    "authenticity_token",
    "session_token",
    "user_token",
    "app_token",
    "device_token",
    "token",
    "session",
    "sessionid",
    "session_id",
    "connect.sid",
    "PHPSESSID",
    "jwt",
    "assertion",
    "client_assertion",
    "code_verifier",
    "credential",
    "credentials",
    "signature",
    "sig",
    "hmac",
    "authorization",
    "proxy-authorization",
    "x-auth",
    "x-auth-token",
    "x-access-key",
    "dpop",
    "stripe-signature",
    "x-hub-signature-256",
    "connection_string",
    "dsn",
    "SAMLResponse",
    "ticket",
)
HARMLESS = {
    "token_type": "Bearer", "max_tokens": "4096", "nextPageToken": "page-2", "tokens_remaining": "12",
    "x-ratelimit-remaining-tokens": "149984", "key": "invoices/2026/a.pdf", "primary_key": "id", "sort_key": "created_at",
    "object_key": "photos/cat.jpg", "public_key": "pk-of-all", "country_code": "DE", "status_code": "200", "code": "rate_limit",
    "error_code": "invalid_request", "promo_code": "SUMMER", "theme": "dark", "locale": "en_GB", "page_size": "25",
    "session_type": "training", "cookie_policy": "accepted", "signature_version": "v4", "auth_method": "password",
    "password_policy": "at least ten characters", "secret_santa": "on", "token": "Hello", "passenger": "Ada Lovelace",
    "monkey": "business", "authors": "Ada, Grace", "keyboard": "qwerty", "content_hash": "none", "digest": "weekly",
    "cache_key": "user:42:profile", "etag": "abc", "ticket": "open", "remember": "true", "sort": "asc",
}  # fmt: skip
LENGTH = 32
VARIABLES = ("MADE_UP_TOKEN", "MADE_UP_PASSWORD", "MADE_UP_PHRASE")


def secrets() -> dict[str, str]:
    """
    A value for each variable and each name, the same each time: what a service issues, and what people choose.
    """
    dice = random.Random(19)  # noqa: S311 - the table is the same each time
    issued = {
        name: "".join(dice.choices(string.ascii_letters + string.digits, k=LENGTH))
        for name in (*NAMES, VARIABLES[0])
    }
    return issued | {VARIABLES[1]: "p@ss:w/rd+100%&=?#;", VARIABLES[2]: "pässwörd of the 日本 house"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    A message without its start line: what stands behind the path, headers, and the body with its type.
    """

    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    media_type: str = ""

    def holds(self) -> bytes:
        """
        All that a program reads of it.
        """
        headers = "\n".join(f"{name}: {value}" for name, value in self.headers)
        return f"{self.query}\n{headers}\n".encode() + self.body


Make = Callable[[str, str], Message]


def _body(media_type: str, make: Callable[[str, str], str]) -> Make:
    return lambda name, value: Message(body=make(name, value).encode(), media_type=media_type)


def _json(make: Callable[[str, str], object]) -> Make:
    return _body("application/json", lambda name, value: json.dumps(make(name, value)))


def _words(name: str) -> str:
    return re.sub("[^a-zA-Z]", "_", name)


PLACES: Mapping[str, Make] = {
    "query": lambda name, value: Message(query=f"?a=1&{quote(name)}={quote(value, safe='')}"),
    "header": lambda name, value: Message(headers=((name.replace("_", "-"), value),)),
    "cookie": lambda name, value: Message(headers=(("cookie", f"{name}={quote(value)}"),)),
    "JSON": _json(lambda name, value: {"a": {name: value}}),
    "form": _body(
        "application/x-www-form-urlencoded", lambda name, value: f"a=1&{quote_plus(name)}={quote_plus(value)}"
    ),
    "multipart": _body(
        "multipart/form-data; boundary=b0",
        lambda name, value: (
            f'--b0\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n--b0--\r\n'
        ),
    ),
    "NDJSON": _body("application/x-ndjson", lambda name, value: f'{{"a": 1}}\n{json.dumps({name: value})}\n'),
    "SSE": _body("text/event-stream", lambda name, value: f"event: a\ndata: {json.dumps({name: value})}\n\n"),
    "JSON in JSON": _json(lambda name, value: {"body": json.dumps({name: value})}),
    "name and value": _json(lambda name, value: {"name": name, "value": value}),
    "URL in JSON": _json(lambda name, value: {"next": f"http://b.test/x?{name}={quote(value, safe='')}"}),
    "XML": _body("application/xml", lambda name, value: f"<a><{name}>{html.escape(value)}</{name}></a>"),
    "HTML": _body(
        "text/html", lambda name, value: f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
    ),
    "GraphQL": _json(lambda name, value: {"query": f'{{ a({_words(name)}: "{value}") {{ b }} }}'}),
    "YAML": _body("application/yaml", lambda name, value: f"a: 1\n{name}: {value}\n"),
    "dotenv": _body("text/plain", lambda name, value: f"A=1\n{name.upper().replace('-', '_')}={value}\n"),
}


def _zipped(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("a.txt", (2026, 1, 1, 0, 0, 0)), content)
    return file.getvalue()


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _units(value: str) -> str:
    units = value.encode("utf-16-be").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


FORMS: Mapping[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda value: quote(value, safe=""),
    "percent, each byte": lambda value: "".join(f"%{byte:02X}" for byte in value.encode()),
    "percent, twice": lambda value: quote(quote(value, safe=""), safe=""),
    "percent with + for spaces": quote_plus,
    "JSON escapes": lambda value: json.dumps(value)[1:-1].replace("/", "\\/"),
    "\\uXXXX, each character": _units,
    "\\xXX, each byte": lambda value: "".join(f"\\x{byte:02x}" for byte in value.encode()),
    "HTML entities": lambda value: "".join(f"&#{ord(sign)};" for sign in value),
    "base64": lambda value: _b64(value.encode()),
    "base64 of user and password": lambda value: _b64(f"me:{value}".encode()),
    "base64url": lambda value: base64.urlsafe_b64encode(value.encode()).decode().rstrip("="),
    "base64 of base64": lambda value: _b64(_b64(value.encode()).encode()),
    "base64 of gzip": lambda value: _b64(gzip.compress(f"a {value} b".encode(), mtime=0)),
    "base64 of zlib": lambda value: _b64(zlib.compress(f"a {value} b".encode())),
    "base64 of zstd": lambda value: _b64(zstd.compress(f"a {value} b".encode())),
    "base64 of zip": lambda value: _b64(_zipped(f"a {value} b".encode())),
    "base64 of UTF-16": lambda value: _b64(value.encode("utf-16-le")),
    "hex": lambda value: value.encode().hex(),
    "HEX with colons": lambda value: value.encode().hex(":").upper(),
    "hex with commas": lambda value: value.encode().hex(","),
    "base32": lambda value: base64.b32encode(value.encode()).decode(),
    "base85": lambda value: base64.b85encode(value.encode()).decode(),
    "quoted-printable": lambda value: quopri.encodestring(value.encode(), quotetabs=True).decode(),
}
"""How a value is written as a text that any body, query, header or cookie can hold."""

PACKED: Mapping[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip, as Content-Encoding": ("gzip", lambda raw: gzip.compress(raw, mtime=0)),
    "deflate, as Content-Encoding": ("deflate", zlib.compress),
    "brotli, as Content-Encoding": ("br", brotli.compress),
    "zstd, as Content-Encoding": ("zstd", zstd.compress),
    "gzip, a file": ("", lambda raw: gzip.compress(raw, mtime=0)),
    "zlib, a file": ("", zlib.compress),
    "zstd, a file": ("", zstd.compress),
    "zip, a file": ("", _zipped),
    "UTF-16, a file": ("", lambda raw: raw.decode().encode("utf-16-le")),
}
"""How a body is packed that holds a value: the Content-Encoding, if it says one, and the packing."""

CARRIERS: Mapping[str, Make] = {
    "query": lambda _, text: Message(query=f"?any={quote(text, safe='')}"),
    "header": lambda _, text: Message(headers=(("x-any", quote(text, safe="!#$&'()*+,/:;=?@[]%\\\" ")),)),
    "cookie": lambda _, text: Message(headers=(("cookie", f"any={quote(text, safe='%')}"),)),
    "JSON": _json(lambda _, text: {"any": f"before {text} after"}),
    "form": _body("application/x-www-form-urlencoded", lambda _, text: f"any={quote_plus(text)}"),
    "text": _body("text/plain; charset=utf-8", lambda _, text: f"before {text} after"),
}
"""Where a text stands that holds a known value in some encoding, under no name of a secret."""


def packed(name: str, value: str) -> Message:
    coding, pack = PACKED[name]
    return Message(
        headers=(("content-encoding", coding),) if coding else (),
        body=pack(json.dumps({"any": f"before {value} after"}, ensure_ascii=False).encode()),
        media_type="application/json" if coding else "application/octet-stream",
    )


def answered(message: Message) -> Message:
    """
    *message* as an answer has it: a query is one of an address, and a cookie is set.
    """
    link = (("link", f'<http://b.test/next{message.query}>; rel="next"'),) if message.query else ()
    headers = tuple(
        ("set-cookie", f"{value}; Path=/") if name == "cookie" else (name, value)
        for name, value in message.headers
    )
    return Message(headers=(*headers, *link), body=message.body, media_type=message.media_type)
