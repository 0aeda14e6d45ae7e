"""
Names by places: which secrets each tool leaves in its cassette, and which harmless values it changes.

``python -m tests.benchmarks.secret_table`` records against a server that echoes bodies, with taketwo as it is, with
VCR.py and the filters that its documentation and that of pytest-recording recommend, and with VCR.py alone; then it looks through the last cassette by a rule as scanners have it: a telling name and a
value of high entropy. It prints the table of ``docs/secrets.md``. Every value is made up for the run.
"""

# ruff: noqa: E501 - one place, and one tool, in each line

from __future__ import annotations

import json
import logging
import random
import re
import string
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import vcr

import taketwo
from taketwo.cassette.secrets.values import entropy

_dice = random.Random(19)  # noqa: S311 - the table is the same each time

NAMES = [
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
]
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


def a_secret() -> str:
    """
    What a service issues: letters of both cases and digits.
    """
    return "".join(_dice.choices(string.ascii_letters + string.digits, k=32))


Send = Callable[[httpx.Client, str, str, str], object]


def _post(client: httpx.Client, url: str, text: str, kind: str) -> object:
    return client.post(url, content=text.encode(), headers={"content-type": kind})


PLACES: Mapping[str, Send] = {
    "JSON": lambda c, u, n, v: c.post(u, json={"a": {n: v}}),
    "form": lambda c, u, n, v: c.post(u, data={n: v}),
    "query": lambda c, u, n, v: c.get(f"{u}?a=1&{quote(n)}={quote(v)}"),
    "header": lambda c, u, n, v: c.get(u, headers={n.replace("_", "-"): v}),
    "cookie": lambda c, u, n, v: c.get(u, headers={"cookie": f"a=1; {n}={quote(v)}"}),
    "multipart": lambda c, u, n, v: c.post(u, files={n: (None, v)}),
    "NDJSON": lambda c, u, n, v: _post(c, u, f'{{"a": 1}}\n{json.dumps({n: v})}\n', "application/x-ndjson"),
    "SSE": lambda c, u, n, v: _post(c, u, f"event: a\ndata: {json.dumps({n: v})}\n\n", "text/event-stream"),
    "JSON in JSON": lambda c, u, n, v: c.post(u, json={"body": json.dumps({n: v})}),
    "name and value": lambda c, u, n, v: c.post(u, json={"name": n, "value": v}),
    "URL in JSON": lambda c, u, n, v: c.post(u, json={"next": f"http://b.test/x?{n}={quote(v)}"}),
    "XML": lambda c, u, n, v: _post(c, u, f"<a><{n}>{v}</{n}></a>", "application/xml"),
    "HTML": lambda c, u, n, v: _post(c, u, f'<input type="hidden" name="{n}" value="{v}">', "text/html"),
    "GraphQL": lambda c, u, n, v: c.post(
        u, json={"query": f'{{ a({re.sub("[^a-zA-Z]", "_", n)}: "{v}") {{ b }} }}'}
    ),
    "YAML": lambda c, u, n, v: _post(c, u, f"a: 1\n{n}: {v}\n", "application/yaml"),
    "dotenv": lambda c, u, n, v: _post(c, u, f"A=1\n{n.upper().replace('-', '_')}={v}\n", "text/plain"),
}


class Echo(BaseHTTPRequestHandler):
    """
    Gives back the body of a request.
    """

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
        pass

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}"
        self.send_response(200)
        for name, value in self.headers.items():
            if name.lower() == "content-type":
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()


@contextmanager
def a_server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


RECOMMENDED: Mapping[str, Any] = {
    "filter_headers": ["authorization", "proxy-authorization", "x-api-key", "cookie", "set-cookie"],
    "filter_query_parameters": [
        "api_key",
        "apikey",
        "access_token",
        "token",
        "key",
        "secret",
        "password",
        "signature",
    ],
    "filter_post_data_parameters": [
        "password",
        "client_secret",
        "api_key",
        "access_token",
        "refresh_token",
        "token",
    ],
}
Record = Callable[[Path], Any]
TOOLS: Mapping[str, Record] = {
    "taketwo": lambda path: taketwo.use_cassette(path, block_network=False),
    "VCR.py with recommended filters": lambda path: vcr.VCR(**RECOMMENDED).use_cassette(str(path)),
    "VCR.py alone": lambda path: vcr.VCR().use_cassette(str(path)),
}


