"""
Answers of the REST API: the envelope and what it may hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from mesh_inmemory import javascript

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesh_inmemory.errors import MeshError


class JsonText(Response):
    """
    An answer whose JSON is already text.
    """

    media_type = "application/json; charset=utf-8"


def one(document: str) -> Response:
    return JsonText(f'{{"success":true,"data":{document}}}')


def data(value: object) -> Response:
    return one(javascript.dumps(value))


def page(documents: Sequence[str], *, total: int, more: bool) -> Response:
    listed = ",".join(documents)
    return JsonText(
        f'{{"success":true,"data":[{listed}],"total":{total},"hasMore":{javascript.dumps(more)}}}'
    )


def refusal(error: MeshError) -> Response:
    return JsonText(javascript.dumps(error.envelope()), status_code=error.status)
