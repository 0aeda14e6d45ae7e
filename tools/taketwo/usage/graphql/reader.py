"""
Recorded GraphQL read by its schema.

A document is read once, however often it is sent; its variables and its answers each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
)

from taketwo.cassette.model import Interaction, JsonValue
from taketwo.results import Steps
from taketwo.usage.graphql.answers import AnswerReader, DescribedData
from taketwo.usage.graphql.documents import read_document
from taketwo.usage.graphql.requests import GraphQLCall, calls_in
from taketwo.usage.graphql.selections import Selections
from taketwo.usage.graphql.variables import read_variables
from taketwo.usage.notes import Notes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Operation:
    """
    One operation of one document; ``notes`` hold what it touches by itself.
    """

    node: OperationDefinitionNode
    selections: Selections
    notes: Notes


class GraphQLReader:
    """
    Reads interactions by one schema; *path* is where the service takes GraphQL.
    """

    def __init__(self, schema: GraphQLSchema, *, address: str, path: str) -> None:
        self._schema = schema
        self._url = address.rstrip("/") + path
        self._operations: dict[tuple[str, str], _Operation | None] = {}

    def read(self, interaction: Interaction, notes: Notes) -> None:
        """
        Note what *interaction* touches and gets wrong.
        """
        if interaction.request.url.rstrip("/") != self._url.rstrip("/"):
            return
        for call, answer, steps in calls_in(interaction):
            operation = self._operation(call)
            if operation is not None:
                self._read(operation, call, (answer, ("response", "json", *steps, "data")), notes)

    def _read(
        self, operation: _Operation, call: GraphQLCall, answered: tuple[JsonValue, Steps], notes: Notes
    ) -> None:
        answer, steps = answered
        data = answer.get("data") if isinstance(answer, Mapping) else None
        has_errors = not isinstance(answer, Mapping) or bool(answer.get("errors"))
        with notes.excused(when=has_errors and data is None):
            notes.join(operation.notes)
            read_variables(self._schema, operation.node, call.variables, notes)
        root = self._schema.get_root_type(operation.node.operation)
        if isinstance(data, Mapping) and root is not None:
            reader = AnswerReader(
                schema=self._schema, selections=operation.selections, notes=notes, has_errors=has_errors
            )
            notes.enter(*steps)
            notes.describe(root.name, DescribedData())
            reader.object(data, root, [operation.node.selection_set])
            notes.leave(len(steps))

    def _operation(self, call: GraphQLCall) -> _Operation | None:
        key = call.query, call.operation
        if key not in self._operations:
            self._operations[key] = _operation(self._schema, call)
        return self._operations[key]


def _operation(schema: GraphQLSchema, call: GraphQLCall) -> _Operation | None:
    """
    None for what is no GraphQL: a service refuses it, whatever its schema is.
    """
    try:
        document = parse(call.query)
    except (GraphQLError, RecursionError):
        return None
    chosen = _chosen(document, call.operation)
    if chosen is None:
        return None
    fragments = {
        one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
    }
    return _Operation(
        node=chosen,
        selections=Selections(schema, fragments),
        notes=read_document(schema, document, chosen, fragments),
    )


def _chosen(document: DocumentNode, name: str) -> OperationDefinitionNode | None:
    """
    The operation called *name*, or the only one; None where that is not one.
    """
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    chosen = [one for one in operations if not name or (one.name and one.name.value == name)]
    return chosen[0] if len(chosen) == 1 else None
