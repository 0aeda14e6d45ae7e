"""
SDL as services publish it: read as it is meant, and compared with all that is on it.
"""

from __future__ import annotations

import pytest

from taketwo.contract.changes import Kind
from taketwo.contract.comparing import changes_between
from taketwo.contract.document import Contract

FEDERATED = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])

    type Product @key(fields: "id") @key(fields: "sku") {
      id: ID!
      sku: String @shareable
      at: AWSDateTime
    }

    extend type Review @key(fields: "id") { id: ID! @external }

    type Query { product(after: AWSDateTime = "a", size: _Size): Product reviews: [Review!] }
"""


def contract(sdl: str) -> Contract:
    return Contract.parse(sdl, service="mesh", kind=Kind.GRAPHQL)


def found(before: str, after: str) -> list[str]:
    return [
        f"{change.severity.value} {change.id} {change.coordinate}: {change.message.rpartition(': ')[0]}"
        for change in changes_between(contract(before), contract(after))
    ]


def test_directives_and_scalars_that_nobody_declares_are_read() -> None:
    read = contract(FEDERATED)

    assert (
        read.text
        == """\
schema @link(import: ["@key", "@shareable"], url: "https://specs.apollo.dev/federation/v2.3") {
  query: Query
}

type Product @key(fields: "id") @key(fields: "sku") {
  at: AWSDateTime
  id: ID!
  sku: String @shareable
}

type Query {
  product(after: AWSDateTime = "a", size: _Size): Product
  reviews: [Review!]
}

type Review @key(fields: "id") {
  id: ID! @external
}
"""
    )
    assert contract(read.text) == read


def test_requests_are_read_by_a_schema_with_what_nobody_declares() -> None:
    schema = contract(FEDERATED).schema()

    assert {"AWSDateTime", "_Size", "Product", "Review"} <= schema.type_map.keys()


def test_of_two_parts_of_one_name_the_first_counts_and_a_warning_names_them() -> None:
    with pytest.warns(UserWarning, match=r"some parts twice; the first counts: Query.a, Query.b\(x:\)"):
        read = contract("type Query { a: Int a: String b(x: Int, x: Int): Int }")

    assert read == contract("type Query { a: Int b(x: Int): Int }")


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        pytest.param(
            "type Query { f: Int @cost(w: 1) }",
            "type Query { f: Int @cost(w: 9) }",
            ["dangerous field-directive-changed Query.f: @cost(w: 9) was @cost(w: 1)"],
            id="changed",
        ),
        pytest.param(
            "type Query { f: Int }",
            "type Query @cached { f: Int @external }",
            [
                "dangerous type-directive-added Query: @cached was added",
                "dangerous field-directive-added Query.f: @external was added",
            ],
            id="added",
        ),
        pytest.param(
            'enum E { A @tag(name: "x") } type Query { f(a: Int @auth, e: E): Int }',
            "enum E { A } type Query { f(a: Int, e: E): Int }",
            [
                'dangerous enum-value-directive-removed E.A: @tag(name: "x") was removed',
                "dangerous argument-directive-removed Query.f(a:): @auth was removed",
            ],
            id="removed",
        ),
        pytest.param(
            "type Query @k(x: 1) @k(x: 2) { f: Int }",
            "type Query @k(x: 1) { f: Int }",
            ["dangerous type-directive-changed Query: @k(x: 1) was @k(x: 1) @k(x: 2)"],
            id="one of several",
        ),
        pytest.param(
            "type Query { f: Int }",
            "type Query { f: Int @deprecated }",
            ["safe field-deprecation-added Query.f: it is deprecated"],
            id="deprecated without a reason",
        ),
        pytest.param(
            "type Query { f: Int @deprecated }",
            'type Query { f: Int @deprecated(reason: "use g") }',
            ["safe field-deprecation-reason-changed Query.f: it is deprecated for another reason (use g)"],
            id="deprecated for another reason",
        ),
        pytest.param(
            'type Query { f: Int @a(x: {b: 1, a: [1.0, "\\u00e9"]}, y: E) @b }',
            'type Query { f: Int @b @a(y: E, x: {a: [1, "é"], b: 1}) }',
            [],
            id="written differently",
        ),
    ],
)
def test_directives_on_a_part_of_the_schema_are_compared(before: str, after: str, changes: list[str]) -> None:
    assert found(before, after) == changes


def test_a_default_without_which_a_query_is_refused_is_missed() -> None:
    before = "input I { a: Int! = 1 b: Int = 1 } type Query { f(a: Int! = 1, b: Int = 1, i: I): Int }"
    after = "input I { a: Int! b: Int } type Query { f(a: Int!, b: Int, i: I): Int }"

    assert found(before, after) == [
        "breaking required-input-field-default-removed I.a: the default 1 is gone",
        "breaking required-argument-default-removed Query.f(a:): the default 1 is gone",
        "dangerous input-field-default-removed I.b: the default 1 is gone",
        "dangerous argument-default-removed Query.f(b:): the default 1 is gone",
    ]


def test_a_new_value_that_is_only_sent_surprises_no_reader() -> None:
    only_sent = "enum E {{ A {0} }} type Query {{ f(e: [E!]!): Int }}"
    answered = "enum E {{ A {0} }} type Query {{ f(e: E): E }}"

    assert found(only_sent.format(""), only_sent.format("B")) == [
        "safe input-enum-value-added E.B: value B was added"
    ]
    assert found(answered.format(""), answered.format("B")) == [
        "dangerous enum-value-added E.B: value B was added"
    ]


@pytest.mark.parametrize("text", ["a\\nb", 'tab\\tquote\\"', "  spaces ", "\\u{1F600} \\u0007", ""])
def test_every_description_is_read_again_as_it_was(text: str) -> None:
    once = contract(f'"{text}" type Query {{ "{text}" a: Int }}')

    assert contract(once.text) == once
    assert (once.schema().query_type or pytest.fail("no query")).fields["a"].description == contract(
        once.text
    ).schema().type_map["Query"].description
