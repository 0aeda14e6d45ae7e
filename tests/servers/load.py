"""
Load on a Mesh of its own, on this machine only: figures for people, no test.

    python tests/servers/load.py --seconds 30 --rows 100000 [--database URL]

First the latency of single requests, small and with many rows, then sixteen clients that create, patch, list
and delete, each checking that it sees its own rows, all of them, and nobody else's.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

CLIENTS: Final = 16
BATCH: Final = 500
REPEATS: Final = 300
KEPT: Final = 20
BULK: Final = "mutation($i:[NotionModelInput!]!){bulkCreateNotionModel(inputs:$i){id}}"
LIST: Final = "query($w:NotionModelFilter){notionModel(where:$w,limit:25){page_id content}}"

Json = dict[str, Any]


@dataclass
class Client:
    """
    One connection that stays open.
    """

    connection: HTTPConnection

    def ask(self, method: str, path: str, body: object = None) -> Json:
        data = None if body is None else json.dumps(body)
        self.connection.request(method, path, data, {"content-type": "application/json"})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {text[:200]!r}")
        parsed: Json = json.loads(text)
        return parsed

    def create(self, content: Json) -> str:
        return str(self.ask("POST", "/api/content/UserProfile", {"content": content})["data"]["_id"])

    def owned(self, owner: str, limit: int = 25) -> Json:
        where = quote(json.dumps({"indexer": {"path": "userId", "equals": owner}}))
        return self.ask("GET", f"/api/content/UserProfile?where={where}&limit={limit}")


@dataclass
class Soak:
    """
    Sixteen clients for a while; *mistakes* must stay empty.
    """

    connect: Callable[[], Client]
    until: float
    requests: int = 0
    mistakes: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        threads = [threading.Thread(target=self._client, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _client(self, number: int) -> None:
        client, owner, kept, turns, asked = self.connect(), f"client {number}", dict[str, int](), 0, 0
        try:
            while time.monotonic() < self.until:
                asked += self._turn(client, owner, kept, turns)
                turns += 1
        except Exception as error:  # noqa: BLE001 - what the run is for
            self.mistakes.append(f"{owner}: {error!r}")
        with self._lock:
            self.requests += asked

    def _turn(self, client: Client, owner: str, kept: dict[str, int], turn: int) -> int:
        page_id = client.create(
            {"userId": owner, "email": f"{turn}@x", "first_name": "n", "metadata": {"n": turn}}
        )
        client.ask("PATCH", f"/api/content/UserProfile/{page_id}", {"content": {"turn": turn}})
        kept[page_id] = turn
        if len(kept) > KEPT:
            oldest = next(iter(kept))
            del kept[oldest]
            client.ask("DELETE", f"/api/content/UserProfile/{oldest}")
        page = client.owned(owner, limit=0)
        seen = {row["_id"]: row["turn"] for row in page["data"]}
        if seen != kept or page["total"] != len(kept):
            self.mistakes.append(f"{owner}: {len(seen)} rows instead of {len(kept)}")
        return 4


def main() -> int:
    given = _arguments()
    options = ["--database", given.database] if given.database else []
    command = [
        sys.executable,
        "-m",
        "mesh_inmemory",
        "--port",
        "0",
        "--test-mode",
        "--log-level",
        "warning",
        *options,
    ]
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_SECRET")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        _say(line.strip())
        address = urlsplit(line.split()[3])

        def connect() -> Client:
            return Client(HTTPConnection(str(address.hostname), address.port, timeout=60))

        try:
            return _measure(connect, server.pid, given.seconds, given.rows)
        finally:
            connect().ask("POST", "/test/reset-db")
            server.terminate()


def _measure(connect: Callable[[], Client], pid: int, seconds: float, rows: int) -> int:
    client = connect()
    client.ask("POST", "/test/reset-db")
    for size in (1000, rows):
        _fill(client, size)
        _say(f"\n{size} rows, one client")
        _latencies(client)
    client.ask("POST", "/test/reset-db")
    soak, before = Soak(connect, time.monotonic() + seconds), _memory(pid)
    sampled: list[int] = []
    sampling = threading.Thread(target=_sample, args=(pid, soak.until, sampled))
    sampling.start()
    soak.run()
    sampling.join()
    _say(f"\n{CLIENTS} clients, {seconds:.0f} s: {soak.requests / seconds:.0f} requests/s")
    _say(f"memory MB: {before} before, then {sampled}")
    _say("no error, no lost and no foreign row" if not soak.mistakes else "\n".join(soak.mistakes[:20]))
    return 1 if soak.mistakes else 0


def _fill(client: Client, size: int) -> None:
    have = int(client.ask("GET", "/api/content/UserProfile?limit=1")["total"])
    for start in range(have, size, BATCH):
        rows = [_row(number) for number in range(start, min(start + BATCH, size))]
        if "errors" in client.ask("POST", "/graphql", {"query": BULK, "variables": {"i": rows}}):
            raise RuntimeError("the rows could not be created")
    time.sleep(2)  # as long as the statistics may lag behind


def _row(number: int) -> Json:
    # Ten rows each share a userId, however many rows there are.
    user = f"user {number // 10}"
    content = {"userId": user, "email": f"{number}@x", "first_name": "n", "metadata": {"n": number}}
    return {"type": "UserProfile", "content": content, "indexer": {"userId": user, "email": f"{number}@x"}}


def _latencies(client: Client) -> None:
    page_id = client.create({"userId": "one", "email": "one@x"})
    listed = {
        "query": LIST,
        "variables": {"w": {"type": {"eq": "UserProfile"}, "indexer": _equals("user 42")}},
    }
    steps: dict[str, Callable[[], object]] = {
        "create": lambda: client.create({"userId": "made", "email": "x"}),
        "get by id": lambda: client.ask("GET", f"/api/content/UserProfile/{page_id}"),
        "list by indexer": lambda: client.owned("user 42"),
        "list by indexer, no match": lambda: client.owned("nobody"),
        "GraphQL list by indexer": lambda: client.ask("POST", "/graphql", listed),
        "patch": lambda: client.ask("PATCH", f"/api/content/UserProfile/{page_id}", {"content": {"n": 1}}),
        "list page of all": lambda: client.ask("GET", "/api/content/UserProfile"),
    }
    for name, step in steps.items():
        times = [_timed(step) for _ in range(REPEATS)]
        ordered = sorted(times)
        _say(
            f"  {name:27} median {statistics.median(times) * 1000:6.2f} ms   "
            f"p95 {ordered[int(REPEATS * 0.95)] * 1000:6.2f} ms   {1 / statistics.mean(times):6.0f}/s"
        )


def _equals(user: str) -> Json:
    return {"path": "userId", "equals": user}


def _timed(step: Callable[[], object]) -> float:
    before = time.perf_counter()
    step()
    return time.perf_counter() - before


def _sample(pid: int, until: float, sampled: list[int]) -> None:
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, 5))
        sampled.append(_memory(pid))


def _memory(pid: int) -> int:
    """
    The megabytes in use by the server and what it started.
    """
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    status = [Path(f"/proc/{one}/status").read_text(encoding="ascii") for one in (pid, *children)]
    return sum(int(text.split("VmRSS:")[1].split()[0]) for text in status) // 1024


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Put load on a Mesh of its own and print figures.")
    parser.add_argument("--seconds", type=float, default=30, help="how long the sixteen clients work")
    parser.add_argument("--rows", type=int, default=100_000, help="how many rows the larger table has")
    parser.add_argument(
        "--database", metavar="URL", help="a PostgreSQL instead of the one in memory; it is emptied"
    )
    return parser.parse_args()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
