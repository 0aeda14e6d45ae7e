"""
Each kind of change of a GraphQL schema: before, after, and all that is told about it.
"""

from __future__ import annotations

import itertools
import random
import warnings

import pytest
from graphql import build_schema
from graphql.utilities import find_breaking_changes, find_dangerous_changes

from taketwo.contract.changes import Change, Kind, Severity
from taketwo.contract.comparing import changes_between
from taketwo.contract.document import Contract
from tests.toolkit.contract.cases import Case, told

CASES: dict[str, Case[str]] = {
    "field removed": Case(
        before="""
            type Query { a: Int b: String }
        """,
        after="""
            type Query { a: Int }
        """,
        told="""
            breaking field-removed Query.b
              field b was removed
              a query that selects it is refused
        """,
    ),
    "field renamed": Case(
        before="""
            type Query { a: Int title(n: Int): String }
        """,
        after="""
            type Query { a: Int name(n: Int): String }
        """,
        told="""
            breaking field-removed Query.title
              field title was removed, perhaps renamed to name
              a query that selects it is refused
            safe field-added Query.name
              field name was added
              no query selects it yet
        """,
    ),
    "field replaced by one of another type": Case(
        before="""
            type Query { a: Int title: String }
        """,
        after="""
            type Query { a: Int name: Int }
        """,
        told="""
            breaking field-removed Query.title
              field title was removed
              a query that selects it is refused
            safe field-added Query.name
              field name was added
              no query selects it yet
        """,
    ),
    "field type changed": Case(
        before="""
            type Query { a: Int! b: [String!] }
        """,
        after="""
            type Query { a: Int b: [String] }
        """,
        told="""
            breaking field-type-changed Query.a
              the type is Int and was Int!
              a reader gets values of another type
            breaking field-type-changed Query.b
              the type is [String] and was [String!]
              a reader gets values of another type
        """,
    ),
    "field type narrowed": Case(
        before="""
            type Query { a: Int b: [String] }
        """,
        after="""
            type Query { a: Int! b: [String!]! }
        """,
        told="""
            safe field-type-narrowed Query.a
              the type is Int! and was Int
              every value it has is one a reader knows
            safe field-type-narrowed Query.b
              the type is [String!]! and was [String]
              every value it has is one a reader knows
        """,
    ),
    "the only type of an interface or a union": Case(
        before="""
            interface N { x: Int }
            type A implements N { x: Int }
            type B { x: Int }
            union U = B
            union Both = A | B
            type Query { a: [N] b: U both: Both }
        """,
        after="""
            interface N { x: Int }
            type A implements N { x: Int }
            type B { x: Int }
            union U = B
            union Both = A | B
            type Query { a: [A!] b: B both: A }
        """,
        told="""
            breaking field-type-changed Query.both
              the type is A and was Both
              a reader gets values of another type
            safe field-type-narrowed Query.a
              the type is [A!] and was [N]
              every value it has is one a reader knows
            safe field-type-narrowed Query.b
              the type is B and was U
              every value it has is one a reader knows
        """,
    ),
    "field deprecated": Case(
        before="""
            type Query { a: Int b: Int @deprecated(reason: "old") c: Int @deprecated(reason: "old") }
        """,
        after="""
            type Query { a: Int @deprecated(reason: "old") b: Int c: Int @deprecated(reason: "older") }
        """,
        told="""
            safe field-deprecation-added Query.a
              it is deprecated (old)
              it still works
            safe field-deprecation-removed Query.b
              it is no longer deprecated
              it still works
            safe field-deprecation-reason-changed Query.c
              it is deprecated for another reason (older)
              it still works
        """,
    ),
    "arguments": Case(
        before="""
            type Query { a(gone: Int, narrower: Int, wider: Int!): Int }
        """,
        after="""
            type Query { a(new: Int, needed: String!, narrower: Int!, wider: Int): Int }
        """,
        told="""
            breaking argument-removed Query.a(gone:)
              argument gone was removed, perhaps renamed to new
              a query that gives it is refused
            breaking argument-type-changed Query.a(narrower:)
              the type is Int! and was Int
              a value that was right may be refused
            breaking required-argument-added Query.a(needed:)
              argument needed: String! was added
              a query without it is refused
            dangerous argument-added Query.a(new:)
              argument new: Int was added
              what happens without it may be another thing
            safe argument-type-widened Query.a(wider:)
              the type is Int and was Int!
              every value that was right still is
        """,
    ),
    "argument defaults": Case(
        before="""
            type Query { a(changed: Int = 1, gone: Int = 1, new: Int): Int }
        """,
        after="""
            type Query { a(changed: Int = 2, gone: Int, new: Int = 1, also: Int! = 3): Int }
        """,
        told="""
            dangerous argument-added Query.a(also:)
              argument also: Int! was added
              what happens without it may be another thing
            dangerous argument-default-changed Query.a(changed:)
              the default is 2 and was 1
              the same query asks for another thing
            dangerous argument-default-removed Query.a(gone:)
              the default 1 is gone
              the same query asks for another thing
            dangerous argument-default-added Query.a(new:)
              the default is 1
              the same query asks for another thing
        """,
    ),
    "input fields": Case(
        before="""
            type Query { a(i: I): Int }
            input I { gone: Int limit: Int = 1 narrower: Int x: Int @deprecated }
        """,
        after="""
            type Query { a(i: I): Int }
            input I { needed: Int! new: String limit: Int = 2 narrower: Int! x: Int }
        """,
        told="""
            breaking input-field-removed I.gone
              input field gone was removed
              a query that gives it is refused
            breaking input-field-type-changed I.narrower
              the type is Int! and was Int
              a value that was right may be refused
            breaking required-input-field-added I.needed
              input field needed: Int! was added
              a value without it is refused
            dangerous input-field-default-changed I.limit
              the default is 2 and was 1
              the same value means another thing
            dangerous input-field-added I.new
              input field new: String was added
              what happens without it may be another thing
            safe input-field-deprecation-removed I.x
              it is no longer deprecated
              it still works
        """,
    ),
    "enum values": Case(
        before="""
            type Query { m: M }
            enum M { A B C }
        """,
        after="""
            type Query { m: M }
            enum M { A @deprecated(reason: "old") B D }
        """,
        told="""
            breaking enum-value-removed M.C
              value C was removed, perhaps renamed to D
              a query that gives it is refused
            dangerous enum-value-added M.D
              value D was added
              a reader may get a value it does not know
            safe enum-value-deprecation-added M.A
              it is deprecated (old)
              it still works
        """,
    ),
    "union members": Case(
        before="""
            type Query { u: U v: [V] }
            union U = A | B
            type A { a: Int }
            type B { b: Int }
            type C { c: Int }
            union V = C
        """,
        after="""
            type Query { u: U v: [V] }
            union U = A | C
            type A { a: Int }
            type B { b: Int }
            type C { c: Int }
            union V = C
        """,
        told="""
            breaking union-member-removed U
              B is no longer a member of U
              a fragment on it is refused
            dangerous union-member-added U
              C is a new member of U
              a reader may get a type it does not know
        """,
    ),
    "interfaces": Case(
        before="""
            type Query { a: A }
            interface I { x: Int }
            interface J { x: Int }
            type A implements I { x: Int }
        """,
        after="""
            type Query { a: A }
            interface I { x: Int }
            interface J { x: Int }
            type A implements J { x: Int }
        """,
        told="""
            breaking type-interface-removed A
              A no longer implements I
              a fragment on the interface no longer applies
            dangerous type-interface-added A
              A now implements J
              a fragment on the interface now applies
        """,
    ),
    "types": Case(
        before="""
            type Query { a: Int }
            type Gone { x: Int y: String }
            scalar K
        """,
        after="""
            type Query { a: Int }
            type Come { x: Int y: String }
            enum K { A }
        """,
        told="""
            breaking type-removed Gone
              type Gone was removed, perhaps renamed to Come
              a query that names it is refused
            breaking type-kind-changed K
              K is an enum and was a scalar
              it is used in another way
            safe type-added Come
              type Come was added
              no query names it yet
        """,
    ),
    "roots": Case(
        before="""
            type Query { a: Int }
            type Mutation { a: Int }
        """,
        after="""
            type Query { a: Int }
        """,
        told="""
            breaking type-removed Mutation
              type Mutation was removed
              a query that names it is refused
            breaking schema-mutation-type-changed schema.mutation
              the mutation type is gone and was Mutation
              its fields are others
        """,
    ),
    "directives": Case(
        before="""
            type Query { a: Int }
            directive @d(gone: Int, x: Int = 1) repeatable on FIELD | QUERY
            directive @e on FIELD
        """,
        after="""
            type Query { a: Int }
            directive @d(needed: Int!, x: Int = 2) on FIELD | MUTATION
            directive @f on FIELD
        """,
        told="""
            breaking directive-location-removed @d
              it is no longer for QUERY
              a query that has it there is refused
            breaking directive-repeatable-removed @d
              it can no longer be repeated
              a query that has it twice in one place is refused
            breaking directive-argument-removed @d(gone:)
              directive argument gone was removed
              a query that gives it is refused
            breaking required-directive-argument-added @d(needed:)
              directive argument needed: Int! was added
              a query without it is refused
            breaking directive-removed @e
              directive @e was removed
              a query that has it is refused
            dangerous directive-argument-default-changed @d(x:)
              the default is 2 and was 1
              the same query asks for another thing
            safe directive-location-added @d
              it is now for MUTATION too
              no query has it there yet
            safe directive-added @f
              directive @f was added
              no query has it yet
        """,
    ),
    "scalars": Case(
        before="""
            type Query { t: Time }
            scalar Time @specifiedBy(url: "https://example.org/1")
        """,
        after="""
            type Query { t: Time }
            scalar Time @specifiedBy(url: "https://example.org/2")
        """,
        told="""
            dangerous scalar-specification-changed Time
              it is specified by https://example.org/2 and was by https://example.org/1
              its values may be written differently
        """,
    ),
    "descriptions, once for each type": Case(
        before="""
            "one" type Query { "a" a("x" x: Int): Int b: M }
            enum M { "A" A }
        """,
        after="""
            "two" type Query { "b" a("y" x: Int): Int b: M }
            enum M { "B" A }
        """,
        told="""
            safe documentation-changed M
              M is described differently
              no request and no answer shows it
            safe documentation-changed Query
              Query is described differently
              no request and no answer shows it
        """,
    ),
    "a standard scalar that nothing uses any more": Case(
        before="""
            type Query { a: Int b: Float }
        """,
        after="""
            type Query { a: Int }
        """,
        told="""
            breaking field-removed Query.b
              field b was removed
              a query that selects it is refused
        """,
    ),
}


