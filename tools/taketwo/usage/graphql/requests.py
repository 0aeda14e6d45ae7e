"""
The GraphQL in recorded HTTP, as clients send it: posted as JSON, one or several at once, or as a document,
or in the query of a GET.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from taketwo.cassette.body.codec import parse_json
from taketwo.cassette.model import Interaction, JsonValue, StoredRequest, TextBody
from taketwo.results import Steps
from taketwo.usage.messages import NOTHING, fields_in, json_of, media_type


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQLCall:
    """
    One operation that a client asked for.
    """

    query: str
    operation: str = ""
    variables: Mapping[str, JsonValue] = field(default_factory=dict)


def calls_in(interaction: Interaction) -> Iterator[tuple[GraphQLCall, JsonValue, Steps]]:
    """
    Each call with its answer, and the way to that within the body of the response.
    """
    sent, answered = _sent(interaction.request), json_of(interaction.response.body)
    several = isinstance(sent, Sequence) and not isinstance(sent, str) and sent is not NOTHING
    calls = list(sent) if several and isinstance(sent, Sequence) else [sent]
    answers = list(answered) if several and isinstance(answered, list | tuple) else [answered]
    for number, one in enumerate(calls):
        call = _call(one)
        if call is not None:
            answer = answers[number] if number < len(answers) else NOTHING
            yield call, answer, (number,) if several else ()


def _sent(request: StoredRequest) -> JsonValue:
    if media_type(request.headers) == "application/graphql" and isinstance(request.body, TextBody):
        return {"query": request.body.text}
    sent = json_of(request.body)
    if sent is not NOTHING:
        return sent
    # With files beside it, an operation is one part of several.
    fields = {name: values[0] for name, values in fields_in(request.body, request.headers).items()}
    return fields.get("operations", fields) if fields else dict(request.query)


def _call(sent: JsonValue) -> GraphQLCall | None:
    if not isinstance(sent, Mapping):
        return None
    query, operation, variables = (sent.get(key) for key in ("query", "operationName", "variables"))
    if not isinstance(query, str):
        return None
    if isinstance(variables, str):
        _, variables = parse_json(variables.encode("utf-8", "surrogatepass"))
    return GraphQLCall(
        query=query,
        operation=operation if isinstance(operation, str) else "",
        variables=variables if isinstance(variables, Mapping) else {},
    )
