"""
A small service for the toolkit's own tests: it mints ids and times, can be emptied, and shows a contract.

``python notebook.py PORT``; the environment steers it:
NOTEBOOK_KEY is a secret it echoes, NOTEBOOK_CONTRACT a file with its OpenAPI document, NOTEBOOK_FIELD the
name of the member that holds a note's text, NOTEBOOK_PIDS a file it appends its process id to,
NOTEBOOK_RESET the status of the answer to a reset.
"""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import os
import sys
import time
import uuid
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

# Another one for each process, as a counter is that no reset sets back.
SEQ = itertools.count(time.time_ns() // 10**6 % 10**8)
FIELD = os.environ.get("NOTEBOOK_FIELD", "text")

OPENAPI: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Notebook", "version": "1"},
    "paths": {"/notes": {"get": {"responses": {"200": {"description": "every note"}}}}},
}


class Notebook(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without it a body, which is a packet of its own, waits 40 ms for the client to acknowledge the head.
    disable_nagle_algorithm = True
    notes: ClassVar[dict[str, dict[str, str]]] = {}

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        match path.split("/")[1:]:
            case ["health"]:
                self._answer({"status": "ok"})
            case ["openapi.json"]:
                self._answer(json.loads(_contract()))
            case ["notes"]:
                self._answer(list(self.notes.values()))
            case ["notes", note]:
                found = self.notes.get(note)
                self._answer(found or {"error": "no such note"}, 200 if found else 404)
            case ["ticket"]:
                self._answer(_ticket())
            case ["gzip"]:
                self._send(gzip.compress(b'{"packed":true}'), 200, {"content-encoding": "gzip"})
            case ["binary"]:
                self._send(bytes(range(256)), 200, {"content-type": "application/octet-stream"})
            case ["slow", milliseconds]:
                time.sleep(int(milliseconds) / 1000)
                self._answer({"slept": int(milliseconds)})
            case ["secret", disguise]:
                self._answer({"hint": _disguised(os.environ.get("NOTEBOOK_KEY", ""), disguise)})
            case _:
                self._answer({"error": "no such path"}, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        match self.path.partition("?")[0].split("/")[1:]:
            case ["reset"]:
                self.notes.clear()
                self._answer({"reset": True}, int(os.environ.get("NOTEBOOK_RESET", "200")))
            case ["notes"]:
                self._answer(self._note(json.loads(body)["text"]))
            case ["leak"]:
                key = os.environ.get("NOTEBOOK_KEY", "").encode()
                self._send(b"\x00\xff" + key, 200, {"content-type": "application/octet-stream"})
            case ["mirror"]:
                said = self.headers.get("x-said", "")
                self._send(
                    body,
                    200,
                    {
                        "content-type": self.headers.get("content-type", "text/plain"),
                        "x-told": said,
                        "set-cookie": f"told={quote(said, safe='')}; Path=/",
                        "location": f"/found?by={quote(said, safe='')}",
                    },
                )
            case ["echo"]:
                self._send(body, 200, {"content-type": self.headers.get("content-type", "text/plain")})
            case ["crash"]:
                os._exit(3)
            case _:
                self._answer({"error": "no such path"}, 404)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        sys.stderr.write(f"notebook: {format % args}\n")
        sys.stderr.flush()

    def _note(self, text: str) -> dict[str, str]:
        note = {"id": str(uuid.uuid4()), FIELD: text, "created": _now()}
        self.notes[note["id"]] = note
        return note

    def _answer(self, value: object, status: int = 200) -> None:
        content = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
        self._send(content, status, {"content-type": "application/json"})

    def _send(self, content: bytes, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"etag": f'"{uuid.uuid4().hex}"', **headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class _Server(ThreadingHTTPServer):
    # Five, as it would be, are fewer than the callers that knock at once; the kernel turns the rest away.
    request_queue_size = 128


def _disguised(secret: str, disguise: str) -> str:
    match disguise:
        case "base64":
            return base64.b64encode(secret.encode()).decode()
        case "hex":
            return secret.encode().hex()
        case "url":
            return quote(secret, safe="")
        case _:
            return secret


def _ticket() -> dict[str, object]:
    """
    What nobody can tell by its looks that it is minted.
    """
    return {"seq": next(SEQ), "job": f"job~{uuid.uuid4().hex[:12]}", "moment": time.time_ns() // 10**3}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _contract() -> str:
    file = os.environ.get("NOTEBOOK_CONTRACT")
    return Path(file).read_text(encoding="utf-8") if file else json.dumps(OPENAPI)


def main(port: int) -> None:
    if pids := os.environ.get("NOTEBOOK_PIDS"):
        with Path(pids).open("a", encoding="utf-8") as file:
            file.write(f"{os.getpid()}\n")
    _Server(("127.0.0.1", port), Notebook).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
