"""
gql on requests.
"""

from __future__ import annotations

from functools import partial

from gql.transport.requests import RequestsHTTPTransport

from tests.toolkit.clients.suite import gql_http

json_object = partial(gql_http.json_object, RequestsHTTPTransport)
json_list = partial(gql_http.json_list, RequestsHTTPTransport)
multipart_text = partial(gql_http.multipart_text, RequestsHTTPTransport)
error = partial(gql_http.error, RequestsHTTPTransport)