@dataclass(slots=True)
class Counted:
    """
    How many secrets were left out of *sent* ones in each place, and which harmless values were changed.
    """

    sent: dict[str, int] = field(default_factory=dict)
    caught: dict[str, int] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    harmed: list[str] = field(default_factory=list)

    def note(self, place: str, name: str, *, is_caught: bool) -> None:
        self.sent[place] = self.sent.get(place, 0) + 1
        self.caught[place] = self.caught.get(place, 0) + is_caught
        self.missed += [] if is_caught else [f"{name} in {place}"]


def is_in(text: str, value: str) -> bool:
    """
    Whether a cassette holds a value, however its file escapes it.
    """
    plain = re.sub(r"\\?\n\s*\\?", " ", text)
    forms = {value, quote(value), quote(value, safe=""), json.dumps(value)[1:-1], value.replace(" ", "+")}
    return any(form in text or form in plain for form in forms)


def measured(record: Record, url: str, folder: Path) -> tuple[Counted, list[tuple[str, str, str]]]:
    """
    What a tool leaves in its cassettes, and the texts of these by place with the names and values.
    """
    counted, left = Counted(), []
    for number, (place, send) in enumerate(PLACES.items()):
        secrets = [(name, a_secret()) for name in NAMES]
        for kind, pairs in (("secret", secrets), ("harmless", [*HARMLESS.items()])):
            path = folder / f"{number}-{kind}.yaml"
            with record(path), httpx.Client() as client:
                for name, value in pairs:
                    send(client, url, name, value)
            text = path.read_text(encoding="utf-8")
            for name, value in pairs:
                if kind == "secret":
                    counted.note(place, name, is_caught=not is_in(text, value))
                    left.append((place, name, value))
                elif not is_in(text, value):
                    counted.harmed.append(f"{name} in {place}")
    return counted, left


_SCANNED = re.compile(
    r"(?i)[\w.-]{0,50}(?:access|auth|api|credential|creds|key|passw(?:or)?d|secret|token)[\w.-]{0,20}"
    r"[\s'\"]{0,3}(?:=|>|:|,)[\s'\"=]{0,5}([\w.=+/-]{10,150})"
)
_LEAST_ENTROPY = 3.5


def scanned(folder: Path, values: list[tuple[str, str, str]]) -> Counted:
    """
    What a rule as scanners have it finds in cassettes that hold everything.
    """
    counted = Counted()
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*-secret.yaml"))]
    found = {hit[1] for text in texts for hit in _SCANNED.finditer(text) if entropy(hit[1]) >= _LEAST_ENTROPY}
    for place, name, value in values:
        counted.note(place, name, is_caught=any(value in each for each in found))
    harmless = [path.read_text(encoding="utf-8") for path in folder.glob("*-harmless.yaml")]
    hits = {
        hit[1] for text in harmless for hit in _SCANNED.finditer(text) if entropy(hit[1]) >= _LEAST_ENTROPY
    }
    counted.harmed = sorted(hits & set(HARMLESS.values()))
    return counted


def table() -> tuple[str, Mapping[str, Counted]]:
    """
    The table as Markdown, and what it counts.
    """
    counts: dict[str, Counted] = {}
    with a_server() as url, tempfile.TemporaryDirectory() as root:
        values: list[tuple[str, str, str]] = []
        for number, (tool, record) in enumerate(TOOLS.items()):
            folder = Path(root, str(number))
            folder.mkdir()
            counts[tool], values = measured(record, url, folder)
        counts["a scanner's rule, after the fact"] = scanned(folder, values)
    head = ["| place | " + " | ".join(counts) + " |", "| --- |" + " --- |" * len(counts)]
    rows = [
        f"| {place} | "
        + " | ".join(f"{one.caught[place]} of {one.sent[place]}" for one in counts.values())
        + " |"
        for place in PLACES
    ]
    sums = " | ".join(f"{sum(one.caught.values())} of {sum(one.sent.values())}" for one in counts.values())
    harmless = len(PLACES) * len(HARMLESS)
    harmed = " | ".join(f"{len(one.harmed)} of {harmless}" for one in counts.values())
    return "\n".join([*head, *rows, f"| caught | {sums} |", f"| harmed | {harmed} |"]), counts


def main() -> None:
    logging.getLogger("vcr").setLevel(logging.ERROR)
    text, counts = table()
    ours = counts["taketwo"]
    sys.stdout.write(
        f"{text}\n\nmissed: {', '.join(ours.missed) or 'none'}\nharmed: {', '.join(ours.harmed) or 'none'}\n"
    )


if __name__ == "__main__":
    main()