def contract(sdl: str) -> Contract:
    return Contract.parse(sdl, service="mesh", kind=Kind.GRAPHQL)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_kind_of_change_is_told_with_its_coordinate(case: Case[str]) -> None:
    changes = changes_between(contract(case.before), contract(case.after))

    assert told(changes) == case.expected()


def test_a_change_is_a_value() -> None:
    changes = changes_between(contract("type Query { a: Int b: Int }"), contract("type Query { a: Int }"))

    assert changes == (
        Change(
            id="field-removed",
            coordinate="Query.b",
            severity=Severity.BREAKING,
            message="field b was removed: a query that selects it is refused",
            kind=Kind.GRAPHQL,
        ),
    )


@pytest.mark.parametrize("sdl", [sdl for case in CASES.values() for sdl in (case.before, case.after)])
def test_a_schema_does_not_differ_from_itself_however_it_is_written(sdl: str) -> None:
    backwards = "\n".join(sdl.strip().splitlines()[::-1])

    assert changes_between(contract(sdl), contract(backwards)) == ()


@pytest.mark.parametrize("seed", range(40))
def test_whatever_graphql_core_finds_is_found(seed: int) -> None:
    """
    graphql-core is the measure, on pairs of schemas that differ in several places.

    More may be found: it is silent about a default value when the type has changed as well.
    """
    before, after = (schema_of_parts(seed, side) for side in ("before", "after"))

    found = [change.severity for change in changes_between(contract(before), contract(after))]

    old, new = build_schema(before), build_schema(after)
    with warnings.catch_warnings():
        # Both functions are deprecated since 3.3, whose successor 3.2 does not have.
        warnings.simplefilter("ignore")
        breaking, dangerous = find_breaking_changes(old, new), find_dangerous_changes(old, new)
    assert found.count(Severity.BREAKING) >= len(breaking)
    assert found.count(Severity.DANGEROUS) >= len(dangerous)


