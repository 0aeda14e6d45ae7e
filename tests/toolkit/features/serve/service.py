"""
A service for child processes to ask: HTTP, HTTPS and a WebSocket, in threads of this process.
"""

from __future__ import annotations

import http.server
import itertools
import json
import ssl
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import trustme
from websockets.sync.server import ServerConnection, serve

PAGE = """<!doctype html><title>Notes</title><ol></ol><script>
const origin = location.origin;
const note = (textContent) =>
  document.querySelector("ol").append(Object.assign(document.createElement("li"), {textContent}));
const headers = {"content-type": "application/json", authorization: "Bearer TOKEN"};
const send = (url, method, sent) => fetch(url, {method, headers, body: JSON.stringify(sent)})
  .then((answer) => answer.text());
const query = (name) => send("/graphql", "POST", {operationName: name, query: `query ${name} { ${name} }`});
const talked = (url) => new Promise((resolve) => {
  const line = new WebSocket(url);
  line.onopen = () => line.send("hello");
  line.onmessage = ({data}) => { note(data); if (data !== "welcome") line.close(); };
  line.onclose = resolve;
});
const streamed = () => new Promise((resolve) => {
  const source = new EventSource("/stream");
  source.onmessage = ({data}) => { note(data); if (data === "two") { source.close(); resolve(); } };
});
(async () => {
  note(await query("notes"));
  note(await query("users"));
  note(await (await fetch("/count")).text());
  note(await (await fetch("/count")).text());
  const moved = await fetch("/moved");
  note(`${new URL(moved.url).pathname} ${moved.redirected}`);
  note(new Uint8Array(await (await fetch("/bytes")).arrayBuffer()).join(" "));
  note(await send(origin.replace("127.0.0.1", "localhost") + "/elsewhere", "PUT", {change: "CHANGE"}));
  await streamed();
  await talked("LINE/talk");
  note("the end");
})();
</script>"""
"""A page that asks for much; TOKEN, CHANGE and LINE are replaced."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pages: ClassVar[dict[str, str]] = {}
    counter: ClassVar[Iterator[int]] = itertools.count(1)

    def do_GET(self) -> None:
        if self.path == "/stream":
            self._stream()
        elif self.path in {"/start", "/moved"}:
            self._say(b"", "text/plain", status=302, location=self.pages.get(self.path, "/page"))
        elif self.path in self.pages:
            self._say(self.pages[self.path].encode(), "text/html")
        elif self.path == "/count":
            self._say(str(next(self.counter)).encode(), "text/plain")
        elif self.path == "/bytes":
            self._say(bytes([0, 128, 255]), "application/octet-stream")
        else:
            made = {"id": str(uuid.uuid4()), "path": self.path, "auth": self.headers.get("authorization")}
            self._say(json.dumps(made).encode(), "application/json")

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self._say(json.dumps({"data": {sent["operationName"]: "found"}}).encode(), "application/json")

    def do_PUT(self) -> None:
        self._say(self.rfile.read(int(self.headers["content-length"])), "application/json", is_shared=True)

    def do_OPTIONS(self) -> None:
        self._say(b"", "text/plain", is_shared=True)

    def _say(
        self, body: bytes, kind: str, *, status: int = 200, location: str = "", is_shared: bool = False
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        if is_shared:
            self.send_header("Access-Control-Allow-Origin", self.headers["origin"])
            self.send_header("Access-Control-Allow-Methods", "PUT")
            self.send_header("Access-Control-Allow-Headers", "authorization, content-type")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - as above
        """
        Say nothing.
        """

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (b"data: one\n\n", b"data: two\n\n", b""):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.flush()


def talk(line: ServerConnection) -> None:
    line.send("welcome")
    for message in line:
        line.send(f"heard {message!s}")


@dataclass(frozen=True)
class Service:
    """
    Where it listens; ``ca`` is a file of the authority that signs for it.
    """

    http: str
    https: str
    ws: str
    wss: str
    ca: Path


@contextmanager
def running(folder: Path) -> Iterator[Service]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "service.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    plain = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    secure = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    with (
        serve(talk, "127.0.0.1", 0) as socket_server,
        serve(talk, "127.0.0.1", 0, ssl=context) as secure_socket_server,
    ):
        servers = (plain, secure, socket_server, secure_socket_server)
        threads = [threading.Thread(target=one.serve_forever) for one in servers]
        for thread in threads:
            thread.start()
        try:
            yield Service(
                http=f"http://127.0.0.1:{plain.server_port}",
                https=f"https://localhost:{secure.server_port}",
                ws=f"ws://127.0.0.1:{socket_server.socket.getsockname()[1]}",
                wss=f"wss://localhost:{secure_socket_server.socket.getsockname()[1]}",
                ca=folder / "service.pem",
            )
        finally:
            for one in servers:
                one.shutdown()
            for thread in threads:
                thread.join()
            plain.server_close()
            secure.server_close()
