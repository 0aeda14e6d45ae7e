"""
Contract changes made for real in Mesh: what is told of each, which tests are recorded, and no others.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.refresh.conftest import Check, Found

CLEAN, TO_REVIEW, BREAKING = 0, 1, 2
ROWS, VERSIONS, PROFILES = {"rows"}, {"versions"}, {"profiles[Ada]", "profiles[Bea]"}
LABELLED = {"labelled"}
CONTENT = {"gone", "labelled", "personality", "tenants_own", "user", *PROFILES}
EVERYTHING = CONTENT | ROWS | VERSIONS | {"nobody"}


@dataclass(frozen=True, slots=True)
class Case:
    """
    A change of Mesh's contract, the causes told of it, and the tests that are recorded and that drift.
    """

    contract: str
    changes: dict[str, str]
    recorded: set[str] = field(default_factory=set)
    drifted: set[str] = field(default_factory=set)
    code: int = TO_REVIEW
    verdict: str = "not exercised"
    options: tuple[str, ...] = ()


def told(
    contract: str,
    changes: dict[str, str],
    recorded: set[str],
    *,
    drifted: set[str] | None = None,
    code: int = BREAKING,
) -> Case:
    """
    A change that shows in what is recorded: in all of it, or in those that are said to have *changed*.
    """
    return Case(contract, changes, recorded, recorded if drifted is None else drifted, code, "explained")


def graphql(line: str, **details: str) -> str:
    return _entry("graphql", line, details)


def definitions(line: str, **details: str) -> str:
    return _entry("definitions", line, details)


def answers(line: str, **details: str) -> str:
    return _entry("answers", line, details)


def requests(line: str, **details: str) -> str:
    return _entry("requests", line, details)


def endpoints(line: str, **details: str) -> str:
    return _entry("endpoints", line, details)


def _entry(kind: str, line: str, details: dict[str, str]) -> str:
    verb, at = line.split(" ", 1)
    others = (f"{key} = {_toml(value)}" for key, value in details.items())
    return "\n".join([f"[[{kind}]]", f"{verb} = {at!r}", *others, ""])


def _toml(value: str) -> str:
    return value if value[0] == "{" or value.isdigit() or value == "true" else repr(value)


def component(path: str) -> dict[str, str]:
    """
    The API document shows definitions as components that nothing refers to.
    """
    return {f"contract-changed #/components/schemas/{path}": "dangerous"}


def _text(pattern: str) -> str:
    return f"{{ type = 'string', pattern = '{pattern}' }}"


LIST, ONE = "GET /api/content/{type}", "/api/content/{type}/{id}"
PAYLOAD, BODY, DELETED = "ContentPayload", f"PATCH {ONE} body", f"DELETE {ONE} 200 body"


def payload(name: str, schema: str, change: str, severity: str) -> tuple[str, dict[str, str]]:
    """
    A property of the content that three operations take has another *schema*, and what is told of that.
    """
    changed = requests(f"retype {PAYLOAD}.{name}", schema=schema)
    return changed, {f"request-property-{change} {BODY}.{name} (and 2 more)": severity}


CASES = {
    "a field is renamed": told(
        graphql("rename NotionModel.page_id", to="pageId"),
        {"field-removed NotionModel.page_id": "breaking", "field-added NotionModel.pageId": "safe"},
        VERSIONS,
    ),
    "a field is removed": told(
        graphql("remove NotionModel.order"),
        {"field-removed NotionModel.order": "breaking"},
        ROWS,
    ),
    "a field has another type": told(
        graphql("retype NotionModel.order", type="String"),
        {"field-type-changed NotionModel.order": "breaking"},
        ROWS,
    ),
    "a field is new": Case(
        graphql("add NotionModel.title", type="String"), {"field-added NotionModel.title": "safe"}
    ),
    "a field that nobody asks for is removed": Case(
        graphql("remove Mutation.deleteNotionModel"), {"field-removed Mutation.deleteNotionModel": "breaking"}
    ),
    "an argument is new": Case(
        graphql("add Query.notionModel(tenant:)", type="String"),
        {"argument-added Query.notionModel(tenant:)": "dangerous"},
        ROWS | VERSIONS,
    ),
    "an argument is new and required": told(
        graphql("add Query.notionModel(tenant:)", type="String!"),
        {"required-argument-added Query.notionModel(tenant:)": "breaking"},
        ROWS | VERSIONS,
    ),
    "an argument becomes required": told(
        graphql("retype Query.notionModel(limit:)", type="Int!"),
        {"argument-type-changed Query.notionModel(limit:)": "breaking"},
        ROWS | VERSIONS,
        drifted=VERSIONS,
    ),
    "an argument is removed": told(
        graphql("remove Query.notionModel(orderBy:)"),
        {"argument-removed Query.notionModel(orderBy:)": "breaking"},
        ROWS,
    ),
    "an enum value is renamed": told(
        graphql("rename OrderDirection.ASC", to="ASCENDING"),
        {
            "enum-value-removed OrderDirection.ASC": "breaking",
            "input-enum-value-added OrderDirection.ASCENDING": "safe",
        },
        ROWS,
    ),
    "an enum value is new": Case(
        graphql("add OrderDirection.RANDOM"), {"input-enum-value-added OrderDirection.RANDOM": "safe"}
    ),
    "an input type is renamed": Case(
        graphql("rename StringFilter", to="TextFilter"),
        {
            "input-field-type-changed NotionModelFilter.block_id (and 5 more)": "breaking",
            "type-added TextFilter": "safe",
            "type-removed StringFilter": "breaking",
        },
        ROWS,
    ),
    "an input field that nobody gives is removed": Case(
        graphql("remove StringFilter.startsWith"), {"input-field-removed StringFilter.startsWith": "breaking"}
    ),
    "an input field is new": Case(
        graphql("add NotionModelFilter.bogus", type="Int"),
        {"input-field-added NotionModelFilter.bogus": "dangerous"},
        ROWS,
    ),
    "an input field is new and required": told(
        graphql("add NotionModelInput.bogus", type="Int!"),
        {"required-input-field-added NotionModelInput.bogus": "breaking"},
        ROWS,
    ),
    "an input field is removed": told(
        graphql("remove NotionModelInput.order"),
        {"input-field-removed NotionModelInput.order": "breaking"},
        ROWS,
    ),
    "a property of content is removed": told(
        definitions("remove User.image"),
        {
            "property-removed-and-refused User.image": "breaking",
            "contract-changed User#/uiConfig/card/imageField": "dangerous",
            **component("User/properties/image"),
        },
        {"user"},
    ),
    "a property of content is new": told(
        definitions("add UserProfile.nickname", schema="{ type = 'string' }", value="nobody"),
        {"property-added UserProfile.nickname": "safe", **component("UserProfile/properties/nickname")},
        PROFILES,
        code=TO_REVIEW,
    ),
    "a property of content has another type": told(
        definitions("retype Personality.version", schema="{ type = 'string' }"),
        {
            "property-type-changed Personality.version": "breaking",
            **component("Personality/properties/version/type"),
        },
        {"personality"},
    ),
    "a definition is removed": told(
        definitions("remove Sprite"),
        {"definition-removed Sprite": "breaking", "component-removed #/components/schemas/Sprite": "safe"},
        {"gone", "nobody"},
        drifted={"gone"},
    ),
    "a definition that nobody uses is removed": Case(
        definitions("remove Tool"),
        {"definition-removed Tool": "breaking", "component-removed #/components/schemas/Tool": "safe"},
    ),
    "a property of an answer is renamed": told(
        answers("rename ContentPage.hasMore", to="more"),
        {
            f"response-property-removed {LIST} 200 body.hasMore": "breaking",
            f"response-property-added-as-required {LIST} 200 body.more": "safe",
        },
        PROFILES,
    ),
    "a property of an answer is removed": told(
        answers("remove ContentPage.total"),
        {f"response-property-removed {LIST} 200 body.total": "breaking"},
        PROFILES,
    ),
    "a property that all errors share is renamed": told(
        answers("rename Error.error", to="problem"),
        {
            f"response-property-removed DELETE {ONE} 400 body.error (and 37 more)": "breaking",
            f"response-property-added-as-required DELETE {ONE} 400 body.problem (and 37 more)": "safe",
        },
        {"nobody"},
    ),
    "an operation is removed": told(
        endpoints(f"remove DELETE {ONE}"),
        {f"operation-removed DELETE {ONE}": "breaking"},
        {"gone"},
    ),
    "an operation that nobody asks for is removed": Case(
        endpoints(f"remove PUT {ONE}"), {f"operation-removed PUT {ONE}": "breaking"}
    ),
    "a parameter that everybody gives becomes required": Case(
        endpoints(f"require {LIST}", parameter="tenant"),
        {
            f"request-parameter-became-required {LIST} query.tenant": "breaking",
            f"documentation-changed {LIST}": "safe",
        },
    ),
    "a text in a request may be shorter only": told(
        *payload("label", "{ type = 'string', maxLength = 3 }", "max-length-decreased", "breaking"), LABELLED
    ),
    "a text in a request may be longer": Case(
        *payload("label", "{ type = 'string', maxLength = 30 }", "max-length-increased", "safe"), LABELLED
    ),
    "a number in a request has to be larger": told(
        *payload("rank", "{ type = 'integer', minimum = 5 }", "minimum-increased", "breaking"), LABELLED
    ),
    "a text in a request has a format": told(
        *payload("on", "{ type = 'string', format = 'date' }", "format-added", "breaking"), LABELLED
    ),
    "a value in a request is no longer among those allowed": told(
        *payload("source", "{ type = 'string', enum = ['web'] }", "enum-value-removed", "breaking"), LABELLED
    ),
    "a value that nobody sends is no longer among those allowed": Case(
        *payload("source", "{ type = 'string', enum = ['bot'] }", "enum-value-removed", "breaking"), LABELLED
    ),
    "another value is allowed in a request": Case(
        *payload("source", "{ type = 'string', enum = ['app', 'bot', 'web'] }", "enum-value-added", "safe"),
        LABELLED,
    ),
    "another shape is allowed in a request": Case(
        *payload(
            "target", f"{{ oneOf = [{_text('^a')}, {_text('^b')}, {_text('^c')}] }}", "one-of-added", "safe"
        ),
        LABELLED,
    ),
    "a shape is no longer allowed in a request": told(
        *payload("target", f"{{ oneOf = [{_text('^b')}] }}", "one-of-removed", "breaking"), LABELLED
    ),
    "a property of a request is new and required": told(
        requests(f"add {PAYLOAD}.owner", schema="{ type = 'string' }", required="true"),
        {f"request-property-added-as-required {BODY}.owner (and 2 more)": "breaking"},
        CONTENT,
    ),
    "a parameter is new and required": told(
        endpoints(f"require {LIST}", parameter="owner"),
        {f"request-required-parameter-added {LIST} query.owner": "breaking"},
        PROFILES,
    ),
    "a parameter has a limit": told(
        endpoints(
            f"describe {LIST}", parameter="limit", schema="{ type = 'integer', minimum = 0, maximum = 2 }"
        ),
        {f"request-parameter-maximum-added {LIST} query.limit": "breaking"},
        PROFILES,
    ),
    "a property of an answer may be null": Case(
        answers("retype DeletedAnswer.left", schema="{ type = ['integer', 'null'] }"),
        {f"response-property-became-nullable {DELETED}.left": "breaking"},
        {"gone"},
    ),
    "a property of an answer has another type": told(
        answers("retype DeletedAnswer.left", schema="{ type = 'string' }"),
        {f"response-property-type-changed {DELETED}.left": "breaking"},
        {"gone"},
    ),
    "an answer may have another value": told(
        answers(
            "retype DeletedAnswer.mood",
            schema="{ type = 'string', enum = ['calm', 'glad', 'sad'] }",
            value="sad",
        ),
        {f"response-property-enum-value-added {DELETED}.mood": "dangerous"},
        {"gone"},
        code=TO_REVIEW,
    ),
    "a value that an answer never had is gone": Case(
        answers("retype DeletedAnswer.mood", schema="{ type = 'string', enum = ['calm'] }"),
        {f"response-property-enum-value-removed {DELETED}.mood": "safe"},
        {"gone"},
    ),
    "a status stands in the place of another": told(
        endpoints(f"answer GET {ONE}", status="404", to="410"),
        {
            f"response-error-status-removed GET {ONE} 404": "safe",
            f"response-error-status-added GET {ONE} 410": "safe",
        },
        {"nobody"},
    ),
    "an operation needs another header": told(
        endpoints(f"secure DELETE {ONE}", header="x-client"),
        {
            f"operation-security-scheme-removed DELETE {ONE}": "breaking",
            f"operation-security-scheme-added DELETE {ONE}": "safe",
            "security-scheme-added #/components/securitySchemes/x-client": "safe",
        },
        {"gone"},
    ),
    "three contracts change at once": told(
        graphql("remove NotionModel.order")
        + definitions("remove User.image")
        + endpoints(f"remove DELETE {ONE}"),
        {
            "field-removed NotionModel.order": "breaking",
            "property-removed-and-refused User.image": "breaking",
            "contract-changed User#/uiConfig/card/imageField": "dangerous",
            f"operation-removed DELETE {ONE}": "breaking",
            **component("User/properties/image"),
        },
        {"gone", "rows", "user"},
    ),
    "nothing changes": Case("", {}, EVERYTHING, set(), CLEAN, "clean", ("--all",)),
    "the behaviour of a tenant's own type changes, which no contract knows": Case(
        definitions("rename Card.title", to="heading"),
        {},
        EVERYTHING,
        {"tenants_own"},
        BREAKING,
        "unexplained",
        ("--all",),
    ),
    "the behaviour changes while nobody looks": Case(
        definitions("rename Card.title", to="heading"), {}, set(), set(), CLEAN, "clean"
    ),
}


AS_A_PROCESS = ("nothing changes", "three contracts change at once")


def cases(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [pytest.param(CASES[name], id=name) for name in names])


@cases(*CASES)
def test_what_a_change_touches_is_recorded_and_nothing_else(check: Check, case: Case) -> None:
    assert_told(case, check(*case.options, contract=case.contract))


@cases(*AS_A_PROCESS)
def test_a_process_finds_the_same(check_as_a_process: Check, case: Case) -> None:
    assert_told(case, check_as_a_process(*case.options, contract=case.contract))


def assert_told(case: Case, found: Found) -> None:
    assert (found.changes, found.recorded, found.drifted) == (case.changes, case.recorded, case.drifted)
    assert (found.verdict, found.code) == (case.verdict, case.code)
