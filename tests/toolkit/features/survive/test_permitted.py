"""
The answers that contracts permit in the place of recorded ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import jsonschema
import pytest
from graphql import (
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    specified_scalar_types,
)

from taketwo.cassette.model import Cassette, Interaction, JsonValue
from taketwo.cassette.store.read import read_cassette
from taketwo.config.answers import ChangedAnswer
from taketwo.config.project import Config, load_config
from taketwo.config.services import ContractPaths, ServiceConfig
from taketwo.contract.changes import Kind
from taketwo.contract.document import Contracts
from taketwo.contract.locks import read_locks_as_written
from taketwo.features.survive.candidates import ChangeKind
from taketwo.features.survive.permitted import PermittedAnswer, permitted_answers, together
from taketwo.usage.graphql.requests import calls_in
from taketwo.usage.graphql.selections import Selections
from taketwo.usage.messages import NOTHING, json_of
from taketwo.usage.usage import UsageReader
from tests.toolkit.features.survive.shop import ORDER, ORDER_1, contracts, interaction

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[4]
CONFIG = cast("Config", load_config(ROOT))
CASSETTES = sorted(CONFIG.cassettes.glob("integration/**/*.yaml"))


def shop_reader() -> UsageReader:
    service = ServiceConfig(
        name="shop", command=("s",), url="http://shop.test", contract=ContractPaths(graphql="/graphql")
    )
    return UsageReader(service, contracts())


def readers_of(config: Config) -> list[UsageReader]:
    return [
        UsageReader(service, read_locks_as_written(config.locks, name))
        for name, service in config.services.items()
    ]


def of_shop(*, graphql: bool) -> tuple[Cassette, list[PermittedAnswer]]:
    cassette = Cassette(test="", interactions=(interaction(graphql=graphql),))
    return cassette, permitted_answers(cassette, [shop_reader()])


def titles(answers: Sequence[PermittedAnswer], prefix: str) -> list[str]:
    return [one.title.removeprefix(prefix) for one in answers if one.title.startswith(prefix)]


def test_everything_that_an_openapi_document_permits_is_tried() -> None:
    _, answers = of_shop(graphql=False)

    at = "GET /orders/{id} 200 body"
    assert titles(answers, f"{at}.discount") == [
        " may be null",
        " may be 0",
        " may be -1",
        " may be 2147483647",
    ]
    assert titles(answers, f"{at}.status") == [
        " may be 'gone'",
        " may be 'paid'",
        " may be a member that its enum does not have yet, 'future_member'",
    ]
    assert titles(answers, f"{at}.lines ") == ["may be empty", "may have one item", "may have 50 items"]
    assert titles(answers, f"{at}.count") == [" may be 0", " may be 100"]
    assert titles(answers, f"{at}.note") == [
        " may be absent",
        " may be empty",
        " may have 4103 characters",
    ]
    assert titles(answers, "GET /orders/{id} 404") == [" may answer 404 Not Found"]
    busy = next(one for one in answers if one.coordinate == "GET /orders/{id} 503")
    assert busy.changes == (
        ChangedAnswer(
            on=1,
            value="it did not work",
            has_value=True,
            status=503,
            headers={"retry-after": "1", "content-type": "text/plain"},
        ),
    )


def test_null_of_graphql_reaches_the_next_value_that_may_be_null() -> None:
    _, answers = of_shop(graphql=True)

    partial = {one.coordinate: one for one in answers if one.kind is ChangeKind.PARTIAL}
    assert [(change.at, change.value) for change in partial["Buyer.name"].changes] == [
        ("/data/order/buyer", None),
        ("/errors", [{"message": "it could not be had", "path": ["order", "buyer", "name"]}]),
    ]
    assert [change.at for change in partial["Order.lines"].changes] == ["/data/order", "/errors"]
    assert partial["Line.price"].changes[0].at == "/data/order/lines/1/price"


def test_answers_that_take_something_away_are_tried_together() -> None:
    cassette, answers = of_shop(graphql=True)

    sets = list(together(cassette, answers, [shop_reader()]))

    assert {change.at for one in sets[0] for change in one.changes} == {
        "/data/order/buyer/city",
        "/data/order/lines/0/price",
        "/data/order/lines/1/price",
    }


def test_what_no_test_reads_is_not_changed() -> None:
    cassette = Cassette(test="", interactions=(interaction(graphql=False),))
    status = list(cast("Mapping[str, JsonValue]", ORDER_1)).index("status")

    answers = permitted_answers(
        cassette, [shop_reader()], is_read=lambda _, steps: steps == (status,), has_future=False
    )

    assert {one.kind for one in answers} == {ChangeKind.MEMBER, ChangeKind.STATUS}


@pytest.mark.parametrize("kind", [Kind.OPENAPI, Kind.GRAPHQL], ids=str)
def test_permitted_answers_of_the_shop_fit_what_other_libraries_say(kind: Kind) -> None:
    cassette, answers = of_shop(graphql=kind is Kind.GRAPHQL)

    assert len(answers) > 10
    for one in answers:
        changed = one.apply(cassette).interactions[0]
        if kind is Kind.GRAPHQL:
            check_graphql(changed, contracts(), one)
        elif one.kind is not ChangeKind.STATUS:
            jsonschema.validate(json_of(changed.response.body), with_member(ORDER, one))


@pytest.mark.parametrize("share", range(4))
def test_every_permitted_answer_to_every_cassette_fits_the_lock(share: int) -> None:
    """
    Judged without the reader that chose it: by jsonschema, and as strictly as the specification of GraphQL.
    """
    readers = readers_of(CONFIG)
    locks = {name: read_locks_as_written(CONFIG.locks, name) for name in CONFIG.services}
    tried = 0

    for path in CASSETTES[share::4]:
        cassette = read_cassette(path)
        assert cassette is not None
        reduced = replace(cassette, interactions=cassette.interactions[:8])
        for one in permitted_answers(reduced, readers, has_future=False):
            changed = one.apply(reduced).interactions[one.number]
            reader = next(each for each in readers if each.is_asked_at(changed.request.url))
            if one.kind is not ChangeKind.STATUS:  # a documented failure need not be an answer of GraphQL
                check_graphql(changed, locks[reader.service], one)
            check_openapi(changed, reader, locks[reader.service], one)
            tried += 1

    assert tried > 500


def check_openapi(item: Interaction, reader: UsageReader, contracts: Contracts, one: PermittedAnswer) -> None:
    """
    The body fits the schema of its status, as far as it holds no placeholder.
    """
    contract, body = contracts.of(Kind.OPENAPI), json_of(item.response.body)
    if contract is None or body is NOTHING:
        return
    named = next(
        (each for notes in reader.notes(item) for each in notes.touched if each.count(" ") == 1), None
    )
    if named is None:
        return
    method, path = named.split(" ")
    document = cast("Any", contract.document())
    answers = document["paths"][path][method.lower()]["responses"]
    status = item.response.status
    key = next((each for each in (str(status), f"{status // 100}XX", "default") if each in answers), None)
    schema = answers[key].get("content", {}).get("application/json", {}).get("schema") if key else None
    if schema is None:
        return
    errors = jsonschema.Draft202012Validator({**schema, "components": document["components"]}).iter_errors(
        cast("Any", body)
    )
    wrong = [error for error in errors if "<" not in str(error.instance)]
    assert not wrong, f"{one.title}: {wrong[0].message}"


def with_member(schema: JsonValue, one: PermittedAnswer) -> Any:  # noqa: ANN401 - a JSON Schema
    """
    The schema of an order, in which an enum has the member that it does not have yet.
    """
    found = cast("dict[str, Any]", schema)
    if one.kind is not ChangeKind.FUTURE:
        return found
    name = str(one.steps[0])
    property_ = found["properties"][name]
    more = {**property_, "enum": [*property_["enum"], one.changes[0].value]}
    return {**found, "properties": {**found["properties"], name: more}}


def check_graphql(item: Interaction, contracts: Contracts, one: PermittedAnswer) -> None:
    """
    What the specification of GraphQL says of the data of an answer: null only where the type permits it, also
    beside errors, each of which leads to a null or to what is below one.
    """
    contract = contracts.of(Kind.GRAPHQL)
    if contract is None or not item.request.url.endswith("/graphql"):
        return
    schema = contract.schema()
    for call, answer, _ in calls_in(item):
        if not isinstance(answer, Mapping):
            continue
        document = parse(call.query)
        operation = next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))
        fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        selections = Selections(schema, fragments)
        data, errors = answer.get("data"), cast("Sequence[Mapping[str, Any]]", answer.get("errors") or ())
        assert data is not None or errors, one.title
        root = schema.get_root_type(operation.operation)
        if data is not None and root is not None:
            check = Check(schema, selections, future=one.kind is ChangeKind.FUTURE)
            check.object(data, root, [operation.selection_set])
        assert all(leads_to_null(data, error.get("path", ())) for error in errors), one.title


def leads_to_null(value: Any, path: Sequence[Any]) -> bool:  # noqa: ANN401 - data
    for step in path:
        if value is None:
            return True
        value = value[step]
    return value is None


@dataclass(frozen=True)
class Check:
    schema: GraphQLSchema
    selections: Selections
    future: bool

    def object(self, value: Any, type_: Any, sets: Sequence[SelectionSetNode]) -> None:  # noqa: ANN401 - data
        if not isinstance(type_, GraphQLObjectType):
            type_ = self.schema.get_type(str(value.get("__typename"))) or type_
            if not isinstance(type_, GraphQLObjectType):
                return  # it was not asked which one it is
        selected = self.selections.of(sets, type_)
        assert value.keys() <= selected.keys()
        for key, each in selected.items():
            if each.name in type_.fields and (key in value or not each.is_conditional):
                self.value(value[key], type_.fields[each.name].type, each.further)

    def value(self, value: Any, type_: Any, sets: Sequence[SelectionSetNode]) -> None:  # noqa: ANN401 - data
        if isinstance(type_, GraphQLNonNull):
            assert value is not None
            type_ = type_.of_type
        if value is None or (isinstance(value, str) and "<" in value):
            return
        if isinstance(type_, GraphQLList):
            assert isinstance(value, list)
            for item in value:
                self.value(item, type_.of_type, sets)
        elif isinstance(type_, GraphQLEnumType):
            assert self.future or value in type_.values
        elif isinstance(type_, GraphQLScalarType):
            if type_.name in specified_scalar_types and type_.name != "ID":
                assert type_.serialize(value) == value
        else:
            self.object(value, type_, sets)
