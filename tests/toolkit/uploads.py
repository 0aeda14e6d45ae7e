"""
A small service for tests of uploads: it tells what it was sent, and answers in parts itself.

``python uploads.py PORT``
"""

from __future__ import annotations

import hashlib
import json
import sys
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Uploads(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        match self.path.strip("/"):
            case "health":
                self._answer(b"{}", "application/json")
            case "batch":
                self._parts(uuid.uuid4().hex)
            case "frontier":
                self._parts("frontier")
            case "stream":
                self._stream(uuid.uuid4().hex)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)) or self._chunks()
        kind = self.headers["content-type"]
        boundary = kind.partition("boundary=")[2].partition(";")[0].strip('"')
        content = body.replace(boundary.encode(), b"") if boundary else body
        told = {"kind": kind.partition(";")[0], "sha": hashlib.sha256(content).hexdigest()[:12]}
        self._answer(json.dumps(told).encode(), "application/json")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the standard library
        """
        Nothing: whoever tests looks at what is recorded.
        """

    def _chunks(self) -> bytes:
        content = b""
        while "chunked" in self.headers.get("transfer-encoding", "") and (
            size := int(self.rfile.readline().strip() or b"0", 16)
        ):
            content += self.rfile.read(size)
            self.rfile.readline()
        return content

    def _parts(self, boundary: str) -> None:
        self._answer(b"".join(_parts(boundary)), f"multipart/mixed; boundary={boundary}")

    def _stream(self, boundary: str) -> None:
        self.send_response(200)
        self.send_header("content-type", f"multipart/mixed; boundary={boundary}")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for part in [*_parts(boundary), b""]:
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            self.wfile.flush()

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _parts(boundary: str) -> list[bytes]:
    made = uuid.uuid4()
    return [
        f'--{boundary}\r\nContent-Type: application/json\r\n\r\n{{"id": "{made}", "n": 1}}\r\n'.encode(),
        f"--{boundary}\r\nContent-Type: text/plain\r\n\r\nmade {made}\r\n".encode(),
        f"--{boundary}\r\nContent-Type: image/png\r\n\r\n".encode() + bytes(range(256)) * 2 + b"\r\n",
        f"--{boundary}--\r\n".encode(),
    ]


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Uploads).serve_forever()
