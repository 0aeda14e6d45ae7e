"""
Definitions: the platform's and the tenants' own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.servers.conftest import Mesh

SCHEMA = {"type": "object", "properties": {}}
GOOD = {"name": "Note", "dataModel": {"block": "Note", "jsonSchema": SCHEMA}}
PLATFORM = (
    "Account AnonymousUser Assistant AssistantFeedback AssistantTheme FunctionalPrompt GlobalSettings "
    "LinkMap Organization Personality ResetPasswordToken ResourceShareToken Sprite Tenant Tool User "
    "UserOrganizationRole UserProfile UserTenantRole"
)


def test_the_platforms_definitions_are_known_from_the_start(mesh: Mesh) -> None:
    listed = mesh.http.get("/api/definitions").json()["data"]

    assert [*listed] == PLATFORM.split()
    for name in listed:
        one = mesh.http.get(f"/api/definition/{name}").json()["data"]
        assert one.pop("_id")
        assert one == listed[name]


def test_a_platform_type_says_how_it_is_shown_and_who_may_see_it(mesh: Mesh) -> None:
    """
    The kinds of definition that there are: shown with a card, without one, or not at all; open or not.
    """
    listed = mesh.http.get("/api/definitions").json()["data"]

    shown = {
        name: (one["access"], one.get("uiConfig"), one["dataModel"].get("parent"))
        for name, one in listed.items()
    }
    assert (shown["GlobalSettings"], shown["LinkMap"], shown["Organization"]) == (
        (
            {},
            {
                "card": {"titleField": "singletonKey", "descriptionField": "interfaceLogin"},
                "detailView": {"displayFields": ["interfaceLogin"]},
                "listView": {"displayFields": ["singletonKey"]},
            },
            None,
        ),
        (
            {"tenantRole": "viewer", "allowAnonymous": True},
            {},
            {"type": "field", "field": "tenantId"},
        ),
        ({}, None, {"type": "field", "field": "tenantId"}),
    )
    assert listed["GlobalSettings"]["dataModel"]["jsonSchema"] == {
        "additionalProperties": False,
        "properties": {
            "_id": {"type": "string", "format": "uuid", "optional": True},
            "denyListEmails": {"type": "array", "items": {"type": "string"}, "default": []},
            "singletonKey": {"type": "string", "enum": ["platform"], "default": "platform"},
            "interfaceLogin": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "googleAuth": {"type": "boolean", "default": True},
                    "guestLogin": {"type": "boolean", "default": True},
                    "passwordLogin": {"type": "boolean", "default": True},
                },
                "required": ["googleAuth", "guestLogin", "passwordLogin"],
            },
            "createdAt": {"type": "string", "format": "date-time", "optional": True},
            "updatedAt": {"type": "string", "format": "date-time", "optional": True},
        },
        "required": ["singletonKey", "interfaceLogin"],
    }


def test_a_tenants_definitions_are_listed_for_that_tenant(mesh: Mesh) -> None:
    mesh.register("Note", indexer=["title"])

    def listed(**params: str) -> set[str]:
        return {*mesh.http.get("/api/definitions", params=params).json()["data"]} - {*PLATFORM.split()}

    assert (listed(tenant=mesh.tenant), listed()) == ({"Note"}, set())
    assert listed(tenant="22222222-2222-4222-8222-222222222222") == set()


def test_registering_again_changes_nothing(mesh: Mesh) -> None:
    first = mesh.register("Note", indexer=["title"])

    second = mesh.register("Note", indexer=["other"])

    assert second == first


def test_a_definition_is_found_by_its_block_and_by_its_id(mesh: Mesh) -> None:
    definition = {"_id": "ignored", "name": "Pretty", "extra": 1, "dataModel": GOOD["dataModel"]}
    params = {"tenant": mesh.tenant}
    stored = mesh.http.post("/api/definition", params=params, json={"definition": definition}).json()["data"]

    def found(name: str) -> Any:  # noqa: ANN401 - JSON
        return mesh.http.get(f"/api/definition/{name}", params=params).json().get("data")

    assert found("Note") == found(stored["_id"]) == stored
    assert (found("Pretty"), found("note"), found("DynamicContent")) == (None, None, None)
    assert stored["extra"] == 1


def test_a_name_may_contain_anything_that_a_path_can_carry(mesh: Mesh) -> None:
    mesh.register("We ird/é")

    answer = mesh.http.post(
        "/api/content/We%20ird%2F%C3%A9", params={"tenant": mesh.tenant}, json={"content": {"a": 1}}
    )

    assert answer.json()["data"]["a"] == 1


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        (None, "MISSING_DEFINITION"),
        ("text", "INVALID_DEFINITION_TYPE"),
        ([], "MISSING_REQUIRED_FIELD"),
        ({"dataModel": {}}, "MISSING_REQUIRED_FIELD"),
        ({"name": "Note"}, "MISSING_REQUIRED_FIELD"),
        ({"name": "Note", "dataModel": "text"}, "INVALID_DATA_MODEL"),
        ({"name": "Note", "dataModel": {"jsonSchema": SCHEMA}}, "INVALID_BLOCK"),
        ({"name": "Note", "dataModel": {"block": "Note"}}, "INVALID_JSON_SCHEMA"),
        ({"name": "Note", "dataModel": {"block": "Note", "jsonSchema": {}}}, "INVALID_SCHEMA_TYPE"),
        (
            {"name": "Note", "dataModel": {"block": "Note", "jsonSchema": {"type": "object"}}},
            "INVALID_SCHEMA_PROPERTIES",
        ),
    ],
)
def test_a_definition_is_refused_by_the_first_thing_that_is_wrong(
    mesh: Mesh, definition: object, code: str
) -> None:
    answer = mesh.http.post(
        "/api/definition", params={"tenant": mesh.tenant}, json={"definition": definition}
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_a_tenants_type_needs_a_tenant(mesh: Mesh) -> None:
    answer = mesh.http.post("/api/definition", json={"definition": GOOD})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_TENANT")


def test_a_definition_is_also_content_and_can_be_deleted(mesh: Mesh) -> None:
    stored = mesh.register("Note")
    params = {"tenant": mesh.tenant}

    rows = mesh.page("DynamicContent")["data"]
    mesh.http.delete(f"/api/content/DynamicContent/{stored['_id']}", params=params)

    assert [row["_id"] for row in rows] == [stored["_id"]]
    assert mesh.http.get("/api/definition/Note", params=params).status_code == 404
