"""
Which requests change something at the service, and which ask for what another one changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from taketwo.cassette.model import Interaction, JsonBody, JsonValue, StoredRequest
from taketwo.compare.structure import is_list

_SUCCESS = range(200, 300)
_NOT_THERE = frozenset({404, 410})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_TOKEN = re.compile(r'#[^\n\r]*|"""(?:\\"""|(?!""").)*"""|"(?:\\.|[^"\\\n\r])*"|[{}()]|\w+', re.DOTALL)


def is_write(request: StoredRequest) -> bool:
    """
    Whether *request* may change something: whatever is no GET, HEAD, OPTIONS, or query of GraphQL.
    """
    if request.method in _SAFE:
        return False
    documents = list(_graphql_documents(request))
    return not documents or not all(map(_only_queries, documents))


def has_changed_something(item: Interaction) -> bool:
    """
    Whether a recorded request was a write that the service carried out.
    """
    return item.response.status in _SUCCESS and is_write(item.request)


def reads_what_it_changes(request: StoredRequest, write: StoredRequest) -> bool:
    """
    Whether *request* may be about what *write* made, changed or took away: one of their paths begins with the
    other, as that of an order does with that of all orders.
    """
    read, written = (one.url.rstrip("/").split("/") for one in (request, write))
    shared = min(len(read), len(written))
    return read[:shared] == written[:shared]


def is_found(status: int) -> bool | None:
    """
    Whether the service has what it was asked for; None where its answer is about something else.
    """
    if status in _SUCCESS:
        return True
    return False if status in _NOT_THERE else None


def _graphql_documents(request: StoredRequest) -> Iterator[str]:
    value = request.body.value if request.method == "POST" and isinstance(request.body, JsonBody) else None
    for operation in value if is_list(value) else [value]:
        yield _document(operation)


def _document(operation: JsonValue) -> str:
    query = operation.get("query") if isinstance(operation, Mapping) else None
    return query if isinstance(query, str) else ""


def _only_queries(document: str) -> bool:
    """
    Whether every operation of a GraphQL document is a query: ``query …`` or ``{ … }``, beside fragments.
    """
    depth, kinds, is_inside = 0, [], False
    for word in _TOKEN.findall(document):
        if word[0] in '#"':
            continue
        if word in "{(":
            if not depth and not is_inside:
                kinds.append("query")
            depth += 1
            is_inside = True
        elif word in "})":
            depth -= 1
            is_inside = depth > 0 or word == ")"
        elif not depth and not is_inside:
            kinds.append(word)
            is_inside = True
    return "query" in kinds and set(kinds) <= {"query", "fragment"}
