"""
What one answer costs by the size of its body: processor time, and the most memory of a process (Linux).

  python -m tests.benchmarks.bodies
  python -m tests.benchmarks.bodies --sizes 1000 10000000

This process answers as a service. Each recording, and each replay, is a process of its own that opens a
cassette with taketwo.use_cassette and reads the answer with http.client in pieces of 64 KiB. What it loads
before is not counted. Of two replays the second counts: the first one compiles the cassette.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from tests.benchmarks.tables import aligned

_SIZES = (1_000, 100_000, 1_000_000, 10_000_000, 200_000_000)
_ROW = b'{"id": 1234, "name": "Some item of the shop", "price": 1.5, "tags": ["a", "b"]},\n'
_KINDS = {"json": "application/json", "binary": "application/octet-stream"}
_PROCESS = """
import hashlib, json, re, sys, time
from http.client import HTTPConnection
from pathlib import Path
import taketwo

def most_memory():
    # Not what resource tells, which counts the process that started this one.
    return int(re.search(r"VmHWM:\\s*([0-9]+)", Path("/proc/self/status").read_text())[1]) / 1024

host, path, mode = sys.argv[1:]
with taketwo.use_cassette("nothing.yaml"):  # what every process loads
    pass
before, sha = time.process_time(), hashlib.sha256()
memory = most_memory()
with taketwo.use_cassette("a.yaml", record_mode=mode):
    connection = HTTPConnection(host)
    connection.request("GET", path)
    with connection.getresponse() as answer:
        while piece := answer.read(65536):
            sha.update(piece)
    connection.close()
took = time.process_time() - before
print(json.dumps([took, most_memory(), most_memory() - memory, sha.hexdigest()]))
"""


class _Service(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kind, size = self.path.strip("/").split("/")
        body = body_of(kind, int(size))
        self.send_response(200)
        self.send_header("content-type", _KINDS[kind])
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        del format, args


def body_of(kind: str, size: int) -> bytes:
    """
    A body of about *size* bytes: an array of JSON, or bytes that no text has.
    """
    if kind == "binary":
        return bytes(range(256)) * (size // 256 + 1)
    return b"[" + (_ROW * (size // len(_ROW) + 1))[:-2] + b"]"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=_SIZES, help="bytes of the body")
    sizes = parser.parse_args(arguments).sizes
    rows: list[tuple[str, ...]] = [("body", "bytes", "recorded", "", "replayed", "")]
    with _service() as host:
        for kind in _KINDS:
            rows += [(kind, f"{size:,}", *_measured(host, f"/{kind}/{size}")) for size in sizes]
    sys.stdout.write(aligned(rows) + "\n")
    return 0


def _measured(host: str, path: str) -> Iterator[str]:
    with TemporaryDirectory(prefix="taketwo-bodies-") as folder:
        recorded = _run(Path(folder), host, path, "rewrite")
        _run(Path(folder), host, path, "none")
        replayed = _run(Path(folder), host, path, "none")
    if recorded[3] != replayed[3]:
        raise ValueError(f"{path} was replayed as something else")
    for seconds, most, grown, _ in (recorded, replayed):
        yield f"{seconds:.3f} s"
        yield f"{most:.0f} MB (+{grown:.0f})"


def _run(folder: Path, host: str, path: str, mode: str) -> tuple[float, float, float, str]:
    done = subprocess.run(
        [sys.executable, "-c", _PROCESS, host, path, mode],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, most, grown, sha = json.loads(done.stdout)
    return seconds, most, grown, sha


@contextmanager
def _service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Service)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
