"""
gql on httpx2.
"""

from __future__ import annotations

from functools import partial

from gql.transport.httpx import HTTPXTransport

from tests.toolkit.clients.suite import gql_http

json_object = partial(gql_http.json_object, HTTPXTransport)
json_list = partial(gql_http.json_list, HTTPXTransport)
multipart_text = partial(gql_http.multipart_text, HTTPXTransport)
error = partial(gql_http.error, HTTPXTransport)
