"""
Which requests change something at the service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from taketwo.cassette.model import JsonBody, JsonValue, StoredRequest
from taketwo.compare.structure import is_list

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
