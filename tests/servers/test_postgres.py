"""
The same server on a PostgreSQL by address: runs where MESH_TEST_DATABASE_URL names one whose contents may go.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.servers.conftest import Server, Start

URL = os.environ.get("MESH_TEST_DATABASE_URL", "")

pytestmark = pytest.mark.skipif(not URL, reason="MESH_TEST_DATABASE_URL names no PostgreSQL")


def client(server: Server) -> httpx.Client:
    return httpx.Client(base_url=server.url, trust_env=False, timeout=20)


def test_two_servers_that_start_at_once_share_their_rows(start: Start) -> None:
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda _: start("--test-mode", "--database", URL, environment={}), range(2))

    with client(one) as first, client(two) as second:
        first.post("/test/reset-db")
        created = first.post("/api/content/User", json={"content": {"name": "Ada"}}).json()["data"]
        assert second.get(f"/api/content/User/{created['_id']}").json()["data"] == created
        assert (
            second.patch(f"/api/content/User/{created['_id']}", json={"content": {"n": 1}}).status_code == 200
        )
        assert first.get("/api/content/User").json()["data"] == [{**created, "n": 1}]
    assert one.line.endswith("(on a PostgreSQL by address)\n")


def test_rows_outlive_the_server(start: Start) -> None:
    with client(start("--test-mode", "--database", URL, environment={})) as http:
        http.post("/test/reset-db")
        created = http.post("/api/content/User", json={"content": {"name": "Ada"}}).json()["data"]

    again = start("--database", URL, environment={})

    with client(again) as http:
        assert http.get("/api/content/User").json()["data"] == [created]


def test_a_request_may_ask_for_the_database_in_memory(start: Start) -> None:
    memory = {"x-use-in-memory": "true"}
    with client(start("--test-mode", "--database", URL, environment={})) as http:
        http.post("/test/reset-db")
        created = http.post("/api/content/User", json={"content": {"name": "Ada"}}).json()["data"]
        aside = http.post("/api/content/User", json={"content": {"name": "Bea"}}, headers=memory).json()[
            "data"
        ]
        assert http.get("/api/content/User").json()["data"] == [created]
        assert http.get("/api/content/User", headers=memory).json()["data"] == [aside]
        http.post("/test/reset-db", headers=memory)
        assert http.get("/api/content/User", headers=memory).json()["total"] == 0
        assert http.get("/api/content/User").json()["total"] == 1
