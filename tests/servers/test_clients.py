"""
Many clients at once.
"""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from tests.servers.conftest import Mesh

CLIENTS = 16
ROUNDS = 8


def test_sixteen_clients_do_not_disturb_each_other(mesh: Mesh) -> None:
    mesh.register("Note", indexer=["owner", "n"])

    def work(number: int) -> list[str]:
        owner = f"client {number}"
        where = f'{{"indexer":{{"path":"owner","equals":"{owner}"}}}}'
        with httpx.Client(
            base_url=mesh.http.base_url, headers=mesh.http.headers, trust_env=False, timeout=30
        ) as http:
            own = type(mesh)(http)
            kept = []
            for n in range(ROUNDS):
                made = [own.create("Note", {"owner": owner, "n": n})["_id"] for _ in range(2)]
                http.patch(f"/api/content/Note/{made[0]}", json={"content": {"n": -n, "done": True}})
                http.delete(f"/api/content/Note/{made[1]}")
                kept.append(made[0])
            page = own.page("Note", where=where, limit=0)
            assert {row["owner"] for row in page["data"]} == {owner}
            assert [(row["_id"], row["n"], row["done"]) for row in page["data"]] == [
                (page_id, -n, True) for n, page_id in enumerate(kept)
            ]
            return kept

    with ThreadPoolExecutor(CLIENTS) as pool:
        kept = [page_id for pages in pool.map(work, range(CLIENTS)) for page_id in pages]

    assert mesh.page("Note", limit=1)["total"] == len(kept) == CLIENTS * ROUNDS


def test_of_many_that_create_the_same_id_one_succeeds(mesh: Mesh) -> None:
    page_id = str(uuid.uuid4())

    def create(number: int) -> int:
        content = {"_id": page_id, "name": f"{number}"}
        return httpx.post(
            f"{mesh.http.base_url}/api/content/User",
            json={"content": content},
            headers=mesh.http.headers,
            trust_env=False,
        ).status_code

    with ThreadPoolExecutor(CLIENTS) as pool:
        statuses = sorted(pool.map(create, range(CLIENTS)))

    assert statuses == [200] + [409] * (CLIENTS - 1)
    assert mesh.page("User")["total"] == 1


def test_of_many_that_register_a_definition_all_get_the_same(mesh: Mesh) -> None:
    def register(number: int) -> str:
        definition = {
            "name": f"{number}",
            "dataModel": {"block": "Note", "jsonSchema": {"type": "object", "properties": {}}},
        }
        answer = httpx.post(
            f"{mesh.http.base_url}/api/definition",
            params={"tenant": mesh.tenant},
            json={"definition": definition},
            headers=mesh.http.headers,
            trust_env=False,
        )
        return str(answer.json()["data"]["_id"])

    with ThreadPoolExecutor(CLIENTS) as pool:
        ids = {*pool.map(register, range(CLIENTS))}

    assert len(ids) == 1
