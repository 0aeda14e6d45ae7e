"""
One GraphQL request from its document to its answer.
"""

from __future__ import annotations

import inspect
import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from graphql import (
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    execute,
    parse,
    validate,
)

from mesh_inmemory.errors import MeshError
from mesh_inmemory.graph.messages import as_graphql_js
from mesh_inmemory.graph.variables import check_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphql import DocumentNode, GraphQLSchema

    from mesh_inmemory.graph.context import GraphContext
    from mesh_inmemory.graph.request import GraphRequest

MAX_TOKENS: Final = 20_000
MAX_REMEMBERED: Final = 4000
_log: Final = logging.getLogger("mesh.graphql")


@dataclass(frozen=True, slots=True)
class GraphAnswer:
    """
    *refused* is set when nothing was executed; some clients are then told by the status as well.
    """

    payload: dict[str, Any]
    status: int = 200
    refused: bool = False


async def answer(schema: GraphQLSchema, request: GraphRequest, context: GraphContext) -> GraphAnswer:
    try:
        return await _answer(schema, request, context)
    except RecursionError:
        return failure("The document is nested too deeply.", "BAD_REQUEST", status=400)


def failure(message: str, code: str, *, status: int = 400, **extensions: object) -> GraphAnswer:
    error = {"message": message, "extensions": {"code": code, **extensions}}
    return GraphAnswer({"errors": [error]}, status, refused=True)


async def _answer(schema: GraphQLSchema, request: GraphRequest, context: GraphContext) -> GraphAnswer:
    try:
        document = _document(request.query)
    except GraphQLSyntaxError as error:
        return _refusal(schema, [error], "GRAPHQL_PARSE_FAILED")
    operation = _operation(document, request.operation_name)
    if operation is None:
        return failure("Could not determine what operation to execute.", "OPERATION_RESOLUTION_FAILURE")
    refused = _refused(schema, operation, request)
    return refused or await _execute(schema, document, request, context)


def _refused(
    schema: GraphQLSchema, operation: OperationDefinitionNode, request: GraphRequest
) -> GraphAnswer | None:
    """
    The answer to a request that is not executed.
    """
    if request.read_only and operation.operation is OperationType.MUTATION:
        told = "Can only perform a mutation operation from a POST request."
        return failure(told, "METHOD_NOT_ALLOWED", status=405)
    if schema.get_root_type(operation.operation) is None:
        message = f"Schema is not configured to execute {operation.operation.value} operation."
        return GraphAnswer({"errors": [GraphQLError(message, operation).formatted]})
    if errors := _mistakes(schema, request.query):
        return _refusal(schema, errors, "GRAPHQL_VALIDATION_FAILED")
    if errors := check_variables(schema, operation, request.variables):
        return GraphAnswer({"errors": [error.formatted for error in errors]}, 400, refused=True)
    return None


def _document(query: str) -> DocumentNode:
    return _parsed_before(query) if len(query) <= MAX_REMEMBERED else _parsed(query)


def _mistakes(schema: GraphQLSchema, query: str) -> Sequence[GraphQLError]:
    return (
        _checked_before(schema, query) if len(query) <= MAX_REMEMBERED else validate(schema, _parsed(query))
    )


def _parsed(query: str) -> DocumentNode:
    return parse(query, max_tokens=MAX_TOKENS, allow_empty_selection_sets=False)


# Clients send the same few documents over and over, and neither a document nor the schema ever changes.
_parsed_before: Final = lru_cache(maxsize=256)(_parsed)


@lru_cache(maxsize=256)
def _checked_before(schema: GraphQLSchema, query: str) -> Sequence[GraphQLError]:
    return validate(schema, _parsed_before(query))


def _operation(document: DocumentNode, name: object) -> OperationDefinitionNode | None:
    """
    The one operation that *name* means; without a name there must be only one.
    """
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is None:
        return operations[0] if len(operations) == 1 else None
    named = (node for node in operations if node.name is not None and node.name.value == name)
    return next(named, None)


async def _execute(
    schema: GraphQLSchema, document: DocumentNode, request: GraphRequest, context: GraphContext
) -> GraphAnswer:
    name = request.operation_name if isinstance(request.operation_name, str) else None
    outcome = execute(
        schema, document, context_value=context, variable_values=dict(request.variables), operation_name=name
    )
    result = await outcome if inspect.isawaitable(outcome) else outcome
    errors = [_formatted(error) for error in result.errors or ()]
    return GraphAnswer({**({"errors": errors} if errors else {}), "data": result.data})


def _refusal(schema: GraphQLSchema, errors: Iterable[GraphQLError], code: str) -> GraphAnswer:
    told = [
        {**error.formatted, "message": as_graphql_js(error.message, schema), "extensions": {"code": code}}
        for error in errors
    ]
    return GraphAnswer({"errors": told}, refused=True)


def _formatted(error: GraphQLError) -> dict[str, Any]:
    """
    The error as the caller may see it: what went wrong inside is logged and not told.
    """
    shown: dict[str, Any] = dict(error.formatted)
    cause = error.original_error
    if isinstance(cause, MeshError):
        return {**shown, "message": cause.message, "extensions": {"code": cause.code or "BAD_USER_INPUT"}}
    if cause is None or isinstance(cause, GraphQLError):
        return shown
    _log.error("resolver failed", exc_info=cause)
    return {**shown, "message": "Unexpected error.", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