PARTS = (
    ("type A { x: Int }", "type A { y: Int }", "type A { x: Int! }"),
    ("type B { x(a: Int): Int }", "type B { x(a: Int!): Int }", "type B { x(b: Int = 1): [Int] }"),
    ("input C { x: Int = 1 }", "input C { x: Int = 2 y: Int }", "input C { x: Int! y: Int! }"),
    ("enum D { P Q }", "enum D { P }", "enum D { P Q R }"),
    ("scalar E", "type E { x: Int }", "enum E { X }"),
    ("interface F { x: Int } type G { x: Int }", "interface F { x: Int } type G implements F { x: Int }"),
    ("type H { x: Int } union I = H", "type H { x: Int } type J { x: Int } union I = H | J"),
    ("directive @k(a: Int) on FIELD", "directive @k(a: Int, b: Int!) repeatable on QUERY", ""),
)
HEAD = "type Query { a: Int }\n"


def schema_of_parts(seed: int, side: str) -> str:
    choice = random.Random(f"{seed} {side}").choice  # noqa: S311 - no secret
    return HEAD + "\n".join(choice(part) for part in PARTS)


@pytest.mark.parametrize("part", PARTS)
def test_no_difference_goes_untold(part: tuple[str, ...]) -> None:
    for before, after in itertools.permutations(part, 2):
        assert changes_between(contract(HEAD + before), contract(HEAD + after))
