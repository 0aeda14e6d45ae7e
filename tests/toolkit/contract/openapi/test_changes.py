"""
Each kind of change of an OpenAPI document: a request and an answer are judged in opposite directions.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from copy import deepcopy

import pytest

from taketwo.contract.canonical import Json, JsonObject
from taketwo.contract.changes import Kind
from taketwo.contract.comparing import changes_between
from taketwo.contract.document import Contract
from tests.toolkit.contract.cases import Case, told

TEXT: JsonObject = {"type": "string"}
WHOLE: JsonObject = {"type": "integer"}


def contract(document: JsonObject) -> Contract:
    return Contract.from_document(document, service="mesh", kind=Kind.OPENAPI)


def document(paths: JsonObject | None = None, /, **more: Json) -> JsonObject:
    return {"openapi": "3.0.1", "paths": paths or {}, **more}


def operation(**more: Json) -> JsonObject:
    return {"responses": {"200": {"description": "ok"}}, **more}


def getting(**more: Json) -> JsonObject:
    return document({"/n": {"get": operation(**more)}})


def posting(schema: Json, /, **more: Json) -> JsonObject:
    return document({"/n": {"post": operation(requestBody={**json_of(schema), **more})}})


def answering(schema: Json) -> JsonObject:
    return document({"/n": {"get": {"responses": {"200": json_of(schema)}}}})


def parameter(name: str, where: str = "query", /, **more: Json) -> JsonObject:
    return {"name": name, "in": where, "schema": TEXT, **more}


def json_of(schema: Json) -> JsonObject:
    return {"content": {"application/json": {"schema": schema}}}


def record(required: Sequence[str] = (), /, **properties: Json) -> JsonObject:
    return {"type": "object", "properties": properties, "required": [*required]}


CASES: dict[str, Case[JsonObject]] = {
    "operations": Case(
        before=document(
            {"/a": {"get": operation()}, "/b": {"get": operation(), "post": operation(deprecated=True)}}
        ),
        after=document(
            {"/b": {"get": operation(), "post": operation()}, "/c": {"get": operation(), "put": operation()}}
        ),
        told="""
            breaking operation-removed GET /a
              GET /a was removed
              a request to it finds nothing
            safe operation-added GET /c
              GET /c was added
              no request goes to it yet
            safe operation-no-longer-deprecated POST /b
              it is no longer deprecated
              it still works
            safe operation-added PUT /c
              PUT /c was added
              no request goes to it yet
        """,
    ),
    "operation renamed": Case(
        before=document({"/old": {"get": operation()}}),
        after=document({"/new": {"get": operation()}}),
        told="""
            breaking operation-removed GET /old
              GET /old was removed, perhaps renamed to GET /new
              a request to it finds nothing
            safe operation-added GET /new
              GET /new was added
              no request goes to it yet
        """,
    ),
    "operation's own words": Case(
        before=getting(operationId="list", summary="a", tags=["x"]),
        after=getting(operationId="all", summary="b", tags=["y"], deprecated=True),
        told="""
            safe documentation-changed GET /n
              GET /n is described differently
              no request and no answer shows it
            safe operation-deprecated GET /n
              it is now deprecated
              it still works
            safe operation-id-changed GET /n
              the operation's id is all and was list
              it is not part of any request
        """,
    ),
    "parameters": Case(
        before=getting(
            parameters=[
                parameter("gone"),
                parameter("now"),
                parameter("was", required=True),
                parameter("X-Tenant", "header"),
            ]
        ),
        after=getting(
            parameters=[
                parameter("new"),
                parameter("needed", "header", required=True),
                parameter("now", required=True),
                parameter("was", deprecated=True),
                parameter("x-tenant", "header"),
            ]
        ),
        told="""
            breaking request-required-parameter-added GET /n header.needed
              header parameter needed was added
              a request without it is refused
            breaking request-parameter-removed GET /n query.gone
              query parameter gone was removed, perhaps renamed to query.new
              what it asked for is passed over or refused
            breaking request-parameter-became-required GET /n query.now
              it is now required
              a request without it is refused
            dangerous request-parameter-added GET /n query.new
              query parameter new was added
              what happens without it may be another thing
            safe request-parameter-became-optional GET /n query.was
              it is no longer required
              a request with it is still right
            safe request-parameter-deprecated GET /n query.was
              it is now deprecated
              it still works
        """,
    ),
    "parameter renamed": Case(
        before=getting(parameters=[parameter("limit", schema=WHOLE)]),
        after=getting(parameters=[parameter("count", schema=WHOLE)]),
        told="""
            breaking request-parameter-removed GET /n query.limit
              query parameter limit was removed, perhaps renamed to query.count
              what it asked for is passed over or refused
            dangerous request-parameter-added GET /n query.count
              query parameter count was added
              what happens without it may be another thing
        """,
    ),
    "parameter's value": Case(
        before=getting(
            parameters=[
                parameter("limit", schema={"type": "integer", "maximum": 100}),
                parameter("sort"),
                parameter("ids", style="form"),
            ]
        ),
        after=getting(
            parameters=[
                parameter("limit", schema={"type": "integer", "maximum": 50, "default": 25}),
                parameter("sort", schema={"type": "string", "enum": ["asc"]}),
                parameter("ids", style="pipeDelimited"),
            ]
        ),
        told="""
            breaking request-parameter-style-changed GET /n query.ids
              it is written another way
              a value that was right is read as another one
            breaking request-parameter-maximum-decreased GET /n query.limit
              maximum is 50 and was 100
              a value that was right may be refused
            breaking request-parameter-enum-added GET /n query.sort
              only these values are left: "asc"
              a value that was right may be refused
            dangerous request-parameter-default-added GET /n query.limit
              the default is 25
              a request without it asks for another thing
        """,
    ),
    "parameter of the path renamed": Case(
        before=document(
            {"/n/{id}": {"parameters": [parameter("id", "path", required=True)], "get": operation()}}
        ),
        after=document(
            {"/n/{key}": {"parameters": [parameter("key", "path", required=True)], "get": operation()}}
        ),
        told="""
            safe request-path-parameter-renamed GET /n/{id} path.id
              the path names it key and named it id
              requests look the same
        """,
    ),
    "parameter of the whole path": Case(
        before=document({"/n": {"parameters": [parameter("a")], "get": operation(), "put": operation()}}),
        after=document(
            {"/n": {"parameters": [parameter("a", schema=WHOLE)], "get": operation(), "put": operation()}}
        ),
        told="""
            breaking request-parameter-type-changed GET /n query.a
              the type is integer and was string
              a value that was right may be refused
            breaking request-parameter-type-changed PUT /n query.a
              the type is integer and was string
              a value that was right may be refused
        """,
    ),
    "a body comes": Case(
        before=document({"/a": {"post": operation()}, "/b": {"post": operation()}}),
        after=document(
            {
                "/a": {"post": operation(requestBody=json_of(TEXT))},
                "/b": {"post": operation(requestBody={**json_of(TEXT), "required": True})},
            }
        ),
        told="""
            breaking request-required-body-added POST /b body
              a request has a body
              a request without one is refused
            dangerous request-body-added POST /a body
              a request may have a body
              what happens without one may be another thing
        """,
    ),
    "a body goes": Case(
        before=posting(TEXT),
        after=document({"/n": {"post": operation()}}),
        told="""
            breaking request-body-removed POST /n body
              a request has no body any more
              what it holds is passed over or refused
        """,
    ),
    "a body is required": Case(
        before=posting(TEXT),
        after=posting(TEXT, required=True),
        told="""
            breaking request-body-became-required POST /n body
              it is now required
              a request without one is refused
        """,
    ),
    "the body's schema": Case(
        before=posting(record(["a"], a=TEXT, b=TEXT, c=WHOLE)),
        after=posting(record(["d"], a=TEXT, c={"type": "number"}, d=TEXT)),
        told="""
            breaking request-property-added-as-required POST /n body.d
              property d was added
              a request without it is refused
            dangerous request-property-removed POST /n body.b
              property b was removed, perhaps renamed to d
              it is passed over when it is sent
            safe request-property-became-optional POST /n body.a
              property a is no longer required
              every value that was right still is
            safe request-property-type-widened POST /n body.c
              the type is number and was integer
              every value that was right still is
        """,
    ),
    "the answer's schema": Case(
        before=answering(record(["a"], a=TEXT, b=TEXT, c=WHOLE)),
        after=answering(record(["d"], a=TEXT, c={"type": "number"}, d=TEXT)),
        told="""
            breaking response-property-became-optional GET /n 200 body.a
              property a is no longer required
              a reader may find it missing
            breaking response-property-removed GET /n 200 body.b
              property b was removed, perhaps renamed to d
              a reader finds it missing
            breaking response-property-type-widened GET /n 200 body.c
              the type is number and was integer
              a reader may get a value of another type
            safe response-property-added-as-required GET /n 200 body.d
              property d was added
              no reader looks for it yet
        """,
    ),
    "enum, null and limits go opposite ways": Case(
        before=document(
            {
                "/n": {
                    "post": {
                        "requestBody": json_of(
                            record(
                                m={"type": "string", "enum": ["a", "b"]}, t={"type": "string", "maxLength": 9}
                            )
                        ),
                        "responses": {
                            "200": json_of(
                                record(
                                    m={"type": "string", "enum": ["a", "b"]},
                                    t={"type": "string", "maxLength": 9},
                                )
                            )
                        },
                    }
                }
            }
        ),
        after=document(
            {
                "/n": {
                    "post": {
                        "requestBody": json_of(
                            record(
                                m={"type": "string", "enum": ["a", "c"]},
                                t={"type": "string", "maxLength": 5, "nullable": True},
                            )
                        ),
                        "responses": {
                            "200": json_of(
                                record(
                                    m={"type": "string", "enum": ["a", "c"]},
                                    t={"type": "string", "maxLength": 5, "nullable": True},
                                )
                            )
                        },
                    }
                }
            }
        ),
        told="""
            breaking response-property-became-nullable POST /n 200 body.t
              it may be null
              a reader may get null
            breaking request-property-enum-value-removed POST /n body.m
              value "b" was removed, perhaps renamed to "c"
              a value that was right may be refused
            breaking request-property-max-length-decreased POST /n body.t
              maxLength is 5 and was 9
              a value that was right may be refused
            dangerous response-property-enum-value-added POST /n 200 body.m
              value "c" was added
              a reader may get a value it does not know
            safe response-property-enum-value-removed POST /n 200 body.m
              value "b" was removed, perhaps renamed to "c"
              every value is one a reader knows
            safe response-property-max-length-decreased POST /n 200 body.t
              maxLength is 5 and was 9
              every value is one a reader knows
            safe request-property-enum-value-added POST /n body.m
              value "c" was added
              every value that was right still is
            safe request-property-became-nullable POST /n body.t
              it may be null
              every value that was right still is
        """,
    ),
    "statuses": Case(
        before=document({"/n": {"get": {"responses": {"200": {}, "201": {}, "404": {}}}}}),
        after=document({"/n": {"get": {"responses": {"200": {}, "202": {}, "409": {}, "default": {}}}}}),
        told="""
            breaking response-success-status-removed GET /n 201
              status 201 is no longer answered
              a reader that waits for it waits in vain
            dangerous response-success-status-added GET /n 202
              status 202 may be answered
              a reader may get a status it does not know
            safe response-error-status-removed GET /n 404
              status 404 is no longer answered
              a reader waits for it in vain, and does well without
            safe response-error-status-added GET /n 409
              status 409 may be answered
              a reader treats it as any other error
            safe response-error-status-added GET /n default
              status default may be answered
              a reader treats it as any other error
        """,
    ),
    "media types": Case(
        before=document(
            {
                "/n": {
                    "post": {
                        "requestBody": {"content": {"application/json": {}, "text/csv": {}}},
                        "responses": {"200": {"content": {"application/json": {}, "text/csv": {}}}},
                    }
                }
            }
        ),
        after=document(
            {
                "/n": {
                    "post": {
                        "requestBody": {"content": {"application/json": {}, "text/html": {}}},
                        "responses": {"200": {"content": {"application/json": {}, "text/html": {}}}},
                    }
                }
            }
        ),
        told="""
            breaking response-media-type-removed POST /n 200 body
              media type text/csv was removed
              a reader gets what it did not ask for
            breaking request-body-media-type-removed POST /n body
              media type text/csv was removed
              a request with it is refused
            safe response-media-type-added POST /n 200 body
              media type text/html was added
              a reader that does not ask for it does not get it
            safe request-body-media-type-added POST /n body
              media type text/html was added
              no request has it yet
        """,
    ),
    "headers of an answer": Case(
        before=document(
            {
                "/n": {
                    "get": {
                        "responses": {
                            "200": {
                                "headers": {
                                    "ETag": {"schema": TEXT, "required": True},
                                    "X-Old": {"schema": TEXT},
                                }
                            }
                        }
                    }
                }
            }
        ),
        after=document(
            {
                "/n": {
                    "get": {
                        "responses": {
                            "200": {"headers": {"etag": {"schema": WHOLE}, "X-New": {"schema": TEXT}}}
                        }
                    }
                }
            }
        ),
        told="""
            breaking response-header-became-optional GET /n 200 header.etag
              it is no longer required
              a reader may find it missing
            breaking response-header-type-changed GET /n 200 header.etag
              the type is integer and was string
              a reader may get a value of another type
            breaking response-header-removed GET /n 200 header.x-old
              header x-old was removed
              a reader finds it missing
            safe response-header-added GET /n 200 header.x-new
              header x-new was added
              no reader looks for it yet
        """,
    ),
    "security": Case(
        before={
            **getting(),
            "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "x"}}},
        },
        after={
            **getting(),
            "security": [{"key": []}, {"user": ["read"]}],
            "components": {
                "securitySchemes": {
                    "key": {"type": "apiKey", "in": "header", "name": "y"},
                    "user": {"type": "oauth2"},
                }
            },
        },
        told="""
            breaking security-scheme-changed #/components/securitySchemes/key
              key is another scheme
              credentials that were right may be refused
            breaking operation-security-required GET /n
              not everybody is let in any more
              a request without credentials is refused
            safe security-scheme-added #/components/securitySchemes/user
              user was added
              no operation needs it yet
            safe operation-security-scheme-added GET /n
              key is enough
              the others still work
            safe operation-security-scheme-added GET /n
              user:[read] is enough
              the others still work
        """,
    ),
    "one schema, used by two operations": Case(
        before={
            **document(
                {
                    "/n": {
                        "get": {"responses": {"200": json_of({"$ref": "#/components/schemas/N"})}},
                        "post": operation(requestBody=json_of({"$ref": "#/components/schemas/N"})),
                    }
                }
            ),
            "components": {
                "schemas": {
                    "N": record(t=TEXT, n={"type": "array", "items": {"$ref": "#/components/schemas/N"}})
                }
            },
        },
        after={
            **document(
                {
                    "/n": {
                        "get": {"responses": {"200": json_of({"$ref": "#/components/schemas/N"})}},
                        "post": operation(requestBody=json_of({"$ref": "#/components/schemas/N"})),
                    }
                }
            ),
            "components": {
                "schemas": {"N": record(n={"type": "array", "items": {"$ref": "#/components/schemas/N"}})}
            },
        },
        told="""
            breaking response-property-removed GET /n 200 body.t
              property t was removed
              a reader finds it missing
            dangerous request-property-removed POST /n body.t
              property t was removed
              it is passed over when it is sent
        """,
    ),
    "what no operation uses": Case(
        before={**document(), "components": {"schemas": {"A": TEXT, "B": TEXT}}},
        after={**document(), "components": {"schemas": {"A": WHOLE}}},
        told="""
            dangerous contract-changed #/components/schemas/A/type
              /components/schemas/A/type changed
              what that does to requests and answers is not known
            safe component-removed #/components/schemas/B
              B was removed
              nothing refers to it
        """,
    ),
    "the document's own words": Case(
        before=document(info={"title": "a", "version": "1"}, tags=[{"name": "x"}]),
        after=document(info={"title": "a", "version": "2"}),
        told="""
            safe documentation-changed #
              the document is described differently
              no request and no answer shows it
        """,
    ),
    "servers": Case(
        before=document(servers=[{"url": "https://a.example"}]),
        after=document(servers=[{"url": "https://b.example"}]),
        told="""
            dangerous servers-changed #/servers
              the servers are others
              requests may have to go elsewhere
        """,
    ),
    "what no rule knows": Case(
        before=document(
            {"/n": {"get": operation(servers=[{"url": "/a"}]), "additionalOperations": {"COPY": 1}}}
        ),
        after=document(
            {"/n": {"get": operation(servers=[{"url": "/b"}]), "additionalOperations": {"COPY": 2}}}
        ),
        told="""
            dangerous contract-changed #/paths/~1n/additionalOperations/COPY
              /additionalOperations/COPY changed
              what that does to requests and answers is not known
            dangerous contract-changed GET /n#/servers
              /servers changed
              what that does to requests and answers is not known
        """,
    ),
    "descriptions, once for each operation": Case(
        before=document(
            {
                "/n": {
                    "get": {
                        "description": "a",
                        "responses": {"200": {"description": "a"}},
                        "parameters": [parameter("x", description="a")],
                    }
                }
            }
        ),
        after=document(
            {
                "/n": {
                    "get": {
                        "description": "b",
                        "responses": {"200": {"description": "b"}},
                        "parameters": [parameter("x", description="b")],
                    }
                }
            }
        ),
        told="""
            safe documentation-changed GET /n
              GET /n is described differently
              no request and no answer shows it
        """,
    ),
    "behind a callback": Case(
        before={
            **document({"/n": {"post": operation(callbacks={"done": {"$ref": "#/components/callbacks/D"}})}}),
            "components": {"callbacks": {"D": {"{$request.body#/u}": {"post": operation()}}}},
        },
        after={
            **document({"/n": {"post": operation(callbacks={"done": {"$ref": "#/components/callbacks/D"}})}}),
            "components": {"callbacks": {"D": {"{$request.body#/u}": {"put": operation()}}}},
        },
        told="""
            dangerous contract-changed POST /n#/callbacks
              /callbacks changed
              what that does to requests and answers is not known
        """,
    ),
    "a schema finds a home": Case(
        before=posting(record(a=TEXT)),
        after={
            **posting({"$ref": "#/components/schemas/N"}),
            "components": {"schemas": {"N": record(a=TEXT)}},
        },
        told="",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_kind_of_change_is_told_with_its_coordinate(case: Case[JsonObject]) -> None:
    changes = changes_between(contract(case.before), contract(case.after))

    assert told(changes) == case.expected()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_document_does_not_differ_from_itself_in_any_order(case: Case[JsonObject]) -> None:
    for seed, side in enumerate((case.before, case.after)):
        shuffled = shuffle(side, random.Random(seed))  # noqa: S311 - no secret
        assert isinstance(shuffled, dict)
        assert changes_between(contract(side), contract(shuffled)) == ()


def shuffle(node: Json, order: random.Random) -> Json:
    """
    The same JSON with the keys of every object in another order, and every list that is a set, too.
    """
    if isinstance(node, dict):
        names = order.sample([*node], k=len(node))
        return {name: shuffle(node[name], order) for name in names}
    if isinstance(node, list):
        return [shuffle(item, order) for item in order.sample(node, k=len(node))]
    return node


def test_a_schema_behind_several_references_is_told_at_each() -> None:
    def before_and_after(name: Json) -> Contract:
        author: JsonObject = {"$ref": "#/components/schemas/Author"}
        note = record(by=author, readers={"type": "array", "items": author})
        schemas: JsonObject = {"Author": record(name=name), "Note": note}
        answer = answering({"$ref": "#/components/schemas/Note"})
        return contract({**answer, "components": {"schemas": schemas}})

    changes = changes_between(before_and_after(TEXT), before_and_after(WHOLE))

    assert [change.coordinate for change in changes] == [
        "GET /n 200 body.by.name",
        "GET /n 200 body.readers[].name",
    ]


def test_schemas_that_all_refer_to_each_other_are_compared_in_time() -> None:
    """
    There are more paths through twenty such schemas than can be walked.
    """

    def tangle(name: Json) -> Contract:
        names = [f"S{number}" for number in range(20)]
        links: JsonObject = {other: {"$ref": f"#/components/schemas/{other}"} for other in names}
        schemas: JsonObject = {each: record(**links, name=name) for each in names}
        return contract({**answering(links["S0"]), "components": {"schemas": schemas}})

    changes = changes_between(tangle(TEXT), tangle(WHOLE))

    assert changes[0].coordinate == "GET /n 200 body.S1.S10.name"
    assert {"GET /n 200 body.name"} | {f"GET /n 200 body.S{number}.name" for number in range(1, 20)} <= {
        change.coordinate for change in changes
    }


@pytest.mark.parametrize("seed", range(200))
def test_no_damage_goes_untold(seed: int) -> None:
    """
    Whatever is taken out of a document, or put in the place of a part, there is a change to tell.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    before = chance.choice([*CASES.values()]).before
    after = damage(before, chance)

    same = contract(before).text == contract(after).text

    assert same == (not changes_between(contract(before), contract(after)))


JUNK: list[Json] = [None, True, 0, "x", [], {"$ref": "#/nowhere"}, {"type": "null"}]
OBJECTS: list[Json] = [{"$ref": "#/nowhere"}, {"type": "null"}]


def damage(document: JsonObject, chance: random.Random) -> JsonObject:
    """
    *document* with one part less, or another in its place: an object where only an object can be.
    """
    damaged: JsonObject = deepcopy(document)
    places = [place for place in places_in(damaged) if not is_usual(*place)]
    node, key = chance.choice(places or [(damaged, "new")])
    if chance.random() < 1 / 3:
        node.pop(key, None)
    else:
        node[key] = chance.choice(OBJECTS if isinstance(node.get(key), dict) else JUNK)
    return damaged


def is_usual(node: JsonObject, key: str) -> bool:
    """
    What may be left out, or is no part of the promise.
    """
    usual = node[key] in ([], {}, False) or (key == "required" and node.get("in") == "path")
    return usual or key in {"openapi", "paths"} or (key == "type" and "enum" in node)


def places_in(node: Json) -> Iterator[tuple[JsonObject, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield node, key
            yield from places_in(value)
    elif isinstance(node, list):
        for item in node:
            yield from places_in(item)
